/* A channel's lock, which a worker comes to own (bias.h): by itself, with threads that have a
 * worker's state of their own; and through channels, where owners park inside, selects have more
 * channels than a worker has slots, and threads that are no workers and timers take it away. */
#include "check.h"
#include "bias.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static uint32_t dice(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* ---- one holder at a time ---- */

enum { LOCKS = 3, CONTENDERS_MOST = 8, EPOCHS = 40, BURST = 400 };

struct contest {
    struct rt_bias_lock lock[LOCKS];
    long                count[LOCKS];       /* under it, and no atomics */
    atomic_long         sum[LOCKS];
    atomic_long         owned;              /* times that the lock was its owner's */
    int                 bursts;
    pthread_barrier_t   epoch;
};

struct contender {
    struct contest   *contest;
    struct rt_worker *worker;               /* NULL: a thread that is none */
    uint32_t          seed;
};

static void use(struct contender *c, int i, unsigned slot)
{
    struct contest *t = c->contest;
    struct rt_bias_lock *lock = &t->lock[i];

    rt_bias_lock(lock, c->worker, slot);
    if (c->worker && atomic_load_explicit(&c->worker->inside[slot], memory_order_relaxed) == lock)
        atomic_fetch_add_explicit(&t->owned, 1, memory_order_relaxed);
    t->count[i]++;
    if (i + 1 < LOCKS && dice(&c->seed) % 8 == 0)
        use(c, i + 1, (slot + 1) % RT_INSIDE);
    rt_bias_unlock(lock, c->worker, slot);
    atomic_fetch_add_explicit(&t->sum[i], 1, memory_order_relaxed);
}

/* Whoever uses a lock for long owns it; then others come. After an epoch all is zero, as if
 * the channels had been freed and others made where they were. */
static void *contend(void *arg)
{
    struct contender *c = arg;
    struct contest *t = c->contest;

    for (int e = 0; e < EPOCHS; e++) {
        for (int b = 0; b < t->bursts; b++) {
            int i = (int)(dice(&c->seed) % LOCKS);

            for (uint32_t n = 1 + dice(&c->seed) % BURST; n > 0; n--)
                use(c, i, dice(&c->seed) % RT_INSIDE);
        }
        if (pthread_barrier_wait(&t->epoch) == PTHREAD_BARRIER_SERIAL_THREAD)
            memset(t->lock, 0, sizeof t->lock);
        pthread_barrier_wait(&t->epoch);
    }
    return NULL;
}

static void contest(int workers, bool with_thread)
{
    struct contest t = { .bursts = scaled(64) / workers };
    struct contender c[CONTENDERS_MOST + 1];
    pthread_t threads[CONTENDERS_MOST + 1];
    int n = workers + with_thread;

    pthread_barrier_init(&t.epoch, NULL, (unsigned)n);
    for (int i = 0; i < n; i++) {
        c[i] = (struct contender){ &t, NULL, 2463534242u + (unsigned)i };
        if (i < workers) {
            c[i].worker = aligned_alloc(64, sizeof *c[i].worker);
            assert_non_null(c[i].worker);
            memset(c[i].worker, 0, sizeof *c[i].worker);
        }
        assert_int_equal(pthread_create(&threads[i], NULL, contend, &c[i]), 0);
    }
    for (int i = 0; i < n; i++) {
        pthread_join(threads[i], NULL);
        free(c[i].worker);
    }
    pthread_barrier_destroy(&t.epoch);
    for (int i = 0; i < LOCKS; i++)
        assert_int_equal(t.count[i], atomic_load(&t.sum[i]));
    if (rt_barrier_possible && t.bursts > 4)
        assert_true(atomic_load(&t.owned) > 0);
}

static void one_holder_at_a_time(void **state)
{
    (void)state;
    for (int workers = 1; workers <= CONTENDERS_MOST; workers *= 2) {
        contest(workers, false);
        contest(workers, true);
    }
}

/* ---- through channels ---- */

