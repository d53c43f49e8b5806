/* chan_select, chan_poll, chan_select_timeout. */
#include "check.h"

#include <stdlib.h>

static void poll_takes_what_is_ready(void **state)
{
    chan_t *a = chan_make(int, 1), *b = chan_make(int, 1);
    int v = 3, w = 0;

    (void)state;
    assert_int_equal(chan_poll(CHAN_RECV(a, &w), CHAN_RECV(b, &w)), -1);
    assert_int_equal(chan_poll(CHAN_RECV(a, &w), CHAN_SEND(b, &v)), 1);
    assert_int_equal(chan_poll(CHAN_RECV(a, &w), CHAN_RECV(b, &w)), 1);
    assert_int_equal(w, 3);
    assert_int_equal(chan_poll_n(NULL, 0), -1);
    chan_release(a);
    chan_release(b);
}

static void poll_tells_closed_from_empty(void **state)
{
    chan_t *ch = chan_make(int, 1);
    bool ok = true;
    int v = 9;

    (void)state;
    assert_int_equal(chan_poll(CHAN_RECV_OK(ch, &v, &ok)), -1);
    assert_true(ok);
    assert_int_equal(v, 9);
    chan_close(ch);
    assert_int_equal(chan_poll(CHAN_RECV_OK(ch, &v, &ok)), 0);
    assert_false(ok);
    assert_int_equal(v, 0);
    chan_release(ch);
}

static void choice_is_fair(void **state)
{
    chan_t *ch[4];
    int count[4] = { 0 };
    int rounds = 4000;

    (void)state;
    for (int i = 0; i < 4; i++)
        ch[i] = chan_create(0, 1);
    for (int i = 0; i < rounds; i++) {
        chan_try_send(ch[0], NULL);
        chan_try_send(ch[1], NULL);
        chan_try_send(ch[3], NULL);
        count[chan_select(CHAN_RECV(ch[0], NULL), CHAN_RECV(ch[1], NULL),
                          CHAN_RECV(ch[2], NULL), CHAN_RECV(ch[3], NULL))]++;
    }
    assert_int_equal(count[2], 0);
    assert_in_range(count[0], rounds / 3 - 250, rounds / 3 + 250);
    assert_in_range(count[1], rounds / 3 - 250, rounds / 3 + 250);
    for (int i = 0; i < 4; i++)
        chan_release(ch[i]);
}

struct pair { chan_t *a, *b, *out; };

static void select_both(void *arg)
{
    struct pair *p = arg;
    int v = 0, w = 55;
    int index = chan_select(CHAN_RECV(p->a, &v), CHAN_SEND(p->b, &w));

    v += index * 1000;
    chan_send(p->out, &v);
}

static void blocked_select_is_woken_once(void **state)
{
    struct pair p = { chan_make(int, 0), chan_make(int, 0), chan_make(int, 2) };
    int v = 7, w = 0;

    (void)state;
    task_go(select_both, p);
    wait_until_blocked(1);
    chan_send(p.a, &v);
    assert_true(chan_recv(p.out, &w));
    assert_int_equal(w, 7);
    assert_false(chan_try_recv(p.b, &w));       /* its other case is out of the queue */

    task_go(select_both, p);
    wait_until_blocked(1);
    assert_true(chan_recv(p.b, &w));
    assert_int_equal(w, 55);
    assert_true(chan_recv(p.out, &w));
    assert_int_equal(w, 1000);
    assert_false(chan_try_send(p.a, &w));
    chan_release(p.a);
    chan_release(p.b);
    chan_release(p.out);
}

static void select_same_twice(void *arg)
{
    struct pair *p = arg;
    int v = 0, w = 0;
    bool ok = true;
    int index = chan_select(CHAN_RECV_OK(p->a, &v, &ok), CHAN_RECV_OK(p->a, &w, &ok),
                            CHAN_RECV(NULL, NULL), CHAN_RECV(p->b, NULL));

    assert_in_range(index, 0, 1);
    v += w + (ok ? 0 : 100);
    chan_send(p->out, &v);
}

static void one_channel_in_two_cases(void **state)
{
    struct pair p = { chan_make(int, 0), chan_make(int, 0), chan_make(int, 1) };
    int v = 7;

    (void)state;
    task_go(select_same_twice, p);
    wait_until_blocked(1);
    chan_send(p.a, &v);
    assert_true(chan_recv(p.out, &v));
    assert_int_equal(v, 7);
    task_go(select_same_twice, p);
    wait_until_blocked(1);
    chan_close(p.a);
    assert_true(chan_recv(p.out, &v));
    assert_int_equal(v, 100);
    chan_release(p.a);
    chan_release(p.b);
    chan_release(p.out);
}

