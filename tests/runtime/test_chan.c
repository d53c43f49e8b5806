/* Channels: chan_create ... chan_range, from tasks and from main. */
#include "check.h"

#include <pthread.h>
#include <string.h>

struct one { int a; };
struct wide { char text[40]; int n; };

/* ---- one element ---- */

static void send_one(void *arg)
{
    int v = 41;

    chan_send(arg, &v);
}

static void rendezvous_hands_over(void **state)
{
    chan_t *ch = chan_make(int, 0);
    leak_check_t lc = leak_check_begin();
    int v = 0;

    (void)state;
    task_spawn(send_one, ch);
    assert_true(chan_recv(ch, &v));
    assert_int_equal(v, 41);
    task_spawn(send_one, ch);
    wait_until_blocked(1);
    assert_int_equal(chan_len(ch), 0);
    assert_true(chan_recv(ch, NULL));
    assert_all_finished(lc);
    chan_release(ch);
}

static void recv_into(void *arg)
{
    chan_t **channels = arg;
    struct wide w;

    assert_true(chan_recv(channels[0], &w));
    chan_send(channels[1], &w);
}

static void waiting_receiver_gets_the_element(void **state)
{
    chan_t *channels[] = { chan_make(struct wide, 0), chan_make(struct wide, 1) };
    struct wide out = { "a longer element", 7 }, in = { "", 0 };

    (void)state;
    task_spawn(recv_into, channels);
    wait_until_blocked(1);
    chan_send(channels[0], &out);
    assert_true(chan_recv(channels[1], &in));
    assert_string_equal(in.text, out.text);
    assert_int_equal(in.n, 7);
    chan_release(channels[0]);
    chan_release(channels[1]);
}

/* ---- buffers ---- */

static void buffer_holds_capacity_in_order(void **state)
{
    chan_t *ch = chan_make(int, 3);
    int v;

    (void)state;
    for (int round = 0; round < 5; round++) {
        for (int i = 0; i < 3; i++) {
            assert_int_equal(chan_len(ch), i);
            assert_true(chan_try_send(ch, &i));
        }
        v = 9;
        assert_false(chan_try_send(ch, &v));
        assert_int_equal(chan_len(ch), 3);
        assert_int_equal(chan_cap(ch), 3);
        for (int i = 0; i < 3; i++) {
            assert_true(chan_recv(ch, &v));
            assert_int_equal(v, i);
        }
        v = 77;
        assert_false(chan_try_recv(ch, &v));
        assert_int_equal(v, 77);
        assert_true(chan_try_send(ch, &v));     /* moves the ring on by one */
        assert_true(chan_try_recv(ch, NULL));
    }
    chan_release(ch);
}

static void send_three(void *arg)
{
    for (int i = 1; i <= 3; i++)
        chan_send_value(arg, i);
}

static void waiting_sender_follows_the_buffer(void **state)
{
    chan_t *ch = chan_make(int, 1);
    int v;

    (void)state;
    task_spawn(send_three, ch);
    wait_until_blocked(1);
    for (int i = 1; i <= 3; i++) {
        assert_true(chan_recv(ch, &v));
        assert_int_equal(v, i);
    }
    chan_release(ch);
}

static void signals_have_no_size(void **state)
{
    chan_t *ch = chan_create(0, 2);

    (void)state;
    chan_send(ch, NULL);
    assert_true(chan_try_send(ch, NULL));
    assert_false(chan_try_send(ch, NULL));
    assert_true(chan_recv(ch, NULL));
    assert_true(chan_try_recv(ch, NULL));
    chan_release(ch);
}

/* ---- close ---- */

static void close_drains_then_gives_zero(void **state)
{
    chan_t *ch = chan_make(int, 2);
    int v = 5;

    (void)state;
    chan_send(ch, &v);
    chan_close(ch);
    v = 0;
    assert_true(chan_recv(ch, &v));
    assert_int_equal(v, 5);
    assert_false(chan_recv(ch, &v));
    assert_int_equal(v, 0);
    v = 8;
    assert_false(chan_try_recv(ch, &v));
    assert_int_equal(v, 8);
    assert_false(chan_recv(ch, NULL));
    chan_release(ch);
}

struct closing { chan_t *ch; wait_group_t wg; };

static void expect_closed(void *arg)
{
    struct closing *c = arg;
    int v = 3;

    assert_false(chan_recv(c->ch, &v));
    assert_int_equal(v, 0);
    wait_group_done(&c->wg);
}