enum { WIDTH = RT_INSIDE + 4, FAIR_TASKS = 6, STREAK = 300 };

struct fair {
    chan_t       *ch[WIDTH];
    wait_group_t  sellers;
    atomic_long   sold, bought;     /* sums of what was sent and received */
    int           each;
};

struct visitor {
    struct fair *fair;
    int          number;
};

/* So many uses in a row, by one worker if nobody comes by, that it owns the lock. */
static void streak(chan_t *ch)
{
    int value;

    for (int i = 0; i < STREAK; i++) {
        if (chan_cap(ch) == 0 || !chan_try_recv(ch, &value))
            return;
        chan_send(ch, &value);
    }
}

static void sell(void *arg)
{
    struct visitor *v = arg;
    struct fair *f = v->fair;
    uint32_t seed = 88675123u * (unsigned)(v->number + 1);

    for (int i = 1; i <= f->each; i++) {
        chan_t *ch = f->ch[dice(&seed) % WIDTH], *other = f->ch[dice(&seed) % WIDTH];

        atomic_fetch_add(&f->sold, i);
        switch (dice(&seed) % 4) {
        case 0:
            streak(ch);
            chan_send(ch, &i);
            break;
        case 1:
            chan_select(CHAN_SEND(ch, &i), CHAN_SEND(other, &i));
            break;
        case 2:
            while (chan_select_timeout(1 + dice(&seed) % 20000, CHAN_SEND(ch, &i)) < 0)
                ;
            break;
        default:
            chan_send(ch, &i);
        }
    }
    wait_group_done(&f->sellers);
}

/* From all of them at once, and a clock now and then; ends when all are closed. */
static void buy(struct fair *f, uint32_t seed)
{
    chan_case_t cases[WIDTH + 1];
    int value[WIDTH], open = WIDTH;
    bool ok[WIDTH];

    for (int i = 0; i < WIDTH; i++)
        cases[i] = (chan_case_t)CHAN_RECV_OK(f->ch[i], &value[i], &ok[i]);
    while (open > 0) {
        chan_t *clock = dice(&seed) % 16 == 0 ? chan_after(1 + dice(&seed) % 20000) : NULL;
        int got;

        cases[WIDTH] = (chan_case_t)CHAN_RECV(clock, NULL);
        got = chan_select_n(cases, WIDTH + 1);
        chan_release(clock);
        if (got == WIDTH)
            continue;
        if (ok[got]) {
            atomic_fetch_add(&f->bought, value[got]);
        } else {
            cases[got].ch = NULL;
            open--;
        }
    }
}

static void buy_as_task(void *arg)
{
    struct visitor *v = arg;

    buy(v->fair, 521288629u + (unsigned)v->number);
}

static void *buy_as_thread(void *arg)
{
    buy(arg, 1234567u);
    return NULL;
}

/* Each round makes its channels where those of the last one were. */
static void owners_and_others(void **state)
{
    (void)state;
    for (int round = 0; round < scaled(12); round++) {
        struct fair f = { .each = scaled(800) };
        leak_check_t lc = leak_check_begin();
        pthread_t thread;

        for (int i = 0; i < WIDTH; i++)
            f.ch[i] = chan_make(int, (size_t)i % 4);
        wait_group_add(&f.sellers, FAIR_TASKS);
        for (int i = 0; i < FAIR_TASKS; i++) {
            task_go(sell, (struct visitor){ &f, i });
            task_go(buy_as_task, (struct visitor){ &f, i });
        }
        assert_int_equal(pthread_create(&thread, NULL, buy_as_thread, &f), 0);
        wait_group_wait(&f.sellers);
        for (int i = 0; i < WIDTH; i++)
            chan_close(f.ch[i]);
        pthread_join(thread, NULL);
        assert_all_finished(lc);
        assert_int_equal(atomic_load(&f.bought), atomic_load(&f.sold));
        for (int i = 0; i < WIDTH; i++)
            chan_release(f.ch[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_holder_at_a_time),
        cmocka_unit_test(owners_and_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
