/* locks.c - rounds over mutexes, read-write locks, conditions, wait groups, onces, groups and
 * contexts. What they guard is plain memory that must never be seen half changed; whoever waits
 * for something must be told of it. */
#include "stress.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { OBJECTS = 3, PLAYERS = 12, CHILDREN = 6 };

/* Two numbers that are equal whenever nobody is allowed to change them. */
struct twins { long a, b; };

struct guarded {
    task_mutex_t mutex;
    struct twins twins;
};

struct shared {
    task_rwlock_t lock;
    struct twins  twins;
    atomic_int    readers, writers;
};

/* A buffer with room for few, the textbook's (Hoare, "Monitors", 1974). */
struct monitor {
    task_mutex_t mutex;
    task_cond_t  not_full, not_empty;
    int          count, room;
    bool         broadcast;
};

struct game {
    struct guarded guarded[OBJECTS];
    struct shared  shared[OBJECTS];
    struct monitor monitor[OBJECTS];
    _Atomic long   locked[OBJECTS], written[OBJECTS];
    unsigned       players, menu;
    int            turns;
    wait_group_t   running;
    atomic_int     left;
};

struct player {
    struct game *game;
    unsigned     number;
    struct dice  dice;
};

/* Holding a lock is most telling when others run meanwhile. */
static void dawdle(struct dice *d)
{
    switch (dice_below(d, 8)) {
    case 0: task_yield(); break;
    case 1: task_sleep(dice_below(d, 20000)); break;
    default: break;
    }
}

static void change(struct twins *t, struct dice *d)
{
    if (t->a != t->b)
        stress_fail("%ld and %ld differ: two were in at once", t->a, t->b);
    t->a++;
    dawdle(d);
    t->b++;
}

/* ---- locks ---- */

static void use_mutex(struct player *p)
{
    unsigned i = dice_below(&p->dice, OBJECTS);
    struct guarded *g = &p->game->guarded[i];

    if (dice_one_in(&p->dice, 3)) {
        if (!task_mutex_trylock(&g->mutex))
            return;
    } else {
        task_mutex_lock(&g->mutex);
    }
    change(&g->twins, &p->dice);
    task_mutex_unlock(&g->mutex);
    atomic_fetch_add(&p->game->locked[i], 1);
}

static void use_rwlock(struct player *p)
{
    unsigned i = dice_below(&p->dice, OBJECTS);
    struct shared *s = &p->game->shared[i];

    if (dice_one_in(&p->dice, 3)) {
        task_rwlock_wrlock(&s->lock);
        if (atomic_fetch_add(&s->writers, 1) != 0 || s->readers != 0)
            stress_fail("a writer is not alone");
        change(&s->twins, &p->dice);
        atomic_fetch_sub(&s->writers, 1);
        task_rwlock_wrunlock(&s->lock);
        atomic_fetch_add(&p->game->written[i], 1);
        return;
    }
    task_rwlock_rdlock(&s->lock);
    atomic_fetch_add(&s->readers, 1);
    dawdle(&p->dice);
    if (s->writers != 0 || s->twins.a != s->twins.b)
        stress_fail("a writer is in with a reader");
    atomic_fetch_sub(&s->readers, 1);
    task_rwlock_rdunlock(&s->lock);
}

/* ---- conditions ---- */

static void tell(struct monitor *m, task_cond_t *cond)
{
    if (m->broadcast)
        task_cond_broadcast(cond);
    else
        task_cond_signal(cond);
}

static void put(struct monitor *m)
{
    task_mutex_lock(&m->mutex);
    while (m->count == m->room)
        task_cond_wait(&m->not_full, &m->mutex);
    if (++m->count > m->room)
        stress_fail("%d in a monitor for %d", m->count, m->room);
    tell(m, &m->not_empty);
    task_mutex_unlock(&m->mutex);
}

static void get(struct monitor *m)
{
    task_mutex_lock(&m->mutex);
    while (m->count == 0)
        task_cond_wait(&m->not_empty, &m->mutex);
    m->count--;
    task_mutex_unlock(&m->mutex);
    tell(m, &m->not_full);
}

