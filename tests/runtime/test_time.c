/* task_sleep, chan_after, tickers. */
#include "check.h"

#include <pthread.h>

static void sleep_takes_its_time(void **state)
{
    int64_t start = now();

    (void)state;
    task_sleep(10 * MS);
    assert_true(now() - start >= 10 * MS);
    task_sleep(0);
    task_sleep(-1);
}

struct sleeper { int64_t duration; chan_t *out; };

static void sleep_then_send(void *arg)
{
    struct sleeper *s = arg;

    task_sleep(s->duration);
    chan_send(s->out, &s->duration);
}

static void sleepers_wake_in_order(void **state)
{
    static const int64_t order[] = { 40, 10, 30, 20 };
    chan_t *out = chan_make(int64_t, 0);
    int64_t v;

    (void)state;
    for (int i = 0; i < 4; i++)
        task_go(sleep_then_send, (struct sleeper){ order[i] * 5 * MS, out });
    for (int i = 1; i <= 4; i++) {
        assert_true(chan_recv(out, &v));
        assert_int_equal(v, i * 50 * MS);
    }
    chan_release(out);
}

static void many_sleepers(void **state)
{
    leak_check_t lc = leak_check_begin();
    int n = scaled(20000);
    chan_t *out = chan_make(int64_t, (size_t)n);

    (void)state;
    for (int i = 0; i < n; i++)
        task_go(sleep_then_send, (struct sleeper){ i * 7919 % 20 * MS, out });
    for (int i = 0; i < n; i++)
        assert_true(chan_recv(out, NULL));
    assert_all_finished(lc);
    chan_release(out);
}

static void after_fires_once(void **state)
{
    int64_t start = now(), at;
    chan_t *ch = chan_after(10 * MS);

    (void)state;
    assert_int_equal(chan_cap(ch), 1);
    assert_false(chan_try_recv(ch, &at));
    assert_true(chan_recv(ch, &at));
    assert_true(at - start >= 10 * MS && at <= now());
    assert_int_equal(chan_select_timeout(20 * MS, CHAN_RECV(ch, &at)), -1);
    chan_release(ch);
    ch = chan_after(0);
    assert_true(chan_try_recv(ch, &at));
    chan_release(ch);
}

static void released_after_does_not_fire(void **state)
{
    (void)state;
    for (int i = 0; i < 200; i++)
        chan_release(chan_after(i % 3 * 50 * TASK_MICROSECOND));
    chan_release(chan_after(3600 * TASK_SECOND));
    task_sleep(MS);
}

static void ticker_ticks_and_drops(void **state)
{
    ticker_t *t = ticker_create(5 * MS);
    chan_t *ch = chan_retain(ticker_chan(t));
    int64_t first, second;

    (void)state;
    assert_true(chan_recv(ch, &first));
    task_sleep(30 * MS);
    assert_int_equal(chan_len(ch), 1);
    assert_true(chan_recv(ch, &second));
    assert_true(second > first);
    assert_int_equal(chan_select_timeout(TASK_SECOND, CHAN_RECV(ch, NULL)), 0);
    ticker_stop(t);
    chan_try_recv(ch, NULL);
    assert_int_equal(chan_select_timeout(20 * MS, CHAN_RECV(ch, NULL)), -1);
    assert_int_equal(chan_poll(CHAN_RECV(ch, NULL)), -1);   /* not closed either */
    chan_release(ch);
}

static void tickers_stop_while_ticking(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++) {
        ticker_t *t = ticker_create(i % 2 ? 0 : 20 * TASK_MICROSECOND);

        if (i % 3 == 0)
            chan_recv(ticker_chan(t), NULL);
        ticker_stop(t);
    }
}

static void *thread_sleeps(void *arg)
{
    task_sleep(5 * MS);
    return arg;
}

static void threads_sleep_too(void **state)
{
    pthread_t thread;

    (void)state;
    pthread_create(&thread, NULL, thread_sleeps, NULL);
    pthread_join(thread, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sleep_takes_its_time),
        cmocka_unit_test(sleepers_wake_in_order),
        cmocka_unit_test(many_sleepers),
        cmocka_unit_test(after_fires_once),
        cmocka_unit_test(released_after_does_not_fire),
        cmocka_unit_test(ticker_ticks_and_drops),
        cmocka_unit_test(tickers_stop_while_ticking),
        cmocka_unit_test(threads_sleep_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
