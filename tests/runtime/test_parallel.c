/* With more than one worker: what one leaves lying, because it computes or waits in the kernel,
 * or because its tasks keep it busy with each other, another one finds soon, whatever it did
 * before. Here it is waited for without giving way, so that otherwise nothing ever moves. */
#include "check.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

enum { WORKERS_MOST = 16, SPINS = 200, GIVE_UP_S = 60 };

/* Without CHANRT_THREADS there may be a single worker. */
static int workers(void)
{
    const char *threads = getenv("CHANRT_THREADS");
    int n = threads ? atoi(threads) : 1;

    return n < WORKERS_MOST ? n : WORKERS_MOST;
}

static uint32_t dice(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* Computes until count has come to goal. */
static void compute_until(atomic_long *count, long goal, const char *what)
{
    int64_t end = now() + GIVE_UP_S * TASK_SECOND;

    for (unsigned spins = 1; atomic_load(count) < goal; spins++) {
        if (spins % SPINS != 0)
            continue;
        sched_yield();              /* to a thread: there may be fewer processors */
        if (now() > end) {
            fprintf(stderr, "%s: %ld of %ld\n", what, atomic_load(count), goal);
            task_dump(stderr);
            abort();
        }
    }
}

/* ---- what there was before ---- */

static void send_signal(void *arg)
{
    chan_send(arg, NULL);
}

static void spawn_and_join(chan_t *ch, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        task_spawn(send_signal, ch);
    for (unsigned i = 0; i < n; i++)
        chan_recv(ch, NULL);
}

/* Short turns for up to two milliseconds, after which others no longer expect to be needed; and
 * pauses, in which they fall asleep. */
static void do_something_before(uint32_t *seed)
{
    chan_t *ch = chan_create(0, dice(seed) % 2 * 64);

    for (uint32_t n = dice(seed) % 3; n > 0; n--) {
        for (uint32_t times = dice(seed) % (uint32_t)scaled(40); times > 0; times--)
            spawn_and_join(ch, dice(seed) % 600);
        if (dice(seed) % 4 == 0)
            task_sleep((int64_t)(dice(seed) % 3000) * TASK_MICROSECOND);
    }
    chan_release(ch);
}

/* ---- all workers at once ---- */

struct meeting {
    atomic_long here;
    int         all;
    chan_t     *over;
    uint32_t    seed;
};

static void meet(struct meeting *m)
{
    atomic_fetch_add(&m->here, 1);
    compute_until(&m->here, m->all, "tasks that run at once");
    chan_send(m->over, NULL);
}

static void meet_in_task(void *arg)
{
    meet(arg);
}

static void bring_the_others(void *arg)
{
    struct meeting *m = arg;

    do_something_before(&m->seed);
    for (int i = 1; i < m->all; i++)
        task_spawn(meet_in_task, m);
    meet(m);
}

/* Each brings one more, from whatever worker it is on. */
static void bring_one(void *arg)
{
    struct meeting *m = arg;

    do_something_before(&m->seed);
    if (atomic_fetch_add(&m->here, 1) + 1 < m->all)
        task_spawn(bring_one, m);
    compute_until(&m->here, m->all, "tasks that run at once, each started by the one before");
    chan_send(m->over, NULL);
}

static void meet_after_sleep(void *arg)
{
    struct meeting *m = arg;

    task_sleep(TASK_MILLISECOND / 2);
    meet(m);
}

static void start_one(struct meeting *m)
{
    task_spawn(bring_the_others, m);
}

static void start_chain(struct meeting *m)
{
    task_spawn(bring_one, m);
}

static void start_all_from_here(struct meeting *m)
{
    for (int i = 0; i < m->all; i++)
        task_spawn(meet_in_task, m);
}

static void start_all_by_clock(struct meeting *m)
{
    for (int i = 0; i < m->all; i++)
        task_spawn(meet_after_sleep, m);
}

/* They meet again and again; all but the first start have nothing to do with each other. */
static void meetings(void (*start)(struct meeting *), int count)
{
    leak_check_t lc = leak_check_begin();
    struct meeting m = { .all = workers(), .over = chan_create(0, WORKERS_MOST),
                         .seed = 88675123u };

    if (m.all < 2)
        count = 0;
    for (; count > 0; count--) {
        atomic_store(&m.here, 0);
        start(&m);
        for (int i = 0; i < m.all; i++)
            chan_recv(m.over, NULL);
        if (dice(&m.seed) % 2)
            assert_all_finished(lc);
    }
    assert_all_finished(lc);
    chan_release(m.over);
}

static void fresh_tasks_of_a_worker_that_computes(void **state)
{
    (void)state;
    meetings(start_one, scaled(150));
}

static void fresh_tasks_one_after_the_other(void **state)
{
    (void)state;
    meetings(start_chain, scaled(100));
}

static void tasks_from_a_thread(void **state)
{
    (void)state;
    meetings(start_all_from_here, scaled(150));
}

static void tasks_made_ready_by_the_clock(void **state)
{
    (void)state;
    meetings(start_all_by_clock, scaled(100));
}

/* ---- a worker in the kernel ---- */

struct pipe_pair { int end[2]; };

static void write_a_byte(void *arg)
{
    assert_int_equal(write(((struct pipe_pair *)arg)->end[1], "", 1), 1);
}

static void read_a_byte(void *arg)
{
    struct meeting *m = arg;
    struct pipe_pair p;
    char byte;

    do_something_before(&m->seed);
    assert_int_equal(pipe(p.end), 0);
    task_spawn(write_a_byte, &p);
    assert_int_equal(read(p.end[0], &byte, 1), 1);
    close(p.end[0]);
    close(p.end[1]);
    chan_send(m->over, NULL);
}

static void fresh_task_of_a_worker_in_the_kernel(void **state)
{
    leak_check_t lc = leak_check_begin();
    struct meeting m = { .over = chan_create(0, 0), .seed = 362436069u };
    int count = workers() < 2 ? 0 : scaled(150);

    (void)state;
    for (; count > 0; count--) {
        task_spawn(read_a_byte, &m);
        chan_recv(m.over, NULL);
    }
    assert_all_finished(lc);
    chan_release(m.over);
}

/* ---- a worker whose tasks keep each other going ---- */

enum { TURNS = 1000 };

struct talk {
    chan_t     *there, *back;
    atomic_bool stop;
    atomic_long turns;
};

static void ask(void *arg)
{
    struct talk *t = arg;

    while (!atomic_load(&t->stop)) {
        chan_send(t->there, NULL);
        chan_recv(t->back, NULL);
        atomic_fetch_add(&t->turns, 1);
    }
    chan_close(t->there);
}

static void answer(void *arg)
{
    struct talk *t = arg;

    while (chan_recv(t->there, NULL))
        chan_send(t->back, NULL);
}

struct listening { struct talk *talk; chan_t *over; };

/* Wherever this is started, the talkers must go on elsewhere. */
static void compute_while_they_talk(void *arg)
{
    struct listening *l = arg;

    compute_until(&l->talk->turns, atomic_load(&l->talk->turns) + TURNS, "turns of the talkers");
    chan_send(l->over, NULL);
}

/* The talkers are on its worker, or will be: they were started here. */
static void start_among_talkers(void *arg)
{
    struct listening *l = arg;

    task_spawn(ask, l->talk);
    task_spawn(answer, l->talk);
    for (int i = scaled(100); i > 0; i--) {
        chan_t *over = chan_create(0, 0);

        task_go(compute_while_they_talk, (struct listening){ l->talk, over });
        chan_recv(over, NULL);
        chan_release(over);
    }
    atomic_store(&l->talk->stop, true);
    chan_send(l->over, NULL);
}

static void fresh_task_beside_talkers(void **state)
{
    leak_check_t lc = leak_check_begin();
    struct talk t = { .there = chan_create(0, 0), .back = chan_create(0, 0) };
    struct listening l = { &t, chan_create(0, 0) };

    (void)state;
    if (workers() > 1) {
        task_spawn(start_among_talkers, &l);
        chan_recv(l.over, NULL);
    }
    assert_all_finished(lc);
    chan_release(t.there);
    chan_release(t.back);
    chan_release(l.over);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fresh_tasks_of_a_worker_that_computes),
        cmocka_unit_test(fresh_tasks_one_after_the_other),
        cmocka_unit_test(tasks_from_a_thread),
        cmocka_unit_test(tasks_made_ready_by_the_clock),
        cmocka_unit_test(fresh_task_of_a_worker_in_the_kernel),
        cmocka_unit_test(fresh_task_beside_talkers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
