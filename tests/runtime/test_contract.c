/* Sentences of chanrt.h that no other test holds the runtime to. */
#include "check.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- any OS thread may call any function, and blocks in it as a task does ---- */

struct everything {
    chan_t       *ch, *never;
    task_mutex_t  mutex;
    task_rwlock_t lock;
    task_cond_t   cond;
    wait_group_t  wg;
    task_once_t   once;
    ctx_t        *ctx;
    bool          told;
    int           steps;
};

static int one(void *arg)
{
    task_yield();
    return *(int *)arg;
}

static void sleep_once(void *arg)
{
    task_sleep(MS);
    ++*(int *)arg;
}

/* What it waits for comes from the other side, always later. */
static void *wait_for_everything(void *arg)
{
    struct everything *e = arg;
    int error = EIO, v;
    task_group_t *group = task_group_create(e->ctx, 1);

    for (int i = 0; i < 3; i++)
        task_group_spawn(group, one, &error);
    assert_int_equal(task_group_wait(group), EIO);
    task_once(&e->once, sleep_once, &e->steps);
    assert_true(chan_recv(e->ch, &v));
    chan_send(e->ch, &v);
    assert_int_equal(chan_select(CHAN_RECV(e->never, NULL), CHAN_RECV(e->ch, &v)), 1);
    task_mutex_lock(&e->mutex);
    while (!e->told)
        task_cond_wait(&e->cond, &e->mutex);
    task_mutex_unlock(&e->mutex);
    task_rwlock_rdlock(&e->lock);
    task_rwlock_rdunlock(&e->lock);
    wait_group_wait(&e->wg);
    assert_false(chan_recv(ctx_done(e->ctx), NULL));
    return arg;
}

static void give_everything(struct everything *e)
{
    int v = 5;

    task_once(&e->once, sleep_once, &e->steps);
    assert_int_equal(e->steps, 1);
    task_rwlock_wrlock(&e->lock);
    chan_send(e->ch, &v);
    assert_true(chan_recv(e->ch, &v));
    task_sleep(MS);
    chan_send(e->ch, &v);
    task_sleep(MS);
    task_mutex_lock(&e->mutex);
    e->told = true;
    task_cond_signal(&e->cond);
    task_sleep(MS);
    task_mutex_unlock(&e->mutex);
    task_sleep(MS);
    task_rwlock_wrunlock(&e->lock);
    task_sleep(MS);
    wait_group_done(&e->wg);
    task_sleep(MS);
    ctx_cancel(e->ctx);
}

static void give_as_task(void *arg)
{
    give_everything(arg);
}

static struct everything everything(void)
{
    struct everything e = { .ch = chan_make(int, 0), .never = chan_make(int, 0),
                            .ctx = ctx_with_cancel(ctx_background()) };

    wait_group_add(&e.wg, 1);
    return e;
}

static void everything_release(struct everything *e)
{
    chan_release(e->ch);
    chan_release(e->never);
    ctx_release(e->ctx);
}

static void wait_as_task(void *arg)
{
    wait_for_everything(arg);
}

static void threads_and_tasks_wait_for_each_other(void **state)
{
    leak_check_t lc = leak_check_begin();
    struct everything thread_waits = everything(), task_waits = everything();
    pthread_t thread;

    (void)state;
    pthread_create(&thread, NULL, wait_for_everything, &thread_waits);
    task_spawn(give_as_task, &thread_waits);
    pthread_join(thread, NULL);
    task_spawn(wait_as_task, &task_waits);
    give_everything(&task_waits);
    assert_all_finished(lc);
    everything_release(&thread_waits);
    everything_release(&task_waits);
}

/* ---- every macro is a function, too ---- */

static void increment(void *arg)
{
    ++*(int *)arg;
}

static void increment_at(void *arg)
{
    ++**(int **)arg;
}

static void functions_of_tasks_and_time(void **state)
{
    leak_check_t lc = (leak_check_begin)();
    int count = 0, *at = &count;
    chan_t *after = (chan_after)(0);
    ticker_t *ticker = (ticker_create)(MS);

    (void)state;
    (task_spawn)(increment, &count);
    (task_sleep)(MS);
    assert_int_equal((leak_check_end)(lc, TASK_SECOND, stderr), 0);
    assert_int_equal(count, 1);
    (task_spawn_copy)(increment_at, &at, sizeof at);
    assert_int_equal((leak_check_end)(lc, TASK_SECOND, stderr), 0);
    assert_int_equal(count, 2);
    assert_true((chan_recv)(after, NULL));
    assert_true((chan_recv)(ticker_chan(ticker), NULL));
    ticker_stop(ticker);
    chan_release(after);
}

