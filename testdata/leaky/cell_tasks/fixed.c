/* Every cell of a table is computed by a task of its own, and all results are collected. */
#include <stdio.h>
#include <stdlib.h>

#include "chanrt.h"

struct table {
    int     rows, columns;
    chan_t *cells;                      /* int */
};

struct cell {
    struct table *table;
    int           row, column;
};

static void cell_compute(void *arg)
{
    struct cell *cell = arg;
    int value = cell->row * cell->table->columns + cell->column;

    chan_send(cell->table->cells, &value);
}

static void table_start(struct table *t)
{
    for (int r = 0; r < t->rows; r++)
        for (int c = 0; c < t->columns; c++)
            task_spawn_copy(cell_compute, (&(struct cell){ t, r, c }), sizeof(struct cell));
}

static long table_sum(struct table *t)
{
    long sum = 0;
    int value;

    for (int i = 0; i < t->rows * t->columns; i++) {
        chan_recv(t->cells, &value);
        sum += value;
    }
    return sum;
}

int main(int argc, char **argv)
{
    static struct table t = { .rows = 3, .columns = 4 };

    if (argc > 2) {
        t.rows = atoi(argv[1]);
        t.columns = atoi(argv[2]);
    }
    if (t.rows < 1 || t.columns < 1)
        return 1;
    t.cells = chan_make(int, 0);
    table_start(&t);
    printf("%ld\n", table_sum(&t));
    return 0;
}
