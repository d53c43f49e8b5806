/* ctx.c - cancellation: a tree of contexts.
 *
 * A child holds a reference to its parent; the parent's list of children does not hold
 * them. Cancelling walks the tree with a work list instead of recursion, for task
 * stacks are small; so does the release of a chain of parents.
 */
#include "chan.h"
#include "panic.h"
#include "seed.h"
#include "site.h"
#include "turn.h"

#include <errno.h>
#include <stdlib.h>

struct ctx {
    struct rt_lock  lock;           /* children and their links; err */
    atomic_uint     refs;
    atomic_int      err;
    bool            background;
    struct ctx     *parent;
    struct ctx     *children;
    struct ctx     *next, **link;   /* among the parent's children; under its lock */
    struct ctx     *work_next;      /* while it is being cancelled with its parent */
    chan_t         *done;
    struct rt_timer timer;          /* when == 0: none */
};

static struct ctx background = { .background = true };

ctx_t *ctx_background(void)
{
    return &background;
}

static bool retain_live(struct ctx *c)
{
    unsigned refs = atomic_load_explicit(&c->refs, memory_order_relaxed);

    while (refs > 0)
        if (atomic_compare_exchange_weak_explicit(&c->refs, &refs, refs + 1,
                                                  memory_order_relaxed, memory_order_relaxed))
            return true;
    return false;
}

/* ---- the tree ---- */

/* Under the parent's lock. */
static void unlink_child(struct ctx *c)
{
    if (!c->link)
        return;
    *c->link = c->next;
    if (c->next)
        c->next->link = c->link;
    c->link = NULL;
}

/* 0, or why the parent was cancelled already. */
static int link_child(struct ctx *parent, struct ctx *c)
{
    int err;

    rt_lock(&parent->lock);
    err = atomic_load(&parent->err);
    if (!err) {
        c->next = parent->children;
        c->link = &parent->children;
        if (c->next)
            c->next->link = &c->next;
        parent->children = c;
    }
    rt_unlock(&parent->lock);
    return err;
}

/* Mark c cancelled and put its children before work, each with a reference. One whose
 * last reference is gone stays: it is about to cancel and unlink itself. */
static struct ctx *cancel_one(struct ctx *c, int err, struct ctx *work)
{
    struct ctx *child, *next;
    bool first;

    rt_lock(&c->lock);
    first = atomic_load(&c->err) == 0;
    if (first)
        atomic_store(&c->err, err);
    for (child = c->children; first && child; child = next) {
        next = child->next;
        if (retain_live(child)) {
            unlink_child(child);
            child->work_next = work;
            work = child;
        }
    }
    rt_unlock(&c->lock);
    if (first) {
        if (c->timer.when)
            rt_timer_stop(&c->timer);
        chan_close_at(c->done, c->done->made);
    }
    return work;
}

static void cancel(struct ctx *c, int err)
{
    struct ctx *work;

    if (c->background)
        return;
    work = cancel_one(c, err, NULL);
    while (work) {
        struct ctx *child = work;

        work = cancel_one(child, err, child->work_next);
        ctx_release(child);
    }
}

void ctx_cancel(ctx_t *c)
{
    rt_step(NULL);
    cancel(c, ECANCELED);
}

/* ---- life ---- */

static bool deadline_pop(struct rt_timer *timer)
{
    return retain_live((struct ctx *)((char *)timer - offsetof(struct ctx, timer)));
}

static void deadline_fire(struct rt_timer *timer)
{
    struct ctx *c = (struct ctx *)((char *)timer - offsetof(struct ctx, timer));

    cancel(c, ETIMEDOUT);
    ctx_release(c);
}

static struct ctx *create(struct ctx *parent, const char *site)
{
    struct ctx *c = calloc(1, sizeof *c);

    if (!parent)
        rt_panic("context with a null parent", site);
    if (!c)
        rt_out_of_memory();
    atomic_store(&c->refs, 1);
    c->done = chan_create_at(0, 0, site);
    c->parent = ctx_retain(parent);
    return c;
}

/* The background has no list: nothing ever comes from it, and all would contend for it. */
static void join(struct ctx *c)
{
    int err = c->parent->background ? 0 : link_child(c->parent, c);

    if (err)
        cancel(c, err);
}

ctx_t *ctx_with_cancel_at(ctx_t *parent, const char *site)
{
    struct ctx *c = create(parent, site);

    rt_step(site);
    join(c);
    return c;
}

/* The timer is started before anybody else can cancel, that is stop it. */
ctx_t *ctx_with_timeout_at(ctx_t *parent, int64_t timeout, const char *site)
{
    struct ctx *c = create(parent, site);

    rt_step(site);
    c->timer = (struct rt_timer){ .pop = deadline_pop, .fire = deadline_fire };
    if (timeout > 0) {
        c->timer.when = rt_deadline(timeout);
        rt_timer_start(&c->timer);
    }
    join(c);
    if (timeout <= 0)
        cancel(c, ETIMEDOUT);
    return c;
}

chan_t *ctx_done(ctx_t *c)
{
    return c->done;
}

int ctx_err(ctx_t *c)
{
    int err = atomic_load_explicit(&c->err, memory_order_acquire);

    rt_step(NULL);
    if (!err)
        rt_polled_in_vain();
    return err;
}

ctx_t *ctx_retain(ctx_t *c)
{
    if (c && !c->background)
        atomic_fetch_add_explicit(&c->refs, 1, memory_order_relaxed);
    return c;
}

/* The last reference is gone: nobody but the parent's list knows c. */
static void destroy(struct ctx *c)
{
    cancel(c, ECANCELED);
    if (c->timer.when)
        rt_timer_stop(&c->timer);
    if (!c->parent->background) {
        rt_lock(&c->parent->lock);
        unlink_child(c);
        rt_unlock(&c->parent->lock);
    }
    chan_release(c->done);
    free(c);
}

void ctx_release(ctx_t *c)
{
    rt_step(NULL);
    while (c && !c->background &&
           atomic_fetch_sub_explicit(&c->refs, 1, memory_order_acq_rel) == 1) {
        struct ctx *parent = c->parent;

        destroy(c);
        c = parent;
    }
}

void ctx_scope_end(ctx_t **c)
{
    rt_step(NULL);
    if (!*c)
        return;
    cancel(*c, ECANCELED);
    ctx_release(*c);
}

/* ---- the functions behind the macros ---- */

ctx_t *ctx_with_cancel(ctx_t *parent)
{
    return ctx_with_cancel_at(parent, RT_CALLER);
}

ctx_t *ctx_with_timeout(ctx_t *parent, int64_t timeout)
{
    return ctx_with_timeout_at(parent, timeout, RT_CALLER);
}