static void functions_of_channels(void **state)
{
    chan_t *ch = (chan_create)(sizeof(int), 1);
    int v = 3, w = 0;
    chan_case_t out[] = { CHAN_SEND(ch, &v) }, in[] = { CHAN_RECV(ch, &w) };

    (void)state;
    (chan_send_sized)(ch, &v, sizeof v);
    assert_false((chan_try_send)(ch, &v));
    assert_true((chan_try_recv)(ch, &w));
    assert_int_equal(w, 3);
    assert_int_equal((chan_select_n)(out, 1), 0);
    assert_int_equal((chan_poll_n)(out, 1), -1);
    assert_int_equal((chan_select_timeout_n)(out, 1, MS), -1);
    assert_int_equal((chan_poll_n)(in, 1), 0);
    (chan_close)(ch);
    chan_release(ch);
}

static void functions_of_waiting(void **state)
{
    wait_group_t wg = { { 0 } };
    task_mutex_t m = { { 0 } };
    task_rwlock_t l = { { 0 } };
    task_cond_t c = { { 0 } };
    task_once_t once = { { 0 } };
    int count = 0, five = 5;
    ctx_t *ctx = (ctx_with_cancel)(ctx_background()), *timed = (ctx_with_timeout)(ctx, 0);
    task_group_t *g = (task_group_create)(ctx, 0);

    (void)state;
    (wait_group_add)(&wg, 1);
    (wait_group_done)(&wg);
    (wait_group_wait)(&wg);
    (task_mutex_lock)(&m);
    assert_false((task_mutex_trylock)(&m));
    (task_mutex_unlock)(&m);
    (task_rwlock_rdlock)(&l);
    (task_rwlock_rdunlock)(&l);
    (task_rwlock_wrlock)(&l);
    (task_rwlock_wrunlock)(&l);
    (task_cond_signal)(&c);
    (task_cond_broadcast)(&c);
    (task_once)(&once, increment, &count);
    (task_once)(&once, increment, &count);
    assert_int_equal(count, 1);
    (task_group_spawn)(g, one, &five);
    assert_int_equal((task_group_wait)(g), 5);
    assert_int_equal(ctx_err(timed), ETIMEDOUT);
    ctx_release(timed);
    ctx_release(ctx);
}

/* ---- durations ---- */

static void sleep_for_ever(void *arg)
{
    task_sleep(*(int64_t *)arg);
}

static void the_longest_time_does_not_pass(void **state)
{
    int64_t longest = INT64_MAX;
    chan_t *after = chan_after(longest);
    ticker_t *ticker = ticker_create(longest);
    ctx_t *ctx = ctx_with_timeout(ctx_background(), longest);
    leak_check_t lc = leak_check_begin();
    FILE *nowhere = fopen("/dev/null", "w");

    (void)state;
    task_spawn_copy(sleep_for_ever, &longest, sizeof longest);
    assert_int_equal(chan_select_timeout(5 * MS, CHAN_RECV(after, NULL),
                                         CHAN_RECV(ticker_chan(ticker), NULL),
                                         CHAN_RECV(ctx_done(ctx), NULL)), -1);
    assert_int_equal(ctx_err(ctx), 0);
    assert_int_equal(leak_check_end(lc, 0, nowhere), 1);
    fclose(nowhere);
    chan_release(after);
    ticker_stop(ticker);
    ctx_release(ctx);
}

static void negative_times_are_over(void **state)
{
    chan_t *after = chan_after(-TASK_SECOND);
    ctx_t *ctx = ctx_with_timeout(ctx_background(), INT64_MIN);
    ticker_t *ticker = ticker_create(-1);

    (void)state;
    assert_true(chan_recv(after, NULL));
    assert_int_equal(ctx_err(ctx), ETIMEDOUT);
    assert_true(chan_recv(ticker_chan(ticker), NULL));
    assert_int_equal(chan_select_timeout_n(NULL, 0, INT64_MIN), -1);
    task_sleep(INT64_MIN);
    ticker_stop(ticker);
    ctx_release(ctx);
    chan_release(after);
}

