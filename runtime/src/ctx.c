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
    struct ctx     *work_next;      /* while it is being cancelled: the next one */
    chan_t         *done;
    struct rt_timer timer;          /* when == 0: none */
};

static struct ctx background = { .background = true };

static void release(struct ctx *c);

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

static bool is_cancelled(struct ctx *c)
{
    return atomic_load_explicit(&c->err, memory_order_relaxed) != 0;
}

/* Mark the locked c cancelled, unless it is. Its children, locked and each with a reference,
 * go behind last; returns who is last then. One whose last reference is gone stays: it is
 * about to cancel and unlink itself. */
static struct ctx *cancel_one(struct ctx *c, int err, struct ctx *last)
{
    struct ctx *child, *next;

    if (is_cancelled(c))
        return last;
    atomic_store_explicit(&c->err, err, memory_order_release);
    if (c->timer.when)
        rt_timer_stop(&c->timer);
    rt_chan_close(c->done, c->done->made);
    for (child = c->children; child; child = next) {
        next = child->next;
        if (!retain_live(child))
            continue;
        unlink_child(child);
        rt_lock(&child->lock);
        child->work_next = NULL;
        last = last->work_next = child;
    }
    return last;
}

/* As in Go's context.go all is locked to the end, parents before children: who sees err, or
 * comes back from a second ctx_cancel, finds done closed and everything below cancelled too.
 * The children have left their parents' lists, so that nobody else comes by their work_next;
 * c may still be in its own, so that its lock goes last. */
static void cancel(struct ctx *c, int err)
{
    struct ctx *work, *last = c;

    if (c->background)
        return;
    rt_lock(&c->lock);
    if (is_cancelled(c)) {
        rt_unlock(&c->lock);
        return;
    }
    c->work_next = NULL;
    for (struct ctx *at = c; at; at = at->work_next)
        last = cancel_one(at, err, last);
    work = c->work_next;
    for (struct ctx *at = work; at; at = at->work_next)
        rt_unlock(&at->lock);
    rt_unlock(&c->lock);
    while (work) {
        struct ctx *child = work;

        work = child->work_next;
        release(child);
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
    release(c);
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
    if (err) {
        rt_lock(&c->lock);          /* wait until all of it is cancelled */
        rt_unlock(&c->lock);
    } else {
        rt_polled_in_vain();
    }
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

static void release(struct ctx *c)
{
    while (c && !c->background &&
           atomic_fetch_sub_explicit(&c->refs, 1, memory_order_acq_rel) == 1) {
        struct ctx *parent = c->parent;

        destroy(c);
        c = parent;
    }
}

void ctx_release(ctx_t *c)
{
    rt_step(NULL);
    release(c);
}

void ctx_scope_end(ctx_t **c)
{
    rt_step(NULL);
    if (!*c)
        return;
    cancel(*c, ECANCELED);
    release(*c);
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
