/* Contexts and groups. */
#include "check.h"

#include <errno.h>

/* ---- contexts ---- */

static void background_is_never_cancelled(void **state)
{
    (void)state;
    ctx_cancel(ctx_background());
    ctx_release(ctx_retain(ctx_background()));
    assert_int_equal(ctx_err(ctx_background()), 0);
    assert_null(ctx_done(ctx_background()));
}

static void cancel_reaches_children_only(void **state)
{
    ctx_t *root = ctx_with_cancel(ctx_background());
    ctx_t *child = ctx_with_cancel(root);
    ctx_t *grandchild = ctx_with_timeout(child, 3600 * TASK_SECOND);
    ctx_t *sibling = ctx_with_cancel(root);

    (void)state;
    ctx_cancel(child);
    ctx_cancel(child);
    assert_int_equal(ctx_err(child), ECANCELED);
    assert_int_equal(ctx_err(grandchild), ECANCELED);
    assert_false(chan_recv(ctx_done(grandchild), NULL));
    assert_int_equal(ctx_err(root), 0);
    assert_int_equal(ctx_err(sibling), 0);
    assert_int_equal(chan_poll(CHAN_RECV(ctx_done(sibling), NULL)), -1);
    ctx_release(root);              /* its children keep it alive, and not cancelled */
    assert_int_equal(ctx_err(sibling), 0);
    ctx_release(grandchild);
    ctx_release(child);
    ctx_release(sibling);
}

static void child_of_cancelled_is_cancelled(void **state)
{
    ctx_t *parent = ctx_with_timeout(ctx_background(), 0);
    ctx_t *child = ctx_with_cancel(parent);

    (void)state;
    assert_int_equal(ctx_err(parent), ETIMEDOUT);
    assert_int_equal(ctx_err(child), ETIMEDOUT);
    assert_false(chan_recv(ctx_done(child), NULL));
    ctx_release(parent);
    ctx_release(child);
}

static void timeout_cancels(void **state)
{
    int64_t start = now();
    ctx_t *ctx = ctx_with_timeout(ctx_background(), 10 * MS);
    ctx_t *child = ctx_with_timeout(ctx, 3600 * TASK_SECOND);

    (void)state;
    assert_false(chan_recv(ctx_done(child), NULL));
    assert_true(now() - start >= 10 * MS);
    assert_int_equal(ctx_err(ctx), ETIMEDOUT);
    assert_int_equal(ctx_err(child), ETIMEDOUT);
    ctx_release(child);
    ctx_release(ctx);
}

static void wait_for_done(void *arg)
{
    chan_recv(ctx_done(arg), NULL);
}

static void last_release_cancels(void **state)
{
    leak_check_t lc = leak_check_begin();
    ctx_t *ctx = ctx_with_cancel(ctx_background());

    (void)state;
    task_spawn(wait_for_done, ctx);
    wait_until_blocked(1);
    assert_ptr_equal(ctx_retain(ctx), ctx);
    ctx_release(ctx);
    assert_int_equal(ctx_err(ctx), 0);
    ctx_release(ctx);
    assert_all_finished(lc);
}

static void scope_ends_cancel(void **state)
{
    ctx_t *seen;

    (void)state;
    {
        ctx_t *ctx ctx_scoped = ctx_with_cancel(ctx_background());

        seen = ctx_retain(ctx);
    }
    assert_int_equal(ctx_err(seen), ECANCELED);
    ctx_release(seen);
}

static void long_chain(void **state)
{
    ctx_t *root = ctx_with_cancel(ctx_background()), *last = ctx_retain(root);

    (void)state;
    for (int i = 0; i < scaled(20000); i++) {
        ctx_t *child = ctx_with_cancel(last);

        ctx_release(last);
        last = child;
    }
    ctx_cancel(root);
    assert_int_equal(ctx_err(last), ECANCELED);
    ctx_release(root);
    ctx_release(last);
}

/* Go's promise: who sees the error, or comes back from a cancel that another began, finds done
 * closed, of the children too. */
struct family {
    ctx_t       *parent, *child;
    wait_group_t done;
};

static void assert_cancelled(ctx_t *ctx)
{
    assert_int_equal(ctx_err(ctx), ECANCELED);
    assert_int_equal(chan_poll(CHAN_RECV(ctx_done(ctx), NULL)), 0);
}

static void cancel_family(void *arg)
{
    struct family *f = arg;

    ctx_cancel(f->parent);
    assert_cancelled(f->parent);
    assert_cancelled(f->child);
    wait_group_done(&f->done);
}

static void look_at_family(void *arg)
{
    struct family *f = arg;

    for (int i = 0; i < 3; i++) {
        if (ctx_err(f->parent) != 0) {
            assert_cancelled(f->parent);
            assert_cancelled(f->child);
        }
    }
    wait_group_done(&f->done);
}

static void cancel_child(void *arg)
{
    struct family *f = arg;

    ctx_cancel(f->child);
    assert_cancelled(f->child);
    wait_group_done(&f->done);
}

