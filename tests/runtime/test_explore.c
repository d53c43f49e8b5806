/* leak_check_explore: a function under many seeds. */
#include "check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* A call that does nothing, but at which others may get their turn. */
static void step(void)
{
    static wait_group_t any;

    wait_group_add(&any, 0);
}

static char *text;              /* what the last explored() printed */

static size_t explored(task_fn *fn, void *arg, uint64_t first, unsigned runs)
{
    size_t size, places;
    FILE *out;

    free(text);
    out = open_memstream(&text, &size);
    places = leak_check_explore(fn, arg, first, runs, out);
    fclose(out);
    return places;
}

static void assert_no_leaks(task_fn *fn, void *arg, int runs)
{
    assert_int_equal(leak_check_explore(fn, arg, 1, (unsigned)scaled(runs), stderr), 0);
}

static void block_for_ever(void *arg)
{
    chan_recv(arg, NULL); /* @task_recv */
}

/* ---- time ---- */

static int order[2][2];

struct sleeper {
    int64_t       duration;
    int           number;
    int          *first;
    wait_group_t *done;
};

static void sleep_and_tell(void *arg)
{
    struct sleeper *s = arg;

    task_sleep(s->duration);
    if (*s->first < 0)
        *s->first = s->number;
    wait_group_done(s->done);
}

/* Of two tasks either may begin late. */
static void two_sleepers(void *arg)
{
    int first = -1;
    wait_group_t wg = { { 0 } };

    (void)arg;
    wait_group_add(&wg, 2);
    task_go(sleep_and_tell, (struct sleeper){ MS, 0, &first, &wg });
    task_go(sleep_and_tell, (struct sleeper){ TASK_SECOND, 1, &first, &wg });
    wait_group_wait(&wg);
    order[0][first]++;
}

/* One that began before and is due no later is never overtaken. */
static void shorter_first(void *arg)
{
    ctx_t *c = ctx_with_timeout(ctx_background(), MS);
    int which = chan_select_timeout(TASK_SECOND, CHAN_RECV(ctx_done(c), NULL));

    (void)arg;
    order[1][which == 0]++;
    assert_int_equal(ctx_err(c), ETIMEDOUT);
    ctx_release(c);
}

static void timers_come_in_any_order(void **state)
{
    (void)state;
    assert_int_equal(leak_check_explore(two_sleepers, NULL, 1, 100, stderr), 0);
    assert_true(order[0][0] > 0 && order[0][1] > 0);
    assert_no_leaks(shorter_first, NULL, 200);
    assert_int_equal(order[1][0], 0);
}

static void tick_three_times(void *arg)
{
    ticker_t *t = ticker_create(60 * TASK_SECOND);
    int64_t last = 0, at;

    (void)arg;
    for (int i = 0; i < 3; i++) {
        chan_recv(ticker_chan(t), &at);
        assert_true(at >= last + 60 * TASK_SECOND || i == 0);
        last = at;
    }
    ticker_stop(t);
}

static void tickers_tick(void **state)
{
    (void)state;
    assert_no_leaks(tick_three_times, NULL, 100);
}

static chan_t *kept_alarm, *kept_tick;
static ctx_t *kept_ctx;
static ticker_t *kept_ticker;

static void let_time_pass(void *arg)
{
    kept_alarm = chan_after(MS);
    kept_ctx = ctx_with_timeout(ctx_background(), MS);
    kept_ticker = ticker_create(MS);
    if (arg) {
        chan_recv(kept_alarm, NULL);
        chan_recv(ctx_done(kept_ctx), NULL);
        chan_recv(ticker_chan(kept_ticker), NULL);
    } else {
        ctx_cancel(kept_ctx);
    }
}

/* What fired or was stopped in a run, or never fired, is released after it. (Valgrind and
 * ASan see what it reads.) */
static void timers_outlive_their_run(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        assert_int_equal(leak_check_explore(let_time_pass, i % 2 ? state : NULL, 1, 1, stderr), 0);
        kept_tick = chan_retain(ticker_chan(kept_ticker));
        chan_release(kept_alarm);
        assert_int_equal(ctx_err(kept_ctx), i % 2 ? ETIMEDOUT : ECANCELED);
        ctx_release(kept_ctx);
        ticker_stop(kept_ticker);
        chan_release(kept_tick);
    }
}

/* ---- what is found ---- */

struct three {
    int          a, b;
    chan_t      *never;
    wait_group_t done;
};