static void timeout_without_cases_takes_its_time(void **state)
{
    int64_t start = now();

    (void)state;
    assert_int_equal(chan_select_timeout_n(NULL, 0, 5 * MS), -1);
    assert_true(now() - start >= 5 * MS);
}

static void the_first_reason_stays(void **state)
{
    ctx_t *cancelled = ctx_with_timeout(ctx_background(), 2 * MS);
    ctx_t *late = ctx_with_timeout(ctx_background(), MS);
    ctx_t *early = ctx_with_timeout(cancelled, 0);

    (void)state;
    ctx_cancel(cancelled);
    chan_recv(ctx_done(late), NULL);
    ctx_cancel(late);
    task_sleep(5 * MS);
    assert_int_equal(ctx_err(cancelled), ECANCELED);
    assert_int_equal(ctx_err(late), ETIMEDOUT);
    assert_int_equal(ctx_err(early), ETIMEDOUT);    /* its own time came first */
    ctx_release(cancelled);
    ctx_release(late);
    ctx_release(early);
}

/* ---- channels ---- */

static void try_recv_may_drop_and_leaves_alone(void **state)
{
    chan_t *ch = chan_make(int, 2);
    int v = 1;

    (void)state;
    chan_send(ch, &v);
    assert_true(chan_try_recv(ch, NULL));
    v = 9;
    assert_false(chan_try_recv(ch, &v));
    assert_int_equal(v, 9);
    chan_close(ch);
    assert_false(chan_try_recv(ch, &v));
    assert_int_equal(v, 9);
    assert_false(chan_recv(ch, NULL));
    chan_release(ch);
}

static void range_looks_at_the_channel_every_time(void **state)
{
    chan_t *both[] = { chan_make(int, 2), chan_make(int, 2) };
    int turn = 0, sum = 0;

    (void)state;
    for (int i = 0; i < 4; i++)
        chan_send_value(both[i % 2], 1 << i);
    chan_close(both[0]);
    chan_close(both[1]);
    chan_range(int, v, both[turn++ % 2])
        sum += v * turn;
    assert_int_equal(sum, 1 * 1 + 2 * 2 + 4 * 3 + 8 * 4);
    chan_release(both[0]);
    chan_release(both[1]);
}

static void large_elements_are_whole(void **state)
{
    enum { SIZE = 100000 };
    chan_t *ch = chan_create(SIZE, 2);
    unsigned char *in = malloc(SIZE), *out = malloc(SIZE);

    (void)state;
    for (int i = 0; i < SIZE; i++)
        in[i] = (unsigned char)(i * 7);
    chan_send(ch, in);
    chan_send(ch, in);
    assert_true(chan_recv(ch, out));
    assert_memory_equal(in, out, SIZE);
    chan_release(ch);       /* with an element in it */
    free(in);
    free(out);
}

/* ---- locks ---- */

struct waiting { task_mutex_t m; task_cond_t c; int woken; };

static void wait_once(void *arg)
{
    struct waiting *w = arg;

    task_mutex_lock(&w->m);
    task_cond_wait(&w->c, &w->m);
    w->woken++;
    task_mutex_unlock(&w->m);
}

static void signals_are_neither_kept_nor_multiplied(void **state)
{
    leak_check_t lc = leak_check_begin();
    struct waiting w = { .woken = 0 };

    (void)state;
    task_cond_signal(&w.c);         /* nobody waits: gone */
    task_cond_broadcast(&w.c);
    for (int i = 0; i < 5; i++)
        task_spawn(wait_once, &w);
    wait_until_blocked(5);
    task_cond_signal(&w.c);
    task_cond_signal(&w.c);
    wait_until_blocked(3);
    task_mutex_lock(&w.m);
    assert_int_equal(w.woken, 2);
    task_mutex_unlock(&w.m);
    task_cond_broadcast(&w.c);
    assert_all_finished(lc);
    task_mutex_lock(&w.m);
    assert_int_equal(w.woken, 5);
    task_mutex_unlock(&w.m);
}

static void unlock_read(void *arg)
{
    task_rwlock_rdunlock(arg);
}

