/* Tasks: spawning, copies, yielding, counting, dumping; giving way; threads and limits. */
#include "check.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

struct big { unsigned char bytes[100000]; };

static void add_one(void *arg)
{
    atomic_fetch_add((atomic_int *)arg, 1);
}

static void spawn_runs(void **state)
{
    leak_check_t lc = leak_check_begin();
    atomic_int n = 0;

    (void)state;
    for (int i = 0; i < scaled(5000); i++)
        task_spawn(add_one, &n);
    assert_all_finished(lc);
    assert_int_equal(n, scaled(5000));
    assert_int_equal(task_count(), 0);
}

struct sum { int a, b; atomic_int *out; };

static void sum_up(void *arg)
{
    struct sum *s = arg;

    task_yield();
    atomic_fetch_add(s->out, s->a + s->b);
    s->a = 0;                       /* its own copy */
}

static void sum_big(void *arg)
{
    struct big *b = arg;
    int sum = 0;

    for (size_t i = 0; i < sizeof b->bytes; i++)
        sum += b->bytes[i];
    assert_int_equal(sum, 200000);
}

static void copies_are_private(void **state)
{
    leak_check_t lc = leak_check_begin();
    struct big *b = malloc(sizeof *b);
    atomic_int out = 0;

    (void)state;
    for (int i = 0; i < 100; i++) {
        struct sum s = { i, 1, &out };

        task_spawn_copy(sum_up, &s, sizeof s);
        memset(&s, 0xff, sizeof s);
    }
    memset(b->bytes, 2, sizeof b->bytes);
    task_spawn_copy(sum_big, b, sizeof *b);
    free(b);
    task_go(sum_up, (struct sum){ .a = 1, .b = 2, .out = &out });
    assert_all_finished(lc);
    assert_int_equal(out, 4950 + 100 + 3);
}

/* ---- giving way: these hang on one worker if it does not ---- */

struct flags { atomic_bool set; chan_t *ch; };

static void poll_for_it(void *arg)
{
    struct flags *f = arg;

    while (!chan_try_recv(f->ch, NULL))
        ;
}

static void select_for_it(void *arg)
{
    struct flags *f = arg;

    while (chan_poll(CHAN_RECV(f->ch, NULL), CHAN_RECV(NULL, NULL)) < 0)
        ;
}

static void yield_for_it(void *arg)
{
    struct flags *f = arg;

    while (!atomic_load(&f->set))
        task_yield();
}

static void provide(void *arg)
{
    struct flags *f = arg;

    atomic_store(&f->set, true);
    for (int i = 0; i < 12; i++)
        chan_send(f->ch, NULL);
}

static void pollers_give_way(void **state)
{
    leak_check_t lc = leak_check_begin();
    struct flags f = { .ch = chan_create(0, 0) };

    (void)state;
    for (int i = 0; i < 6; i++) {
        task_spawn(poll_for_it, &f);
        task_spawn(select_for_it, &f);
        task_spawn(yield_for_it, &f);
    }
    task_spawn(provide, &f);
    assert_all_finished(lc);
    chan_release(f.ch);
}

struct talk { chan_t *a, *b; atomic_bool *stop; };

static void say(void *arg)
{
    struct talk *t = arg;

    while (!atomic_load(t->stop)) {
        chan_send(t->a, NULL);
        chan_recv(t->b, NULL);
    }
    chan_close(t->a);
}

static void reply(void *arg)
{
    struct talk *t = arg;

    while (chan_recv(t->a, NULL))
        chan_send(t->b, NULL);
}

static void set_flag(void *arg)
{
    atomic_store((atomic_bool *)arg, true);
}

/* Two tasks that wake each other do not keep a third out. */
static void talkers_do_not_starve_others(void **state)
{
    leak_check_t lc = leak_check_begin();
    atomic_bool stop = false;
    struct talk t = { chan_create(0, 0), chan_create(0, 0), &stop };

    (void)state;
    task_go(say, t);
    task_go(reply, t);
    task_sleep(2 * MS);
    task_spawn(set_flag, &stop);
    assert_all_finished(lc);
    chan_release(t.a);
    chan_release(t.b);
}

