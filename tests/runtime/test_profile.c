/* task_leak_profile: leaks in all shapes are found. */
#include "profiling.h"

#include <stdlib.h>
#include <string.h>

/* A leak may be missed by chance, as when a worker that looks for work still has an old
 * address on its stack, but not for long, however busy the machine is. */
static size_t profile_until(size_t leaks)
{
    int64_t end = now() + 10 * TASK_SECOND;
    size_t found = profile();

    while (found < leaks && now() < end) {
        task_sleep(5 * MS);
        scrub();
        found = profile();
    }
    return found;
}

/* ---- leaks ---- */

struct sending {
    chan_t *ch;
    int     value;
};

static void send_copy(void *arg)
{
    struct sending *s = arg;

    chan_send(s->ch, &s->value); /* @copy_send */
}

static void send_and_free(void *arg)
{
    struct sending s = *(struct sending *)arg;

    free(arg);
    chan_send(s.ch, &s.value);
}

/* The search of the articles: given up before its sender has sent. */
static __attribute__((noinline)) void abandon_copy(void)
{
    chan_t *ch = chan_make(int, 0); /* @copy_made */

    task_go(send_copy, (struct sending){ ch, 1 }); /* @copy_spawn */
}

static __attribute__((noinline)) void abandon_block(void)
{
    struct sending *s = malloc(sizeof *s);

    *s = (struct sending){ chan_make(int, 0), 1 };
    task_spawn(send_copy, s);
}

static __attribute__((noinline)) void abandon_freed_block(void)
{
    struct sending *s = malloc(sizeof *s);

    *s = (struct sending){ chan_make(int, 0), 1 };
    task_spawn(send_and_free, s);
}

static __attribute__((noinline)) void abandon_released(void)
{
    chan_t *ch = chan_make(int, 0);

    task_go(send_copy, (struct sending){ chan_retain(ch), 1 });
    chan_release(ch);
}

struct nested {
    struct nested  *next;
    struct sending *sending;
    char            more[200];
};

static void send_last(void *arg)
{
    struct nested *n = arg;

    while (n->next)
        n = n->next;
    chan_send(n->sending->ch, &n->sending->value);
}

static __attribute__((noinline)) void abandon_list(void)
{
    struct nested *first = NULL;

    for (int i = 0; i < 5; i++) {
        struct nested *n = calloc(1, sizeof *n);

        n->next = first;
        first = n;
    }
    first->next->next->next->next->sending = malloc(sizeof(struct sending));
    *first->next->next->next->next->sending = (struct sending){ chan_make(int, 0), 3 };
    task_spawn(send_last, first);
}

static chan_t *in_global;

static __attribute__((noinline)) void abandon_global(void)
{
    in_global = chan_make(int, 0);
    task_spawn(receive, in_global);
    wait_until_blocked(task_count());
    in_global = NULL;
}

static void receive_nil(void *arg)
{
    chan_recv(arg, NULL); /* @nil */
}

static void select_none(void *arg)
{
    (void)arg;
    chan_select();
}

static __attribute__((noinline)) void abandon_nil(void)
{
    task_spawn(receive_nil, NULL);
    task_spawn(select_none, NULL);
}

struct two { chan_t *a, *b; };

static void select_two(void *arg)
{
    struct two *t = arg;

    chan_select(CHAN_RECV(t->a, NULL), CHAN_RECV(t->b, NULL));
}

static __attribute__((noinline)) void abandon_select(void)
{
    task_go(select_two, (struct two){ chan_make(int, 0), chan_make(int, 3) });
}

/* Two that wait for each other. */
static void cross(void *arg)
{
    struct two *t = arg;

    chan_recv(t->a, NULL);
    chan_send_value(t->b, 1);
}

static __attribute__((noinline)) void abandon_cycle(void)
{
    chan_t *a = chan_make(int, 0), *b = chan_make(int, 0);

    task_go(cross, (struct two){ a, b });
    task_go(cross, (struct two){ b, a });
}

static void wait_in_block(void *arg)
{
    wait_group_wait(arg);
}

static void lock_in_block(void *arg)
{
    task_mutex_lock(arg);
    task_mutex_lock(arg);
}

static __attribute__((noinline)) void abandon_locks(void)
{
    wait_group_t *wg = calloc(1, sizeof *wg);

    wait_group_add(wg, 1);
    task_spawn(wait_in_block, wg);
    task_spawn(lock_in_block, calloc(1, sizeof(task_mutex_t)));
}

/* A context whose last reference was lost: nobody can cancel it. */
static void wait_cancelled(void *arg)
{
    chan_recv(ctx_done(arg), NULL);
}

