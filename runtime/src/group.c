/* group.c - tasks that fail together, after Go's errgroup. */
#include "panic.h"
#include "queue.h"
#include "seed.h"
#include "site.h"

#include <stdlib.h>

struct task_group {
    struct rt_lock  lock;
    int             err;            /* the first that was not zero */
    size_t          limit;          /* 0: none */
    size_t          running;
    struct rt_queue spawners;       /* each is handed the place of a task that finished */
    struct rt_queue waiters;
    ctx_t          *ctx;
};

struct member {
    struct task_group *group;
    int              (*fn)(void *);
    void              *arg;
};

task_group_t *task_group_create_at(ctx_t *parent, size_t limit, const char *site)
{
    struct task_group *g = calloc(1, sizeof *g);

    if (!g)
        rt_out_of_memory();
    g->limit = limit;
    g->ctx = ctx_with_cancel_at(parent, site);
    return g;
}

ctx_t *task_group_ctx(task_group_t *g)
{
    return g->ctx;
}

/* The group may be gone as soon as the last member has unlocked it. */
static void member_done(struct task_group *g, int err)
{
    struct rt_queued *list = NULL;
    bool first;

    rt_lock(&g->lock);
    first = err != 0 && g->err == 0;
    if (first)
        g->err = err;
    rt_unlock(&g->lock);
    if (first)
        ctx_cancel(g->ctx);
    rt_lock(&g->lock);
    if (g->spawners.first) {
        list = rt_queue_pop(&g->spawners);
        list->next = NULL;
    } else if (--g->running == 0) {
        list = rt_queue_take_all(&g->waiters);
    }
    rt_unlock(&g->lock);
    rt_ready_list(list);
}

static void member_main(void *arg)
{
    struct member *m = arg;

    member_done(m->group, m->fn(m->arg));
}

void task_group_spawn_at(task_group_t *g, int (*fn)(void *), void *arg, const char *site)
{
    struct member m = { g, fn, arg };

    rt_step(site);
    rt_lock(&g->lock);
    if (g->limit > 0 && g->running >= g->limit) {
        rt_queue_wait(&g->spawners, &g->lock, RT_GROUP_SPAWN, site);
    } else {
        g->running++;
        rt_unlock(&g->lock);
    }
    task_spawn_copy_at(member_main, &m, sizeof m, site);
}

int task_group_wait_at(task_group_t *g, const char *site)
{
    int err;

    rt_step(site);
    rt_lock(&g->lock);
    if (g->running > 0)
        rt_queue_wait(&g->waiters, &g->lock, RT_GROUP_WAIT, site);
    else
        rt_unlock(&g->lock);
    err = g->err;
    ctx_cancel(g->ctx);
    ctx_release(g->ctx);
    free(g);
    return err;
}

task_group_t *task_group_create(ctx_t *parent, size_t limit)
{
    return task_group_create_at(parent, limit, RT_CALLER);
}

void task_group_spawn(task_group_t *g, int (*fn)(void *), void *arg)
{
    task_group_spawn_at(g, fn, arg, RT_CALLER);
}

int task_group_wait(task_group_t *g)
{
    return task_group_wait_at(g, RT_CALLER);
}
