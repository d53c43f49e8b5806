/* A channel's buffer: elements of any size, over and over its end, put and taken by a worker
 * that owns the channel, by threads that own none, and in seeded runs. */
#include "check.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE_MOST = 24, CANARY = 0xa5, CANARIES = 8 };

static const size_t sizes[] = { 0, 1, 2, 3, 4, 5, 8, 12, 16, SIZE_MOST };
static const size_t capacities[] = { 1, 2, 3, 7, 64 };

#define COUNT(array) (sizeof (array) / sizeof *(array))

static uint32_t dice(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* ---- elements ---- */

struct room { unsigned char bytes[SIZE_MOST + CANARIES]; };

static unsigned char pattern(unsigned number, size_t at)
{
    return (unsigned char)(number * 31 + (number >> 8) + at * 7);
}

static struct room element(size_t size, unsigned number)
{
    struct room e;

    for (size_t i = 0; i < size; i++)
        e.bytes[i] = pattern(number, i);
    memset(e.bytes + size, CANARY, sizeof e.bytes - size);
    return e;
}

static struct room untouched(void)
{
    struct room e;

    memset(e.bytes, CANARY, sizeof e.bytes);
    return e;
}

static void assert_is(const struct room *got, size_t size, unsigned number)
{
    struct room wanted = element(size, number);

    assert_memory_equal(got->bytes, wanted.bytes, sizeof wanted.bytes);
}

/* ---- against a model: the numbers from taken up to put are in the buffer ---- */

struct model {
    chan_t  *ch;
    size_t   size, capacity;
    unsigned put, taken;
    uint32_t seed;
    int      steps;
    chan_t  *over;
};

static void put(struct model *m)
{
    struct room e = element(m->size, m->put);
    bool full = m->put - m->taken == m->capacity;

    if (full || dice(&m->seed) % 4 == 0)
        assert_int_equal(chan_try_send(m->ch, &e), !full);
    else
        chan_send(m->ch, &e);
    m->put += !full;
}

static void take(struct model *m)
{
    struct room e = untouched();
    bool empty = m->put == m->taken;
    uint32_t way = dice(&m->seed) % 8;
    void *to = way < 2 ? NULL : &e;

    if (empty || way % 2 == 0)
        assert_int_equal(chan_try_recv(m->ch, to), !empty);
    else
        assert_true(chan_recv(m->ch, to));
    if (!empty && to)
        assert_is(&e, m->size, m->taken);
    else
        assert_is(&e, 0, 0);
    m->taken += !empty;
}

static void use(struct model *m, int steps)
{
    while (steps-- > 0) {
        if (dice(&m->seed) % 2)
            put(m);
        else
            take(m);
        assert_int_equal(chan_len(m->ch), m->put - m->taken);
    }
}

/* What is in the buffer of a closed channel still comes, then zeros. */
static void drain(struct model *m)
{
    struct room e = untouched();

    chan_close(m->ch);
    while (m->taken != m->put) {
        assert_true(chan_recv(m->ch, &e));
        assert_is(&e, m->size, m->taken++);
    }
    assert_false(chan_recv(m->ch, &e));
    for (size_t i = 0; i < sizeof e.bytes; i++)
        assert_int_equal(e.bytes[i], i < m->size ? 0 : CANARY);
    assert_false(chan_recv(m->ch, NULL));
}

static void use_in_task(void *arg)
{
    struct model *m = arg;

    use(m, m->steps);
    chan_send(m->over, NULL);
}

static void drain_in_task(void *arg)
{
    struct model *m = arg;

    use(m, m->steps);
    drain(m);
    chan_send(m->over, NULL);
}

/* A worker uses the channel long enough to own it, then a thread takes it away. */
static void by_turns(struct model *m)
{
    for (int turn = 0; turn < 4; turn++) {
        task_spawn(use_in_task, m);
        chan_recv(m->over, NULL);
        use(m, m->steps / 50);
    }
    if (m->seed % 2) {
        drain(m);
        return;
    }
    task_spawn(drain_in_task, m);
    chan_recv(m->over, NULL);
}

static void each_model(void (*with)(struct model *), int steps)
{
    uint32_t seed = 2463534242u;

    for (size_t s = 0; s < COUNT(sizes); s++)
        for (size_t c = 0; c < COUNT(capacities); c++) {
            struct model m = {
                .ch = chan_create(sizes[s], capacities[c]),
                .size = sizes[s], .capacity = capacities[c],
                .seed = dice(&seed), .steps = steps, .over = chan_create(0, 0),
            };

            with(&m);
            chan_release(m.ch);
            chan_release(m.over);
        }
}

static void elements_of_any_size_come_whole(void **state)
{
    leak_check_t lc = leak_check_begin();

    (void)state;
    each_model(by_turns, 100 + scaled(400));
    assert_all_finished(lc);
}

static void model_in_seeded_run(void *arg)
{
    (void)arg;
    each_model(by_turns, 100);
}

static void also_in_seeded_runs(void **state)
{
    (void)state;
    assert_int_equal(leak_check_explore(model_in_seeded_run, NULL, 1, 3, stderr), 0);
}

/* ---- streams: both sides wait for each other at times ---- */

struct stream {
    chan_t *ch;
    size_t  size;
    int     count;
};

static void send_all(void *arg)
{
    struct stream *s = arg;

    for (int i = 0; i < s->count; i++) {
        struct room e = element(s->size, (unsigned)i);

        chan_send(s->ch, &e);
    }
    chan_close(s->ch);
}

static void receive_all(struct stream *s)
{
    struct room e = untouched();
    int count = 0;

    while (chan_recv(s->ch, &e))
        assert_is(&e, s->size, (unsigned)count++);
    assert_int_equal(count, s->count);
}

static void receive_in_task(void *arg)
{
    receive_all(arg);
}

static void each_stream(void (*receive)(void *), int count)
{
    for (size_t s = 0; s < COUNT(sizes); s++)
        for (size_t c = 0; c < COUNT(capacities); c++) {
            leak_check_t lc = leak_check_begin();
            struct stream stream = { chan_create(sizes[s], capacities[c]), sizes[s], count };

            task_spawn(send_all, &stream);
            if (receive)
                task_spawn(receive, &stream);
            else
                receive_all(&stream);
            assert_all_finished(lc);
            chan_release(stream.ch);
        }
}

static void streams_between_tasks(void **state)
{
    (void)state;
    each_stream(receive_in_task, scaled(3000));
}

static void streams_to_a_thread(void **state)
{
    (void)state;
    each_stream(NULL, scaled(500));
}

/* ---- one element makes room for, or is for, a task that waits ---- */

struct wait_here { chan_t *ch, *over; };

static void send_one(void *arg)
{
    struct wait_here *w = arg;

    chan_send_value(w->ch, 3);
    chan_send(w->over, NULL);
}

static void receive_one(void *arg)
{
    struct wait_here *w = arg;
    int got;

    assert_true(chan_recv(w->ch, &got));
    assert_int_equal(got, 4);
    chan_send(w->over, NULL);
}

static void assert_over_soon(struct wait_here *w)
{
    assert_int_equal(chan_select_timeout(10 * TASK_SECOND, CHAN_RECV(w->over, NULL)), 0);
}

/* So often that the worker owns the channel, if nobody takes it away meanwhile. */
static void use_alone(chan_t *ch)
{
    for (int v = 0; v < 200; v++) {
        chan_send(ch, &v);
        chan_recv(ch, &v);
    }
}

static void serve_both(void *arg)
{
    struct wait_here w = { chan_make(int, 2), chan_create(0, 0) };
    int v = 0;

    use_alone(w.ch);
    chan_send(w.ch, &v);
    chan_send(w.ch, &v);
    task_spawn(send_one, &w);
    task_sleep(MS);
    chan_recv(w.ch, &v);
    assert_over_soon(&w);
    assert_int_equal(chan_len(w.ch), 2);
    chan_recv(w.ch, &v);
    chan_recv(w.ch, &v);
    assert_int_equal(v, 3);
    task_spawn(receive_one, &w);
    task_sleep(MS);
    v = 4;
    chan_send(w.ch, &v);
    assert_over_soon(&w);
    assert_int_equal(chan_len(w.ch), 0);
    chan_release(w.ch);
    chan_release(w.over);
    chan_send(arg, NULL);
}

static void who_waits_is_served_at_once(void **state)
{
    leak_check_t lc = leak_check_begin();
    chan_t *over = chan_create(0, 0);

    (void)state;
    for (int i = 0; i < scaled(20); i++) {
        task_spawn(serve_both, over);
        chan_recv(over, NULL);
    }
    assert_all_finished(lc);
    chan_release(over);
}

/* ---- two tasks and a thread, all at both ends ---- */

enum { EACH = 2000, SUMS = 3 };

struct pit {
    chan_t     *ch;
    atomic_long in, out;
    int         each;
    chan_t     *over;
};

/* Puts what it can, takes what it can: a sum of 12 bytes each. */
static void put_and_take(struct pit *p)
{
    uint32_t e[SUMS], got[SUMS];

    for (uint32_t i = 0; i < (uint32_t)p->each; i++) {
        e[0] = i;
        e[1] = 2 * i;
        e[2] = 3 * i;
        if (chan_try_send(p->ch, e))
            atomic_fetch_add(&p->in, i);
        chan_send(p->ch, e);
        atomic_fetch_add(&p->in, i);
        for (int n = 1 + (chan_len(p->ch) > 8); n > 0; n--) {
            assert_true(chan_recv(p->ch, got));
            assert_int_equal(got[1], 2 * got[0]);
            assert_int_equal(got[2], 3 * got[0]);
            atomic_fetch_add(&p->out, got[0]);
        }
    }
}

static void pit_task(void *arg)
{
    struct pit *p = arg;

    put_and_take(p);
    chan_send(p->over, NULL);
}

static void *pit_thread(void *arg)
{
    put_and_take(arg);
    return NULL;
}

/* None can block for ever: each has put at least as many as it takes, and there is room for one
 * from each beside what make them take two. */
static void owners_and_others_at_both_ends(void **state)
{
    leak_check_t lc = leak_check_begin();
    struct pit p = { .ch = chan_create(sizeof(uint32_t[SUMS]), 64), .each = scaled(EACH),
                     .over = chan_create(0, 0) };
    uint32_t left[SUMS];
    pthread_t thread;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, pit_thread, &p), 0);
    task_spawn(pit_task, &p);
    task_spawn(pit_task, &p);
    chan_recv(p.over, NULL);
    chan_recv(p.over, NULL);
    pthread_join(thread, NULL);
    while (chan_try_recv(p.ch, left))
        atomic_fetch_add(&p.out, left[0]);
    assert_int_equal(atomic_load(&p.in), atomic_load(&p.out));
    assert_all_finished(lc);
    chan_release(p.ch);
    chan_release(p.over);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_of_any_size_come_whole),
        cmocka_unit_test(also_in_seeded_runs),
        cmocka_unit_test(streams_between_tasks),
        cmocka_unit_test(streams_to_a_thread),
        cmocka_unit_test(who_waits_is_served_at_once),
        cmocka_unit_test(owners_and_others_at_both_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
