/* libFuzzer on the reader of rule pages: a page is a rule, or is refused with its name and
 * a line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input.h"
#include "rule.h"

/* The page bears the name that its first line says, so that its title is right. */
static const char *path_of(const char *text, struct arena *arena)
{
    const char *name = strncmp(text, "# ", 2) ? "page" : text + 2;

    return arena_printf(arena, "rules/%.*s.md", (int)strcspn(name, ":/\n"), name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    const char *text = input_text(data, size, arena), *path = path_of(text, arena), *error;
    struct rules rules = { 0 };

    if (rules_add(&rules, path, text, arena, &error)) {
        const struct rule *r = &rules.list[0];

        if (rules.count != 1 || !r->title || !r->message || !r->help || !r->query)
            abort();
    } else if (!error || strncmp(error, path, strlen(path)) || strchr(error, '\n')) {
        abort();
    }
    arena_free(arena);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    return input_mutate(data, size, max_size, seed);
}
