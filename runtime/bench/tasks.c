/* tasks.c - rows: many tasks. */
#include "bench.h"

#include <stdatomic.h>
#include <stdlib.h>

/* ---- spawning ---- */

struct send_once {
    chan_t       *ch;
    wait_group_t *joined;
    int           value;
};

static void send_once(void *arg)
{
    struct send_once *s = arg;

    chan_send(s->ch, &s->value);
    wait_group_done(s->joined);
}

enum { SPAWN_ROUND = 1000 };

/* n tasks in rounds of 1,000 */
BENCH(spawn_send_join)
{
    chan_t *ch = chan_make(int, 0);
    wait_group_t joined = { 0 };
    int value;

    for (size_t round = 0; round < n / SPAWN_ROUND; round++) {
        for (int i = 0; i < SPAWN_ROUND; i++) {
            wait_group_add(&joined, 1);
            task_go(send_once, (struct send_once){ ch, &joined, i });
        }
        for (int i = 0; i < SPAWN_ROUND; i++)
            chan_recv(ch, &value);
        wait_group_wait(&joined);
    }
}

static void just_done(void *joined)
{
    wait_group_done(joined);
}

BENCH(spawn_wait)
{
    wait_group_t joined = { 0 };

    for (size_t i = 0; i < n; i++) {
        wait_group_add(&joined, 1);
        task_spawn(just_done, &joined);
    }
    wait_group_wait(&joined);
}

/* ---- a tree ---- */

enum { CHILDREN = 10 };

struct node {
    chan_t *sum;
    size_t  number, leaves;
};

/* Skynet (Alexander Temerev, github.com/atemerev/skynet): a leaf sends its number, an
 * inner node the sum of its ten children. */
static void skynet(void *arg)
{
    struct node *node = arg;
    uint64_t sum = 0, part;
    chan_t *sums;

    if (node->leaves == 1) {
        sum = node->number;
        chan_send(node->sum, &sum);
        return;
    }
    sums = chan_make(uint64_t, 0);
    for (size_t i = 0; i < CHILDREN; i++)
        task_go(skynet, (struct node){ sums, node->number + i * (node->leaves / CHILDREN),
                                       node->leaves / CHILDREN });
    for (int i = 0; i < CHILDREN; i++) {
        chan_recv(sums, &part);
        sum += part;
    }
    chan_release(sums);
    chan_send(node->sum, &sum);
}

/* n is a power of ten */
BENCH(tree)
{
    chan_t *ch = chan_make(uint64_t, 0);
    uint64_t sum;

    task_go(skynet, (struct node){ ch, 0, n });
    chan_recv(ch, &sum);
    if (sum != (uint64_t)n * (n - 1) / 2)
        abort();
}

/* ---- prime sieve ---- */

static void generate(void *arg)
{
    chan_t *out = arg;

    for (int i = 2;; i++)
        chan_send(out, &i);
}

struct filter {
    chan_t *in, *out;
    int     prime;
};

static void filter(void *arg)
{
    struct filter *f = arg;

    chan_range(int, i, f->in) {
        if (i % f->prime != 0)
            chan_send(f->out, &i);
    }
}

/* Doug McIlroy, "Squinting at Power Series", 1990; as in Go's documentation. */
BENCH(sieve)
{
    chan_t *ch = chan_make(int, 0);

    task_spawn(generate, ch);
    for (size_t i = 0; i < n; i++) {
        chan_t *next = chan_make(int, 0);
        int prime;

        chan_recv(ch, &prime);
        task_go(filter, (struct filter){ ch, next, prime });
        ch = next;
    }
}

/* ---- many at once ---- */

struct sleeper {
    chan_t       *start;
    wait_group_t *joined;
    int64_t       duration;
};

enum { NAPS = 5 };

static void sleeper(void *arg)
{
    struct sleeper *s = arg;

    chan_recv(s->start, NULL);
    for (int i = 0; i < NAPS; i++)
        task_sleep(s->duration);
    wait_group_done(s->joined);
}

/* All are there before the first one sleeps; each sleeps five times for 1 to 11 ms. */
BENCH(sleepers)
{
    chan_t *start = chan_create(0, 0);
    wait_group_t joined = { 0 };

    wait_group_add(&joined, (int)n);
    for (size_t i = 0; i < n; i++)
        task_go(sleeper, (struct sleeper){
            start, &joined, TASK_MILLISECOND + (int64_t)(i * 7919 % 1000) * 10000 });
    chan_close(start);
    wait_group_wait(&joined);
}

static atomic_size_t arrived;

static void wait_for_ever(void *arg)
{
    atomic_fetch_add(&arrived, 1);
    chan_recv(arg, NULL);
}

/* Resident bytes of n tasks that are blocked in a receive. */
BENCH(memory)
{
    chan_t *never = chan_create(0, 0);
    double before = bench_resident();

    for (size_t i = 0; i < n; i++)
        task_spawn(wait_for_ever, never);
    while (atomic_load(&arrived) < n)
        task_yield();
    task_sleep(10 * TASK_MILLISECOND);      /* the last have counted themselves, but run */
    bench_value = (bench_resident() - before) / (double)n;
}
