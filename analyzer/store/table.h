/* table.h - rows of values, as people and programs read them. */
#ifndef TABLE_H
#define TABLE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "arena.h"

enum cell_kind { CELL_NULL, CELL_INTEGER, CELL_REAL, CELL_TEXT };

struct cell {
    enum cell_kind kind;
    int64_t        integer;
    double         real;
    const char    *text;        /* of every kind; "" for NULL */
};

struct table {
    const char **names;         /* of its columns */
    uint32_t     column_count;
    struct cell *cells;         /* row after row */
    uint32_t     cell_count, cell_capacity;
};

/* Columns side by side, as wide as they have to be; names in bold with color. */
void table_print(const struct table *table, bool color, FILE *out);
void table_print_csv(const struct table *table, FILE *out);     /* RFC 4180, with a header */
void table_print_json(const struct table *table, FILE *out);    /* a list of objects */

#endif