static void first_of_three(void *arg)
{
    struct three *s = arg;

    for (int i = 0; i < 6; i++)
        step();
    s->a = 1;
    step();
    s->a = 0;
    wait_group_done(&s->done);
}

static void second_of_three(void *arg)
{
    struct three *s = arg;

    for (int i = 0; i < 3; i++)
        step();
    if (s->a) {
        step();
        s->b = 1;
        step();
        s->b = 0;
    }
    wait_group_done(&s->done);
}

/* Blocks when it comes while the second is between two steps, which came while the first
 * was. */
static void third_of_three(void *arg)
{
    struct three *s = arg;

    for (int i = 0; i < 3; i++)
        step();
    if (s->b)
        chan_recv(s->never, NULL); /* @deep */
    wait_group_done(&s->done);
}

static void three_deep(void *arg)
{
    struct three s = { .never = chan_create(0, 0) }; /* @never */

    (void)arg;
    wait_group_add(&s.done, 3);
    task_spawn(first_of_three, &s);
    task_spawn(second_of_three, &s);
    task_spawn(third_of_three, &s); /* @third */
    wait_group_wait(&s.done);
    chan_release(s.never);
}

/* Three precise decisions, which a run without a seed hardly ever makes. The third task leaks,
 * and the function that waits for it. */
static void rare_orders_are_found(void **state)
{
    static const char mark[] = "first seen with seed ";
    uint64_t seed;

    (void)state;
    assert_int_equal(explored(three_deep, NULL, 1, 4000), 2);
    assert_non_null(strstr(text, check_places(__FILE__, "leaked task [chan receive]: at @deep on "
                                              "channel made at @never (capacity 0), spawned at "
                                              "@third, first seen with seed ")));
    seed = strtoull(strstr(text, mark) + strlen(mark), NULL, 10);
    assert_int_equal(explored(three_deep, NULL, seed, 1), 2);
    assert_non_null(strstr(text, check_places(__FILE__, "at @deep ")));
    assert_non_null(strstr(text, "(1 of 1 runs)"));
}

static void set_at_once(void *arg)
{
    struct three *s = arg;

    step();
    s->a = 1;
    wait_group_done(&s->done);
}

static void look_late(void *arg)
{
    struct three *s = arg;

    for (int i = 0; i < 300; i++)
        step();
    if (!s->a)
        chan_recv(s->never, NULL); /* @late */
    wait_group_done(&s->done);
}

static void long_delay(void *arg)
{
    struct three s = { .never = chan_create(0, 0) };

    (void)arg;
    wait_group_add(&s.done, 2);
    task_spawn(set_at_once, &s);
    task_spawn(look_late, &s);
    wait_group_wait(&s.done);
    chan_release(s.never);
}

/* One decision that has to hold for hundreds of steps. */
static void long_delays_are_found(void **state)
{
    (void)state;
    assert_int_equal(explored(long_delay, NULL, 1, 40), 2);
    assert_non_null(strstr(text, check_places(__FILE__, "at @late ")));
}

static int chosen[3];

static void choose_one(void *arg)
{
    chan_t *ch[3];

    (void)arg;
    for (int i = 0; i < 3; i++)
        ch[i] = chan_create(0, 1);
    for (int i = 0; i < 3; i++)
        chan_send(ch[i], NULL);
    chosen[chan_select(CHAN_RECV(ch[0], NULL), CHAN_RECV(ch[1], NULL), CHAN_RECV(ch[2], NULL))]++;
    for (int i = 0; i < 3; i++)
        chan_release(ch[i]);
}

static void every_ready_case_is_taken(void **state)
{
    (void)state;
    assert_int_equal(leak_check_explore(choose_one, NULL, 1, 60, stderr), 0);
    for (int i = 0; i < 3; i++)
        assert_true(chosen[i] > 5);
}

/* ---- what is not ---- */

/* Everything there is, used as it should be. */
struct shared {
    task_mutex_t  m;
    task_cond_t   c;
    task_rwlock_t l;
    task_once_t   once;
    wait_group_t  done;
    int           ready, value;
    chan_t       *jobs, *results;
};

static void begin_once(void *arg)
{
    *(int *)arg += 1;
}

