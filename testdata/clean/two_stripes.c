/* A table with a lock for each stripe of it. Two entries are swapped under the locks of both
 * stripes, which are taken in the order of their numbers, and one lock only when both are the same. */
#include <stdlib.h>

#include "chanrt.h"

enum { STRIPES = 4, ENTRIES = 64 };

struct table {
    task_mutex_t stripe[STRIPES];
    int          entry[ENTRIES];
};

struct swap {
    struct table *table;
    unsigned      a, b;
    wait_group_t *done;
};

static void table_lock(struct table *t, unsigned a, unsigned b)
{
    unsigned first = a % STRIPES, second = b % STRIPES;

    if (first > second) {
        unsigned other = first;

        first = second;
        second = other;
    }
    task_mutex_lock(&t->stripe[first]);
    if (first != second)
        task_mutex_lock(&t->stripe[second]);
}

static void table_unlock(struct table *t, unsigned a, unsigned b)
{
    unsigned first = a % STRIPES, second = b % STRIPES;

    task_mutex_unlock(&t->stripe[first]);
    if (first != second)
        task_mutex_unlock(&t->stripe[second]);
}

static void table_swap(void *arg)
{
    struct swap *s = arg;
    int kept;

    table_lock(s->table, s->a, s->b);
    kept = s->table->entry[s->a];
    s->table->entry[s->a] = s->table->entry[s->b];
    s->table->entry[s->b] = kept;
    table_unlock(s->table, s->a, s->b);
    wait_group_done(s->done);
}

int main(int argc, char **argv)
{
    struct table *t = calloc(1, sizeof *t);
    wait_group_t done = { 0 };
    struct swap s = { t, 0, 1, &done };

    if (!t)
        return 1;
    s.a = (argc > 1 ? (unsigned)atoi(argv[1]) : 6) % ENTRIES;
    s.b = (argc > 2 ? (unsigned)atoi(argv[2]) : 9) % ENTRIES;
    wait_group_add(&done, 1);
    task_spawn(table_swap, &s);
    wait_group_wait(&done);
    free(t);
    return 0;
}
