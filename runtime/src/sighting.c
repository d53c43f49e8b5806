/* sighting.c - what many runs show. A list: a program has few places that leak. */
#include "sighting.h"
#include "panic.h"

#include <stdlib.h>
#include <string.h>

static struct rt_sighting *find(struct rt_sightings *seen, const char *line)
{
    for (size_t i = 0; i < seen->count; i++)
        if (strcmp(seen->all[i].line, line) == 0)
            return &seen->all[i];
    if (seen->count == seen->room) {
        seen->room = seen->room ? 2 * seen->room : 16;
        seen->all = realloc(seen->all, seen->room * sizeof *seen->all);
        if (!seen->all)
            rt_out_of_memory();
    }
    seen->all[seen->count] = (struct rt_sighting){ .line = strdup(line), .first = UINT64_MAX };
    if (!seen->all[seen->count].line)
        rt_out_of_memory();
    return &seen->all[seen->count++];
}

void rt_sightings_add(struct rt_sightings *seen, const char *line, uint64_t seed)
{
    struct rt_sighting *s = find(seen, line);

    if (s->runs > 0 && s->last == seed)
        return;
    s->last = seed;
    s->runs++;
    if (seed < s->first)
        s->first = seed;
}

static int by_first(const void *a, const void *b)
{
    const struct rt_sighting *left = a, *right = b;

    if (left->first != right->first)
        return left->first < right->first ? -1 : 1;
    return strcmp(left->line, right->line);
}

void rt_sightings_print(struct rt_sightings *seen, const char *name, unsigned runs, FILE *out)
{
    if (seen->count > 0)
        qsort(seen->all, seen->count, sizeof *seen->all, by_first);
    for (size_t i = 0; i < seen->count; i++)
        fprintf(out, "%s, first seen with %s%llu (%u of %u runs)\n", seen->all[i].line, name,
                (unsigned long long)seen->all[i].first, seen->all[i].runs, runs);
    fflush(out);
}

void rt_sightings_free(struct rt_sightings *seen)
{
    for (size_t i = 0; i < seen->count; i++)
        free(seen->all[i].line);
    free(seen->all);
    *seen = (struct rt_sightings){ .count = 0 };
}
