/* Wait groups, mutexes, read-write locks, conditions, once. */
#include "check.h"

#include <stdlib.h>

/* ---- wait groups ---- */

static void done(void *arg)
{
    wait_group_done(arg);
}

static void wait_group_waits_and_is_used_again(void **state)
{
    wait_group_t wg = { { 0 } };

    (void)state;
    wait_group_wait(&wg);
    for (int round = 0; round < scaled(200); round++) {
        wait_group_add(&wg, 10);
        for (int i = 0; i < 10; i++)
            task_spawn(done, &wg);
        wait_group_wait(&wg);
    }
    wait_group_add(&wg, 2);
    wait_group_add(&wg, -2);
    wait_group_wait(&wg);
}

static void wait_on_stack(void *arg)
{
    wait_group_t wg = { { 0 } };

    wait_group_add(&wg, 1);
    task_spawn(done, &wg);
    wait_group_wait(&wg);
    wait_group_done(arg);
}

static void wait_group_may_go_after_the_wait(void **state)
{
    wait_group_t wg = { { 0 } };
    int n = scaled(5000);

    (void)state;
    wait_group_add(&wg, n);
    for (int i = 0; i < n; i++)
        task_spawn(wait_on_stack, &wg);
    wait_group_wait(&wg);
}

/* ---- mutexes ---- */

struct counter {
    task_mutex_t  mutex;
    task_rwlock_t rwlock;
    wait_group_t  wg;
    long          n;
    int           rounds;
};

static void count_locked(void *arg)
{
    struct counter *c = arg;

    for (int i = 0; i < c->rounds; i++) {
        task_mutex_lock(&c->mutex);
        c->n++;
        if (i % 16 == 0)
            task_yield();           /* so that others find it locked */
        task_mutex_unlock(&c->mutex);
    }
    wait_group_done(&c->wg);
}

static void run_counters(struct counter *c, task_fn *fn, int tasks)
{
    wait_group_add(&c->wg, tasks);
    for (int i = 0; i < tasks; i++)
        task_spawn(fn, c);
    wait_group_wait(&c->wg);
}

static void mutex_excludes(void **state)
{
    struct counter c = { .rounds = scaled(4000) };

    (void)state;
    run_counters(&c, count_locked, 8);
    assert_int_equal(c.n, 8 * c.rounds);
}

static void trylock_does_not_wait(void **state)
{
    task_mutex_t m = { { 0 } };

    (void)state;
    assert_true(task_mutex_trylock(&m));
    assert_false(task_mutex_trylock(&m));
    task_mutex_unlock(&m);
    task_mutex_lock(&m);
    task_mutex_unlock(&m);
}

static void unlock_it(void *arg)
{
    task_sleep(2 * MS);
    task_mutex_unlock(arg);
}

static void anybody_may_unlock(void **state)
{
    task_mutex_t m = { { 0 } };

    (void)state;
    task_mutex_lock(&m);
    task_spawn(unlock_it, &m);
    task_mutex_lock(&m);
    task_mutex_unlock(&m);
}

struct hog { task_mutex_t mutex; atomic_bool stop; wait_group_t wg; };

static void hog_it(void *arg)
{
    struct hog *h = arg;

    while (!atomic_load(&h->stop)) {
        int64_t until = now() + 200 * TASK_MICROSECOND;

        task_mutex_lock(&h->mutex);
        while (now() < until)
            ;
        task_mutex_unlock(&h->mutex);
    }
    wait_group_done(&h->wg);
}

/* Unlocks and locks again at once, for ever: a waiter gets in all the same. */
static void waiter_is_handed_the_lock(void **state)
{
    struct hog h = { .stop = false };

    (void)state;
    wait_group_add(&h.wg, 1);
    task_spawn(hog_it, &h);
    for (int i = 0; i < 5; i++) {
        task_sleep(MS);
        task_mutex_lock(&h.mutex);
        task_mutex_unlock(&h.mutex);
    }
    atomic_store(&h.stop, true);
    wait_group_wait(&h.wg);
}

/* ---- read-write locks ---- */

static void count_written(void *arg)
{
    struct counter *c = arg;

    for (int i = 0; i < c->rounds; i++) {
        if (i % 4) {
            task_rwlock_rdlock(&c->rwlock);
            assert_true(c->n % 2 == 0);
            if (i % 5 == 0)
                task_yield();
            assert_true(c->n % 2 == 0);
            task_rwlock_rdunlock(&c->rwlock);
        } else {
            task_rwlock_wrlock(&c->rwlock);
            c->n++;
            task_yield();
            c->n++;
            task_rwlock_wrunlock(&c->rwlock);
        }
    }
    wait_group_done(&c->wg);
}

static void writers_exclude_readers(void **state)
{
    struct counter c = { .rounds = scaled(2000) };

    (void)state;
    run_counters(&c, count_written, 8);
    assert_int_equal(c.n, 8 * 2 * ((c.rounds + 3) / 4));
}

struct order {
    task_rwlock_t lock;
    char          log[16];
    atomic_uint   used;
};