struct consumer { struct monitor *m; int n; wait_group_t *wg; };

static void consume(void *arg)
{
    struct consumer *c = arg;

    for (int i = 0; i < c->n; i++)
        get(c->m);
    wait_group_done(c->wg);
}

/* Put some in, and have a task take as many out: nobody waits for ever. */
static void use_monitor(struct player *p)
{
    struct monitor *m = &p->game->monitor[dice_below(&p->dice, OBJECTS)];
    int n = 1 + (int)dice_below(&p->dice, 20);
    wait_group_t wg = { { 0 } };

    wait_group_add(&wg, 1);
    task_go(consume, (struct consumer){ m, n, &wg });
    for (int i = 0; i < n; i++)
        put(m);
    wait_group_wait(&wg);
}

/* ---- wait groups and onces ---- */

struct crowd {
    wait_group_t start, done;
    task_once_t  once;
    int          initialised;       /* plain: written in once, read after it */
    atomic_int   finished;
};

static void initialise(void *arg)
{
    struct crowd *c = arg;

    task_yield();
    c->initialised++;
}

static void join_crowd(void *arg)
{
    struct crowd *c = *(struct crowd **)arg;

    wait_group_wait(&c->start);
    task_once(&c->once, initialise, c);
    if (c->initialised != 1)
        stress_fail("once has run %d times", c->initialised);
    atomic_fetch_add(&c->finished, 1);
    wait_group_done(&c->done);
}

static void use_crowd(struct player *p)
{
    struct crowd c;

    memset(&c, 0, sizeof c);
    for (int turn = 1; turn <= 2; turn++) {
        int n = 1 + (int)dice_below(&p->dice, CHILDREN);
        int before = c.finished;

        wait_group_add(&c.start, 1);
        wait_group_add(&c.done, n);
        for (int i = 0; i < n; i++) {
            struct crowd *mine = &c;

            task_spawn_copy(join_crowd, &mine, sizeof mine);
        }
        dawdle(&p->dice);
        wait_group_done(&c.start);
        wait_group_wait(&c.done);
        if (c.finished != before + n)
            stress_fail("a wait group waited for %d of %d", c.finished - before, n);
    }
}

/* ---- groups ---- */

struct company {
    task_group_t *group;
    int           limit, error;     /* of the member that fails: 0 for none */
    atomic_int    inside, finished, number;
};

static int work(void *arg)
{
    struct company *c = arg;
    int number = atomic_fetch_add(&c->number, 1);
    int inside = atomic_fetch_add(&c->inside, 1) + 1;

    if (c->limit > 0 && inside > c->limit)
        stress_fail("%d tasks in a group limited to %d", inside, c->limit);
    if (number % 3 == 0)
        task_yield();
    if (c->error && number == 1)
        chan_try_recv(ctx_done(task_group_ctx(c->group)), NULL);
    else if (c->error && number > 1)
        chan_recv(ctx_done(task_group_ctx(c->group)), NULL);
    atomic_fetch_sub(&c->inside, 1);
    atomic_fetch_add(&c->finished, 1);
    return number == 1 ? c->error : 0;
}

/* With an error, every member but the first two waits for the cancelling that it brings. */
static void use_group(struct player *p)
{
    struct company c = { .error = dice_one_in(&p->dice, 2) ? EIO : 0 };
    int n = 2 + (int)dice_below(&p->dice, CHILDREN);
    int result;

    c.limit = dice_one_in(&p->dice, 2) ? 0 : 2 + (int)dice_below(&p->dice, 3);
    c.group = task_group_create(ctx_background(), (size_t)c.limit);
    for (int i = 0; i < n; i++)
        task_group_spawn(c.group, work, &c);
    result = task_group_wait(c.group);
    if (c.finished != n || result != c.error)
        stress_fail("group: %d of %d finished, result %d instead of %d", c.finished, n, result,
                    c.error);
}

/* ---- contexts ---- */

struct branch { ctx_t *ctx; wait_group_t *wg; };