static void close_wakes_every_receiver(void **state)
{
    struct closing c = { .ch = chan_make(int, 0) };

    (void)state;
    wait_group_add(&c.wg, 20);
    for (int i = 0; i < 20; i++)
        task_spawn(expect_closed, &c);
    wait_until_blocked(20);
    chan_close(c.ch);
    chan_release(c.ch);
    wait_group_wait(&c.wg);
}

static void fill(void *arg)
{
    for (int i = 0; i < 10; i++)
        chan_send(arg, &i);
    chan_close(arg);
}

static void range_ends_at_the_close(void **state)
{
    chan_t *ch = chan_make(int, 2);
    int sum = 0;

    (void)state;
    task_spawn(fill, ch);
    chan_range(int, v, ch)
        sum += v;
    assert_int_equal(sum, 45);
    chan_release(ch);
}

/* ---- order, references, NULL ---- */

struct numbered { chan_t *in, *out; int n; };

static void pass_on(void *arg)
{
    struct numbered *a = arg;

    chan_recv(a->in, NULL);
    chan_send(a->out, &a->n);
}

static void waiters_are_served_in_order(void **state)
{
    chan_t *in = chan_make(int, 0), *out = chan_make(int, 0);
    int v = 0;

    (void)state;
    for (int i = 0; i < 8; i++) {
        task_go(pass_on, (struct numbered){ in, out, i });
        wait_until_blocked((size_t)i + 1);
    }
    for (int i = 0; i < 8; i++) {
        chan_send(in, &v);
        assert_true(chan_recv(out, &v));
        assert_int_equal(v, i);
    }
    chan_release(in);
    chan_release(out);
}

static void last_release_may_come_first(void *arg)
{
    chan_t *ch = arg;

    assert_true(chan_recv(ch, NULL));
    chan_release(ch);
}

static void references_are_counted(void **state)
{
    leak_check_t lc = leak_check_begin();
    int v = 1;

    (void)state;
    for (int i = 0; i < scaled(2000); i++) {
        chan_t *ch = chan_make(int, 0);

        task_spawn(last_release_may_come_first, ch);
        chan_send(ch, &v);      /* the receiver may free it before this returns */
    }
    assert_all_finished(lc);
    chan_t *ch = chan_make(int, 1);
    assert_ptr_equal(chan_retain(ch), ch);
    chan_release(ch);
    assert_true(chan_try_send(ch, &v));
    chan_release(ch);
    chan_release(NULL);
}

static void null_channel(void **state)
{
    int v = 1;

    (void)state;
    assert_false(chan_try_send(NULL, &v));
    assert_false(chan_try_recv(NULL, &v));
    assert_int_equal(chan_len(NULL), 0);
    assert_int_equal(chan_cap(NULL), 0);
}

static void functions_behind_the_macros(void **state)
{
    chan_t *(*create)(size_t, size_t) = chan_create;
    void (*send)(chan_t *, const void *) = chan_send;
    chan_t *ch = create(sizeof(int), 1);
    int v = 6;

    (void)state;
    send(ch, &v);
    v = 0;
    assert_true((chan_recv)(ch, &v));
    assert_int_equal(v, 6);
    chan_send_value(ch, ((struct one){ 4 }));
    assert_true(chan_recv(ch, &v));
    assert_int_equal(v, 4);
    (chan_close)(ch);
    chan_release(ch);
}

/* ---- OS threads ---- */

static void *thread_sends(void *arg)
{
    for (int i = 0; i < 100; i++)
        chan_send(arg, &i);
    return NULL;
}

static void threads_use_channels_too(void **state)
{
    chan_t *ch = chan_make(int, 0);
    pthread_t threads[4];
    int sum = 0, v;

    (void)state;
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, thread_sends, ch);
    for (int i = 0; i < 400; i++) {
        assert_true(chan_recv(ch, &v));
        sum += v;
    }
    assert_int_equal(sum, 4 * 4950);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    chan_release(ch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rendezvous_hands_over),
        cmocka_unit_test(waiting_receiver_gets_the_element),
        cmocka_unit_test(buffer_holds_capacity_in_order),
        cmocka_unit_test(waiting_sender_follows_the_buffer),
        cmocka_unit_test(signals_have_no_size),
        cmocka_unit_test(close_drains_then_gives_zero),
        cmocka_unit_test(close_wakes_every_receiver),
        cmocka_unit_test(range_ends_at_the_close),
        cmocka_unit_test(waiters_are_served_in_order),
        cmocka_unit_test(references_are_counted),
        cmocka_unit_test(null_channel),
        cmocka_unit_test(functions_behind_the_macros),
        cmocka_unit_test(threads_use_channels_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