static void read_it(void *arg)
{
    struct order *o = arg;

    task_rwlock_rdlock(&o->lock);
    o->log[atomic_fetch_add(&o->used, 1)] = 'r';
    task_rwlock_rdunlock(&o->lock);
}

static void write_it(void *arg)
{
    struct order *o = arg;

    task_rwlock_wrlock(&o->lock);
    o->log[atomic_fetch_add(&o->used, 1)] = 'w';
    task_rwlock_wrunlock(&o->lock);
}

static void spawn_blocked(task_fn *fn, void *arg, size_t blocked)
{
    task_spawn(fn, arg);
    wait_until_blocked(blocked);
}

/* Readers do not pass a waiting writer; when one unlocks, waiting readers come before the
 * next writer, also those that came after it. */
static void readers_and_writers_take_turns(void **state)
{
    leak_check_t lc = leak_check_begin();
    struct order o = { .log = "" };

    (void)state;
    task_rwlock_rdlock(&o.lock);
    task_rwlock_rdlock(&o.lock);
    spawn_blocked(write_it, &o, 1);
    spawn_blocked(read_it, &o, 2);
    spawn_blocked(write_it, &o, 3);
    spawn_blocked(read_it, &o, 4);
    task_rwlock_rdunlock(&o.lock);
    task_rwlock_rdunlock(&o.lock);
    assert_all_finished(lc);
    assert_string_equal(o.log, "wrrw");
    task_rwlock_wrlock(&o.lock);
    task_rwlock_wrunlock(&o.lock);
}

/* ---- conditions ---- */

struct turn {
    task_mutex_t mutex;
    task_cond_t  cond;
    wait_group_t wg;
    int          turn, players, rounds;
};

struct player { struct turn *t; int number; };

static void play(void *arg)
{
    struct player *p = arg;
    struct turn *t = p->t;

    for (int i = 0; i < t->rounds; i++) {
        task_mutex_lock(&t->mutex);
        while (t->turn != p->number)
            task_cond_wait(&t->cond, &t->mutex);
        t->turn = (t->turn + 1) % t->players;
        task_cond_broadcast(&t->cond);
        task_mutex_unlock(&t->mutex);
    }
    wait_group_done(&t->wg);
}

static void broadcast_wakes_all(void **state)
{
    struct turn t = { .players = 4, .rounds = scaled(500) };

    (void)state;
    wait_group_add(&t.wg, t.players);
    for (int i = 0; i < t.players; i++)
        task_go(play, (struct player){ &t, i });
    wait_group_wait(&t.wg);
}

static void wait_for_signal(void *arg)
{
    struct turn *t = arg;

    task_mutex_lock(&t->mutex);
    task_cond_wait(&t->cond, &t->mutex);
    t->turn++;
    task_mutex_unlock(&t->mutex);
}

static void signal_wakes_one(void **state)
{
    leak_check_t lc = leak_check_begin();
    struct turn t = { .turn = 0 };

    (void)state;
    task_cond_signal(&t.cond);          /* nobody: forgotten */
    for (size_t i = 1; i <= 3; i++)
        spawn_blocked(wait_for_signal, &t, i);
    for (size_t i = 1; i <= 3; i++) {
        assert_true(task_mutex_trylock(&t.mutex));
        assert_int_equal(t.turn, i - 1);
        task_cond_signal(&t.cond);
        task_mutex_unlock(&t.mutex);
        wait_until_blocked(3 - i);
        while (task_count() > 3 - i)
            task_yield();
    }
    assert_all_finished(lc);
    assert_int_equal(t.turn, 3);
}

/* ---- once ---- */

struct single { task_once_t once; atomic_int runs; wait_group_t wg; };

static void run_slowly(void *arg)
{
    task_sleep(3 * MS);
    atomic_fetch_add((atomic_int *)arg, 1);
}

static void call_once(void *arg)
{
    struct single *s = arg;

    task_once(&s->once, run_slowly, &s->runs);
    assert_int_equal(atomic_load(&s->runs), 1);
    wait_group_done(&s->wg);
}

static void abort_if_called(void *arg)
{
    (void)arg;
    abort();
}

static void once_runs_once_and_all_wait(void **state)
{
    struct single s = { .runs = 0 };

    (void)state;
    wait_group_add(&s.wg, 10);
    for (int i = 0; i < 10; i++)
        task_spawn(call_once, &s);
    wait_group_wait(&s.wg);
    task_once(&s.once, abort_if_called, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wait_group_waits_and_is_used_again),
        cmocka_unit_test(wait_group_may_go_after_the_wait),
        cmocka_unit_test(mutex_excludes),
        cmocka_unit_test(trylock_does_not_wait),
        cmocka_unit_test(anybody_may_unlock),
        cmocka_unit_test(waiter_is_handed_the_lock),
        cmocka_unit_test(writers_exclude_readers),
        cmocka_unit_test(readers_and_writers_take_turns),
        cmocka_unit_test(broadcast_wakes_all),
        cmocka_unit_test(signal_wakes_one),
        cmocka_unit_test(once_runs_once_and_all_wait),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