static __attribute__((noinline)) void abandon_ctx(void)
{
    task_spawn(wait_cancelled, ctx_with_cancel(ctx_background()));
}

/* It slept, polled and waited with a timeout before, all of which leave traces. */
static void busy_life(void *arg)
{
    struct sending *s = arg;
    chan_t *tick = chan_after(MS);

    task_sleep(MS);
    chan_recv(tick, NULL);
    chan_release(tick);
    chan_select_timeout(MS, CHAN_SEND(s->ch, &s->value));
    chan_send(s->ch, &s->value);
}

static __attribute__((noinline)) void abandon_late(void)
{
    task_go(busy_life, (struct sending){ chan_make(int, 0), 1 });
}

static void spawn_inner(void *arg)
{
    (void)arg;
    abandon_block();
    abandon_copy();
}

static __attribute__((noinline)) void abandon_in_task(void)
{
    task_spawn(spawn_inner, NULL);
}

static const struct shape {
    const char *name;
    void      (*make)(void);
    size_t      leaks;
} shapes[] = {
    { "arguments copied", abandon_copy, 1 },
    { "arguments in a block", abandon_block, 1 },
    { "arguments in a block that was freed", abandon_freed_block, 1 },
    { "released by its maker", abandon_released, 1 },
    { "at the end of a list", abandon_list, 1 },
    { "in a global, no more", abandon_global, 1 },
    { "no channel", abandon_nil, 2 },
    { "select", abandon_select, 1 },
    { "in a circle", abandon_cycle, 2 },
    { "wait group and mutex", abandon_locks, 2 },
    { "context", abandon_ctx, 1 },
    { "after sleeping", abandon_late, 1 },
    { "spawned by a task", abandon_in_task, 2 },
};

static void run_shape(const struct shape *shape)
{
    size_t before = task_count(), found;

    shape->make();
    scrub();
    task_sleep(30 * MS);
    wait_until_blocked(before + shape->leaks);
    scrub();
    found = profile_until(before + shape->leaks);
    if (found != before + shape->leaks)
        fprintf(stderr, "%s: %zu found instead of %zu\n%s", shape->name, found,
                before + shape->leaks, said);
    if (found != before + shape->leaks)
        exit(1);
}

static void leak_all(void)
{
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        run_shape(&shapes[i]);
}

static void leak_copy(void)
{
    for (int i = 0; i < 3; i++)
        abandon_copy();
    wait_until_blocked(3);
    scrub();
    task_leak_profile(stderr);
}

/* ---- a task asks ---- */

static size_t found_by_task;

static void leak_in_task(void *arg)
{
    abandon_copy();
    abandon_block();
    scrub();
    task_sleep(20 * MS);
    found_by_task = profile_until(2);
    wait_group_done(arg);
}

static void ask_for_leaks_in_task(void)
{
    wait_group_t wg = { { 0 } };

    wait_group_add(&wg, 1);
    task_spawn(leak_in_task, &wg);
    wait_group_wait(&wg);
    if (found_by_task != 2)
        fprintf(stderr, "%zu found instead of 2\n%s", found_by_task, said);
}

/* ---- */

static const struct scenario scenarios[] = {
    { "leak_all", leak_all },
    { "leak_copy", leak_copy },
    { "ask_for_leaks_in_task", ask_for_leaks_in_task },
    { NULL, NULL },
};

static void all_shapes_are_found(void **state)
{
    struct ended ended;

    (void)state;
    if (!can_profile())
        skip();
    ended = check_child("leak_all", NULL, NULL);
    assert_string_equal(ended.err, "");
    assert_int_equal(ended.status, 0);
    ended = check_child("ask_for_leaks_in_task", NULL, NULL);
    assert_string_equal(ended.err, "");
    assert_int_equal(ended.status, 0);
}

static void leaks_are_grouped(void **state)
{
    struct ended ended;

    (void)state;
    if (!can_profile())
        skip();
    ended = check_child("leak_copy", NULL, NULL);
    assert_memory_equal(ended.err, "leaked 3 tasks [chan send, ", 27);
    assert_non_null(strstr(ended.err, check_places(__FILE__, "]: at @copy_send on channel made at "
                           "@copy_made (capacity 0), spawned at @copy_spawn\n    ids ")));
    assert_non_null(strstr(ended.err, "    send_copy\n    \t"));
}

static void says_where_it_cannot(void **state)
{
    (void)state;
    if (can_profile())
        skip();
    assert_int_equal(profile(), 0);
    assert_memory_equal(said, "no leak profile: the program ", 29);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_shapes_are_found),
        cmocka_unit_test(leaks_are_grouped),
        cmocka_unit_test(says_where_it_cannot),
    };

    check_scenarios(argc, argv, scenarios);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