static void work(void *arg)
{
    struct shared *s = arg;

    task_once(&s->once, begin_once, &s->value);
    task_mutex_lock(&s->m);
    s->ready++;
    task_cond_broadcast(&s->c);
    while (s->ready < 3)
        task_cond_wait(&s->c, &s->m);
    task_mutex_unlock(&s->m);
    task_rwlock_rdlock(&s->l);
    assert_int_equal(s->value, 1);
    task_rwlock_rdunlock(&s->l);
    chan_range(int, job, s->jobs) {
        task_rwlock_wrlock(&s->l);
        task_rwlock_wrunlock(&s->l);
        job *= 2;
        chan_send(s->results, &job);
    }
    wait_group_done(&s->done);
}

static int work_in_group(void *arg)
{
    task_sleep(MS);
    return arg ? EIO : 0;
}

static void use_all(void *arg)
{
    struct shared s = { .jobs = chan_make(int, 1), .results = chan_make(int, 10) };
    task_group_t *g = task_group_create(ctx_background(), 2);
    int sum = 0;

    (void)arg;
    wait_group_add(&s.done, 3);
    for (int i = 0; i < 3; i++)
        task_spawn(work, &s);
    for (int i = 0; i < 10; i++)
        chan_send(s.jobs, &i);
    chan_close(s.jobs);
    for (int i = 0; i < 4; i++)
        task_group_spawn(g, work_in_group, i == 2 ? &s : NULL);
    assert_int_equal(task_group_wait(g), EIO);
    wait_group_wait(&s.done);
    while (chan_len(s.results) > 0) {
        int got;

        chan_recv(s.results, &got);
        sum += got;
    }
    assert_int_equal(sum, 90);
    chan_release(s.jobs);
    chan_release(s.results);
}

static void correct_programs_finish(void **state)
{
    (void)state;
    assert_no_leaks(use_all, NULL, 500);
}

static void send_when_asked(void *arg)
{
    task_sleep(TASK_SECOND);
    step();
    chan_send(arg, NULL);
}

/* Four ways of waiting without blocking; whoever waits so must not keep the other out. */
static void wait_in_loops(void *arg)
{
    chan_t *ch = chan_create(0, 1);

    (void)arg;
    task_spawn(send_when_asked, ch);
    while (!chan_try_recv(ch, NULL))
        ;
    task_spawn(send_when_asked, ch);
    while (chan_poll(CHAN_RECV(ch, NULL)) < 0)
        task_yield();
    task_spawn(send_when_asked, ch);
    while (chan_len(ch) == 0)
        ;
    chan_recv(ch, NULL);
    task_spawn(send_when_asked, ch);
    while (!chan_try_recv(ch, NULL))
        task_sleep(MS);
    chan_release(ch);
}

static void nobody_starves(void **state)
{
    (void)state;
    assert_no_leaks(wait_in_loops, NULL, 300);
}

static void finish_late(void *arg)
{
    (void)arg;
    task_sleep(3600 * TASK_SECOND);
}

/* A task that will end is not called a leak because it has not yet. */
static void check_inside(void *arg)
{
    leak_check_t lc = leak_check_begin();
    chan_t *ch = chan_make(int, 0);

    (void)arg;
    task_spawn(finish_late, NULL);
    assert_int_equal(leak_check_end(lc, 0, stderr), 0);
    task_spawn(block_for_ever, ch);
    task_spawn(finish_late, NULL);
    assert_int_equal(leak_check_end(lc, 0, arg), 1);
    chan_close(ch);
    chan_release(ch);
}

static void checks_wait_for_what_will_end(void **state)
{
    FILE *out = fopen("/dev/null", "w");

    (void)state;
    assert_no_leaks(check_inside, out, 100);
    fclose(out);
}

/* ---- endless ---- */

static void tick_for_ever(void *arg)
{
    ticker_t *t = ticker_create(MS);
    int n = 0;

    chan_range(int64_t, at, ticker_chan(t)) { /* @ticked */
        n++;
        chan_send(arg, &n);
    }
}

static void consume_for_ever(void *arg)
{
    chan_range(int, n, (chan_t *)arg)
        ;
}

static void leave_endless(void *arg)
{
    chan_t *ch = chan_make(int, 0);

    (void)arg;
    task_spawn(tick_for_ever, ch); /* @ticker */
    task_spawn(consume_for_ever, ch);
    task_spawn(block_for_ever, chan_make(int, 1)); /* @blocked */
}