static void await_cancel(void *arg)
{
    struct branch *b = arg;

    if (chan_recv(ctx_done(b->ctx), NULL))
        stress_fail("an element on a done channel");
    if (ctx_err(b->ctx) == 0)
        stress_fail("done, but without a reason");
    ctx_release(b->ctx);
    wait_group_done(b->wg);
}

/* A random tree; somebody waits at every node. One node is cancelled while the tree grows, and
 * the root in the end, by hand or by its time. */
static void use_contexts(struct player *p)
{
    bool by_time = dice_one_in(&p->dice, 2);
    ctx_t *node[CHILDREN];
    unsigned n = 2 + dice_below(&p->dice, CHILDREN - 1);
    wait_group_t wg = { { 0 } };

    node[0] = by_time ? ctx_with_timeout(ctx_background(), dice_below(&p->dice, 100000))
                      : ctx_with_cancel(ctx_background());
    for (unsigned i = 1; i < n; i++) {
        ctx_t *parent = node[dice_below(&p->dice, i)];

        node[i] = dice_one_in(&p->dice, 4)
                      ? ctx_with_timeout(parent, dice_below(&p->dice, 200000))
                      : ctx_with_cancel(parent);
    }
    wait_group_add(&wg, (int)n);
    for (unsigned i = 0; i < n; i++)
        task_go(await_cancel, (struct branch){ ctx_retain(node[i]), &wg });
    dawdle(&p->dice);
    ctx_cancel(node[dice_below(&p->dice, n)]);
    if (!by_time)
        ctx_cancel(node[0]);
    wait_group_wait(&wg);
    for (unsigned i = n; i-- > 0;)
        ctx_release(node[i]);
}

/* ---- a round ---- */

static void (*const games[])(struct player *) = {
    use_mutex, use_rwlock, use_monitor, use_crowd, use_group, use_contexts,
};
enum { GAMES = sizeof games / sizeof *games };

static void play(void *arg)
{
    struct player *p = arg;
    struct game *g = p->game;

    for (int turn = 0; turn < g->turns; turn++) {
        unsigned game;

        do
            game = dice_below(&p->dice, GAMES);
        while (!(g->menu & 1u << game));
        games[game](p);
        stress_moved(p->number);
    }
    atomic_fetch_sub(&g->left, 1);
    wait_group_done(&g->running);
}

static void check_game(struct game *g)
{
    for (int i = 0; i < OBJECTS; i++) {
        if (g->guarded[i].twins.a != g->locked[i] || g->guarded[i].twins.b != g->locked[i])
            stress_fail("mutex %d: %ld changes of %ld", i, g->guarded[i].twins.b, g->locked[i]);
        if (g->shared[i].twins.a != g->written[i] || g->shared[i].twins.b != g->written[i])
            stress_fail("rwlock %d: %ld changes of %ld", i, g->shared[i].twins.b, g->written[i]);
        if (g->monitor[i].count != 0)
            stress_fail("monitor %d: %d are left", i, g->monitor[i].count);
    }
}

uint64_t locks_round(struct dice dice, const struct options *options)
{
    struct game *g = calloc(1, sizeof *g);
    struct player players[PLAYERS];
    bool threads = options->threads && dice_one_in(&dice, 2);
    uint64_t ops;

    if (!g)
        stress_fail("out of memory");
    g->players = 2 + dice_below(&dice, PLAYERS - 1);
    g->menu = 1 + dice_below(&dice, (1u << GAMES) - 1);
    g->turns = 1 + (int)dice_below(&dice, 1500);
    g->left = (int)g->players;
    for (int i = 0; i < OBJECTS; i++) {
        g->monitor[i].room = 1 + (int)dice_below(&dice, 4);
        g->monitor[i].broadcast = dice_one_in(&dice, 3);
    }
    wait_group_add(&g->running, g->left);
    for (unsigned i = 0; i < g->players; i++) {
        players[i] = (struct player){ g, i, { dice_next(&dice) } };
        stress_start(play, &players[i], threads && dice_one_in(&dice, 3));
    }
    stress_wait(&g->running, &g->left, options->busy);
    check_game(g);
    ops = (uint64_t)g->players * (uint64_t)g->turns;
    free(g);
    return ops;
}