static void unlock_write(void *arg)
{
    task_rwlock_wrunlock(arg);
}

static void rwlocks_have_no_owner(void **state)
{
    task_rwlock_t l = { { 0 } };
    leak_check_t lc = leak_check_begin();

    (void)state;
    task_rwlock_wrlock(&l);
    task_spawn(unlock_write, &l);
    task_rwlock_rdlock(&l);
    task_rwlock_rdlock(&l);
    task_spawn(unlock_read, &l);
    task_spawn(unlock_read, &l);
    task_rwlock_wrlock(&l);
    task_rwlock_wrunlock(&l);
    assert_all_finished(lc);
}

static void add_and_done(void *arg)
{
    wait_group_add(arg, 3);
    wait_group_add(arg, -3);
    wait_group_done(arg);
}

static void adds_may_come_while_others_wait(void **state)
{
    wait_group_t wg = { { 0 } };

    (void)state;
    for (int i = 0; i < scaled(500); i++) {
        wait_group_add(&wg, 2);
        task_spawn(add_and_done, &wg);
        task_spawn(add_and_done, &wg);
        wait_group_wait(&wg);
    }
}

/* ---- groups ---- */

static int until_cancelled(void *arg)
{
    chan_recv(ctx_done(*(ctx_t **)arg), NULL);
    return 0;
}

static void group_is_cancelled_with_its_parent(void **state)
{
    ctx_t *parent = ctx_with_cancel(ctx_background());
    task_group_t *g = task_group_create(parent, 0);
    ctx_t *ctx = task_group_ctx(g);

    (void)state;
    task_group_spawn(g, until_cancelled, &ctx);
    ctx_cancel(parent);
    assert_int_equal(task_group_wait(g), 0);
    assert_int_equal(task_group_wait(task_group_create(parent, 3)), 0);
    ctx_release(parent);
}

/* ---- main returns ---- */

static atomic_int begun;

static void go_on(void *arg)
{
    (void)arg;
    atomic_fetch_add(&begun, 1);
    for (;;)
        task_yield();
}

static void compute(void *arg)
{
    (void)arg;
    atomic_fetch_add(&begun, 1);
    for (;;)
        __asm__ volatile("");
}

static void receive(void *arg)
{
    atomic_fetch_add(&begun, 1);
    chan_recv(arg, NULL);
}

static void wait_for_begun(int tasks)
{
    while (atomic_load(&begun) < tasks)
        usleep(100);
}

static void return_with_tasks_running(void)
{
    chan_t *ch = chan_make(int, 0);

    for (int i = 0; i < 20; i++)
        task_spawn(go_on, NULL);
    task_spawn(receive, ch);
    wait_for_begun(21);
    task_spawn(compute, NULL);          /* takes a worker for good */
    wait_for_begun(22);
}

static const struct scenario scenarios[] = {
    { "return_with_tasks_running", return_with_tasks_running },
    { NULL, NULL },
};

static void process_ends_with_main(void **state)
{
    int64_t start = now();
    struct ended ended = check_child("return_with_tasks_running", NULL, NULL);

    (void)state;
    assert_string_equal(ended.err, "");
    assert_int_equal(ended.status, 0);
    assert_true(now() - start < 20 * TASK_SECOND);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_and_tasks_wait_for_each_other),
        cmocka_unit_test(functions_of_tasks_and_time),
        cmocka_unit_test(functions_of_channels),
        cmocka_unit_test(functions_of_waiting),
        cmocka_unit_test(negative_times_are_over),
        cmocka_unit_test(timeout_without_cases_takes_its_time),
        cmocka_unit_test(the_first_reason_stays),
        cmocka_unit_test(try_recv_may_drop_and_leaves_alone),
        cmocka_unit_test(range_looks_at_the_channel_every_time),
        cmocka_unit_test(large_elements_are_whole),
        cmocka_unit_test(signals_are_neither_kept_nor_multiplied),
        cmocka_unit_test(rwlocks_have_no_owner),
        cmocka_unit_test(adds_may_come_while_others_wait),
        cmocka_unit_test(group_is_cancelled_with_its_parent),
        cmocka_unit_test(process_ends_with_main),
        cmocka_unit_test(the_longest_time_does_not_pass),   /* leaves a task behind */
    };

    check_scenarios(argc, argv, scenarios);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