/* The one that ticks, the one that is blocked; not the one that lives on the first. */
static void endless_runs_are_judged(void **state)
{
    (void)state;
    assert_int_equal(explored(leave_endless, NULL, 1, (unsigned)scaled(20)), 2);
    assert_non_null(strstr(text, check_places(__FILE__, "leaked task [chan receive]: at @ticked ")));
    assert_non_null(strstr(text, check_places(__FILE__, "spawned at @blocked, first seen with")));
}

static void never_return(void *arg)
{
    while (!chan_try_recv(arg, NULL))
        ;
}

static void endless_functions_are_given_up(void **state)
{
    (void)state;
    if (scaled(100) < 10)
        skip();
    assert_int_equal(explored(never_return, chan_make(int, 0), 1, 1), 1);
    assert_non_null(strstr(text, "leaked task [runnable]: spawned at "));
}

/* ---- in a process that does other things ---- */

static void explore_here(void *arg)
{
    assert_int_equal(leak_check_explore(use_all, NULL, 1, 3, stderr), 0);
    wait_group_done(arg);
}

static void echo(void *arg)
{
    chan_t **ch = arg;

    chan_range(int, n, ch[0])
        chan_send(ch[1], &n);
}

static void explores_beside_free_tasks(void **state)
{
    chan_t *ch[2] = { chan_make(int, 0), chan_make(int, 0) };
    leak_check_t lc = leak_check_begin();
    wait_group_t wg = { { 0 } };

    (void)state;
    wait_group_add(&wg, 2);
    task_spawn(echo, ch);
    task_spawn(explore_here, &wg);
    task_spawn(explore_here, &wg);
    assert_int_equal(explored(leave_endless, NULL, 1, 1), 2);
    wait_group_wait(&wg);
    for (int i = 0; i < 10; i++) {
        int got = -1;

        chan_send(ch[0], &i);
        chan_recv(ch[1], &got);
        assert_int_equal(got, i);
    }
    chan_close(ch[0]);
    assert_all_finished(lc);
    chan_release(ch[0]);
    chan_release(ch[1]);
}

/* Under CHANRT_SEED: a run inside another. */
static void explore_when_seeded(void)
{
    chan_t *ch = chan_make(int, 0);

    task_spawn(block_for_ever, ch);
    assert_int_equal(explored(leave_endless, NULL, 1, 2), 2);
    chan_close(ch);
    task_sleep(MS);
    chan_release(ch);
    exit(task_count() == 0 ? 0 : 1);
}

static void runs_can_be_nested(void **state)
{
    struct ended ended = check_child("explore_when_seeded", "CHANRT_SEED=7", "CHANRT_LEAKCHECK=1");

    (void)state;
    assert_string_equal(ended.err, "");
    assert_int_equal(ended.status, 0);
}

static void close_twice(void *arg)
{
    chan_t *ch = chan_make(int, 0); /* @twice_made */

    (void)arg;
    chan_close(ch);
    chan_close(ch); /* @twice */
}

static void explore_misuse(void)
{
    leak_check_explore(close_twice, NULL, 17, 1, stderr); /* @misuse */
}

static void misuse_names_the_seed(void **state)
{
    struct ended ended = check_child("explore_misuse", NULL, NULL);

    (void)state;
    assert_string_equal(ended.err, check_places(__FILE__,
                        "chanrt: close of closed channel (made at @twice_made, capacity 0) at "
                        "@twice in task 1 (spawned at @misuse) under seed 17\n"));
    assert_true(WIFSIGNALED(ended.status));
}

static const struct scenario scenarios[] = {
    { "explore_misuse", explore_misuse },
    { "explore_when_seeded", explore_when_seeded },
    { NULL, NULL },
};

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timers_come_in_any_order),
        cmocka_unit_test(tickers_tick),
        cmocka_unit_test(timers_outlive_their_run),
        cmocka_unit_test(rare_orders_are_found),
        cmocka_unit_test(long_delays_are_found),
        cmocka_unit_test(every_ready_case_is_taken),
        cmocka_unit_test(correct_programs_finish),
        cmocka_unit_test(nobody_starves),
        cmocka_unit_test(checks_wait_for_what_will_end),
        cmocka_unit_test(endless_runs_are_judged),
        cmocka_unit_test(endless_functions_are_given_up),
        cmocka_unit_test(explores_beside_free_tasks),
        cmocka_unit_test(runs_can_be_nested),
        cmocka_unit_test(misuse_names_the_seed),
    };

    check_scenarios(argc, argv, scenarios);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