/* The other channels of a select may be released as soon as one has fired. */
static void select_and_finish(void *arg)
{
    chan_t **ch = arg;

    chan_select(CHAN_RECV(ch[0], NULL), CHAN_RECV(ch[1], NULL), CHAN_RECV(ch[2], NULL));
}

static void channels_live_as_long_as_the_select(void **state)
{
    leak_check_t lc = leak_check_begin();

    (void)state;
    for (int i = 0; i < scaled(2000); i++) {
        chan_t *ch[3] = { chan_create(0, 0), chan_create(0, 0), chan_create(0, 0) };

        task_spawn_copy(select_and_finish, ch, sizeof ch);
        if (i % 2)
            task_yield();
        chan_send(ch[i % 3], NULL);
        chan_try_send(ch[(i + 1) % 3], NULL);
        for (int j = 0; j < 3; j++)
            chan_release(ch[j]);
    }
    assert_all_finished(lc);
}

static void timeout_fires(void **state)
{
    chan_t *ch = chan_make(int, 0);
    int64_t start = now();
    int v;

    (void)state;
    assert_int_equal(chan_select_timeout(20 * MS, CHAN_RECV(ch, &v)), -1);
    assert_true(now() - start >= 20 * MS);
    assert_int_equal(chan_select_timeout(0, CHAN_RECV(ch, &v)), -1);
    assert_int_equal(chan_select_timeout(-5, CHAN_RECV(ch, &v)), -1);
    assert_int_equal(chan_select_timeout(MS, CHAN_RECV(NULL, &v)), -1);
    assert_int_equal(chan_select_timeout_n(NULL, 0, MS), -1);
    assert_false(chan_try_send(ch, &v));        /* nobody is left in the queue */
    chan_release(ch);
}

static void send_late(void *arg)
{
    task_sleep(5 * MS);
    chan_send_value(arg, 4);
}

static void timeout_is_called_off(void **state)
{
    chan_t *ch = chan_make(int, 0), *after = chan_after(MS);
    int64_t time;
    int v = 0;

    (void)state;
    task_spawn(send_late, ch);
    assert_int_equal(chan_select_timeout(60 * TASK_SECOND, CHAN_RECV(ch, &v)), 0);
    assert_int_equal(v, 4);
    assert_int_equal(chan_select_timeout(INT64_MAX, CHAN_SEND(NULL, &v), CHAN_RECV(NULL, &v),
                                         CHAN_RECV(after, &time)), 2);
    chan_release(after);
    chan_release(ch);
}

static void null_cases_are_never_ready(void **state)
{
    chan_t *ch = chan_make(int, 1);
    int v = 1;

    (void)state;
    for (int i = 0; i < 20; i++) {
        assert_int_equal(chan_select(CHAN_RECV(NULL, &v), CHAN_SEND(ch, &v),
                                     CHAN_SEND(NULL, NULL)), 1);
        assert_true(chan_try_recv(ch, NULL));
    }
    assert_int_equal(chan_poll(CHAN_RECV(NULL, NULL)), -1);
    chan_release(ch);
}

static void many_cases(void **state)
{
    enum { N = 100 };
    chan_case_t cases[N];
    int values[N];

    (void)state;
    for (int i = 0; i < N; i++)
        cases[i] = (chan_case_t)CHAN_RECV(chan_make(int, 1), &values[i]);
    for (int i = 0; i < N; i++) {
        chan_send(cases[i].ch, &i);
        assert_int_equal(chan_select_n(cases, N), i);
        assert_int_equal(values[i], i);
    }
    assert_int_equal(chan_select_timeout_n(cases, N, MS), -1);
    for (int i = 0; i < N; i++)
        chan_release(cases[i].ch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(poll_takes_what_is_ready),
        cmocka_unit_test(poll_tells_closed_from_empty),
        cmocka_unit_test(choice_is_fair),
        cmocka_unit_test(blocked_select_is_woken_once),
        cmocka_unit_test(one_channel_in_two_cases),
        cmocka_unit_test(channels_live_as_long_as_the_select),
        cmocka_unit_test(timeout_fires),
        cmocka_unit_test(timeout_is_called_off),
        cmocka_unit_test(null_cases_are_never_ready),
        cmocka_unit_test(many_cases),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