static void cancel_and_look(void *arg)
{
    struct family f = { .parent = ctx_with_cancel(ctx_background()) };

    (void)arg;
    f.child = ctx_with_cancel(f.parent);
    wait_group_add(&f.done, 3);
    task_spawn(cancel_child, &f);
    task_spawn(look_at_family, &f);
    task_spawn(cancel_family, &f);
    ctx_cancel(f.parent);           /* here, for tasks that are so short share a worker */
    wait_group_wait(&f.done);
    ctx_release(f.child);
    ctx_release(f.parent);
}

static void half_cancelled_is_never_seen(void **state)
{
    (void)state;
    assert_int_equal(leak_check_explore(cancel_and_look, NULL, 1, (unsigned)scaled(400), stderr), 0);
    for (int i = 0; i < scaled(20000); i++)
        cancel_and_look(NULL);
}

static void child_comes_and_goes(void *arg)
{
    for (int i = 0; i < scaled(2000); i++) {
        ctx_t *child = ctx_with_timeout(arg, 10 * TASK_MICROSECOND);

        if (i % 3 == 0)
            ctx_cancel(child);
        ctx_release(child);
        if (i % 64 == 0)
            task_yield();
    }
}

static void cancel_races_with_children(void **state)
{
    leak_check_t lc = leak_check_begin();
    ctx_t *ctx = ctx_with_timeout(ctx_background(), 3 * MS);

    (void)state;
    for (int i = 0; i < 4; i++)
        task_spawn(child_comes_and_goes, ctx);
    assert_all_finished(lc);
    ctx_release(ctx);
}

static void poll_err(void *arg)
{
    while (ctx_err(arg) == 0)
        ;
}

static void cancel_it(void *arg)
{
    ctx_cancel(arg);
}

static void polling_err_gives_way(void **state)
{
    leak_check_t lc = leak_check_begin();
    ctx_t *ctx = ctx_with_cancel(ctx_background());

    (void)state;
    for (int i = 0; i < 4; i++)
        task_spawn(poll_err, ctx);
    task_spawn(cancel_it, ctx);
    assert_all_finished(lc);
    ctx_release(ctx);
}

/* ---- groups ---- */

struct job { task_group_t *group; chan_t *gate; atomic_int *running, *most; };

static int work(void *arg)
{
    struct job *j = arg;
    int n = atomic_fetch_add(j->running, 1) + 1, most = atomic_load(j->most);

    while (n > most && !atomic_compare_exchange_weak(j->most, &most, n))
        ;
    task_yield();
    atomic_fetch_sub(j->running, 1);
    return 0;
}

static void limit_holds(void **state)
{
    task_group_t *g = task_group_create(ctx_background(), 3);
    atomic_int running = 0, most = 0;
    struct job j = { g, NULL, &running, &most };

    (void)state;
    for (int i = 0; i < 200; i++)
        task_group_spawn(g, work, &j);
    assert_int_equal(task_group_wait(g), 0);
    assert_in_range(most, 1, 3);
    assert_int_equal(running, 0);
}

static int fail_with_7(void *arg)
{
    (void)arg;
    return 7;
}

static int until_cancelled(void *arg)
{
    chan_recv(ctx_done(arg), NULL);
    return 9;
}

static void first_error_cancels_and_is_returned(void **state)
{
    ctx_t *parent = ctx_with_cancel(ctx_background());
    task_group_t *g = task_group_create(parent, 0);
    ctx_t *ctx = ctx_retain(task_group_ctx(g));

    (void)state;
    task_group_spawn(g, until_cancelled, ctx);
    task_group_spawn(g, until_cancelled, ctx);
    task_group_spawn(g, fail_with_7, NULL);
    assert_int_equal(task_group_wait(g), 7);
    assert_int_equal(ctx_err(ctx), ECANCELED);
    assert_int_equal(ctx_err(parent), 0);
    ctx_release(ctx);
    ctx_release(parent);
}

static void waiting_ends_the_context(void **state)
{
    task_group_t *g = task_group_create(ctx_background(), 1);
    ctx_t *ctx = ctx_retain(task_group_ctx(g));

    (void)state;
    assert_int_equal(task_group_wait(g), 0);
    assert_int_equal(ctx_err(ctx), ECANCELED);
    ctx_release(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(background_is_never_cancelled),
        cmocka_unit_test(cancel_reaches_children_only),
        cmocka_unit_test(child_of_cancelled_is_cancelled),
        cmocka_unit_test(timeout_cancels),
        cmocka_unit_test(last_release_cancels),
        cmocka_unit_test(scope_ends_cancel),
        cmocka_unit_test(long_chain),
        cmocka_unit_test(half_cancelled_is_never_seen),
        cmocka_unit_test(cancel_races_with_children),
        cmocka_unit_test(polling_err_gives_way),
        cmocka_unit_test(limit_holds),
        cmocka_unit_test(first_error_cancels_and_is_returned),
        cmocka_unit_test(waiting_ends_the_context),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
