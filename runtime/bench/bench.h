/* bench.h - rows of the runtime's benchmark.
 *
 * A row is BENCH(name) { ... } in any file here, row("name", func(n int) { ... }) in any
 * file of go/, and a line in ROWS of `run`. Both sides do the same n times; the time
 * of the body, divided by n, is what is printed.
 */
#ifndef BENCH_H
#define BENCH_H

#include <chanrt.h>

struct bench_row {
    const char       *name;
    void            (*run)(size_t n);
    struct bench_row *next;
};

void bench_register(struct bench_row *row);

/* Resident bytes of the process. */
double bench_resident(void);

/* A row that measures something else than its time says what, per item. */
extern double bench_value;

#define BENCH(row_name)                                                               \
    static void row_name(size_t n);                                                   \
    __attribute__((constructor)) static void register_##row_name(void)                \
    {                                                                                 \
        static struct bench_row row = { .name = #row_name, .run = row_name };         \
                                                                                      \
        bench_register(&row);                                                         \
    }                                                                                 \
    static void row_name(size_t n)

#endif