static void wake_and_compute(void *arg)
{
    struct flags *f = arg;

    task_sleep(MS);
    chan_send(f->ch, NULL);
    while (!atomic_load(&f->set))
        ;                           /* a long computation that does not yield */
}

static void receive_and_set(void *arg)
{
    struct flags *f = arg;

    chan_recv(f->ch, NULL);
    atomic_store(&f->set, true);
}

/* Needs a second worker: it must find the task that the busy one has woken. */
static void woken_task_is_not_stuck_behind_its_waker(void **state)
{
    const char *threads = getenv("CHANRT_THREADS");
    leak_check_t lc = leak_check_begin();
    struct flags f = { .ch = NULL };

    (void)state;
    if (threads && strcmp(threads, "1") == 0)
        return;
    f.ch = chan_create(0, 0);
    for (int i = 0; i < 20; i++) {
        atomic_store(&f.set, false);
        task_spawn(receive_and_set, &f);
        task_spawn(wake_and_compute, &f);
        assert_all_finished(lc);
    }
    chan_release(f.ch);
}

/* ---- many ---- */

static void wait_for_close(void *arg)
{
    chan_recv(arg, NULL);
}

static void many_blocked_tasks(void **state)
{
    leak_check_t lc = leak_check_begin();
    chan_t *ch = chan_create(0, 0);
    size_t n = (size_t)scaled(100000);

    (void)state;
    for (size_t i = 0; i < n; i++)
        task_spawn(wait_for_close, ch);
    assert_int_equal(task_count(), n);
    chan_close(ch);
    assert_all_finished(lc);
    chan_release(ch);
}

static void spawn_tree(void *arg)
{
    int depth = *(int *)arg - 1;

    if (depth > 0) {
        task_spawn_copy(spawn_tree, &depth, sizeof depth);
        task_spawn_copy(spawn_tree, &depth, sizeof depth);
    }
}

static void tasks_spawn_tasks(void **state)
{
    leak_check_t lc = leak_check_begin();
    int depth = scaled(4096) >= 4096 ? 15 : 9;

    (void)state;
    task_spawn_copy(spawn_tree, &depth, sizeof depth);
    assert_all_finished(lc);
}

/* ---- looking ---- */

/* Longer than two dumps take, also under a sanitizer or valgrind. */
static void nap(void *arg)
{
    (void)arg;
    task_sleep(scaled(100) == 100 ? 500 * MS : 3 * TASK_SECOND);
}

static void dump_says_what_and_where(void **state)
{
    leak_check_t lc = leak_check_begin();
    chan_t *ch = chan_create(0, 3); /* @dump_made */
    char *text, *at;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    task_spawn(wait_for_close, ch); /* @dump_spawn */
    task_spawn(nap, NULL);
    wait_until_blocked(2);
    task_dump(out);
    fclose(out);
    at = strstr(text, " [chan receive, ");
    assert_non_null(at);
    assert_non_null(strstr(at, " s]: at "));
    assert_non_null(strstr(at, check_places(__FILE__, "made at @dump_made (capacity 3), "
                                                      "spawned at @dump_spawn\n    ")));
    assert_non_null(strstr(at, "    wait_for_close\n"));
    assert_non_null(strstr(text, " [sleep, "));
    free(text);
    chan_close(ch);
    assert_all_finished(lc);
    chan_release(ch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spawn_runs),
        cmocka_unit_test(copies_are_private),
        cmocka_unit_test(pollers_give_way),
        cmocka_unit_test(talkers_do_not_starve_others),
        cmocka_unit_test(woken_task_is_not_stuck_behind_its_waker),
        cmocka_unit_test(many_blocked_tasks),
        cmocka_unit_test(tasks_spawn_tasks),
        cmocka_unit_test(dump_says_what_and_where),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
