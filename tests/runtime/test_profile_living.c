/* task_leak_profile: nothing that lives is reported, whatever looks like a leak. */
#define _GNU_SOURCE
#include "profiling.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static chan_t *in_global;
static __thread chan_t *in_thread_local;
static char *in_interior;
static chan_t *of_tasks;            /* what they are all woken by in the end */

struct keeping { char before[40]; chan_t *ch; char after[5000]; };

/* Parked, but alive: it keeps ch on its stack. */
static void keep_while_waiting(void *arg)
{
    chan_t *ch = arg;

    chan_recv(of_tasks, NULL);
    chan_send_value(ch, 1);
}

static void keep_while_sleeping(void *arg)
{
    task_sleep(100 * MS);
    chan_send_value(arg, 1);
}

static void keep_while_running(void *arg)
{
    chan_t *volatile ch = arg;
    int64_t end = now() + 100 * MS;

    while (now() < end)
        ;
    chan_send_value(ch, 1);
}

static void kept_in_memory(void **state)
{
    leak_check_t lc = leak_check_begin();
    struct keeping *block = calloc(1, sizeof *block);
    void **own = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *packed = malloc(20);
    chan_t *ch, *local;

    (void)state;
    local = receiver();
    in_global = receiver();
    in_thread_local = receiver();
    block->ch = receiver();
    in_interior = (char *)receiver() + 8;
    own[100] = receiver();
    ch = receiver();
    memcpy(packed + 3, &ch, sizeof ch);
    ch = NULL;
    nothing_is_found(7);
    chan_send_value(local, 1);
    chan_send_value(in_global, 1);
    chan_send_value(in_thread_local, 1);
    chan_send_value(block->ch, 1);
    chan_send_value((chan_t *)(in_interior - 8), 1);
    chan_send_value((chan_t *)own[100], 1);
    memcpy(&ch, packed + 3, sizeof ch);
    chan_send_value(ch, 1);
    assert_all_finished(lc);
    chan_release(local);
    chan_release(in_global);
    chan_release(in_thread_local);
    chan_release(block->ch);
    chan_release((chan_t *)(in_interior - 8));
    chan_release(own[100]);
    chan_release(ch);
    munmap(own, 4096);
    free(block);
    free(packed);
}

static void kept_by_tasks(void **state)
{
    leak_check_t lc = leak_check_begin();

    (void)state;
    of_tasks = chan_create(0, 0);
    task_spawn(keep_while_waiting, hidden(receiver()));
    task_spawn(keep_while_sleeping, hidden(receiver()));
    task_spawn(keep_while_running, hidden(receiver()));
    nothing_is_found(0);
    chan_close(of_tasks);
    assert_all_finished(lc);
    release_hidden();
    chan_release(of_tasks);
}

static atomic_bool spin, spinning;

/* Nothing but a register has the address meanwhile. */
static void keep_in_register(void *arg)
{
    chan_t *ch = (chan_t *)~(uintptr_t)arg;

    __asm__ volatile("" : "+r"(ch));
    atomic_store(&spinning, true);
    while (atomic_load(&spin))
        ;
    __asm__ volatile("" : "+r"(ch));
    chan_send_value(ch, 1);
}

static void send_one(void *arg)
{
    chan_send_value((chan_t *)arg, 1);
}

/* With one worker the second never runs while the first does. */
static void kept_by_running_and_runnable_tasks(void **state)
{
    leak_check_t lc = leak_check_begin();

    (void)state;
    hidden(receiver());
    hidden(receiver());
    wait_until_blocked(2);
    atomic_store(&spin, true);
    atomic_store(&spinning, false);
    task_spawn(keep_in_register, (void *)~(uintptr_t)hidden_at(0));
    while (!atomic_load(&spinning))
        task_sleep(MS);
    task_spawn(send_one, hidden_at(1));
    for (int i = 0; i < 20; i++)
        nothing_is_found(0);
    atomic_store(&spin, false);
    assert_all_finished(lc);
    release_hidden();
}

static void done_later(void *arg)
{
    chan_recv(of_tasks, NULL);
    wait_group_done(arg);
}

/* It waits on its own stack for one that has the address. */
static void wait_for_child(void *arg)
{
    wait_group_t wg = { { 0 } };

    (void)arg;
    wait_group_add(&wg, 1);
    task_spawn(done_later, &wg);
    wait_group_wait(&wg);
}

static task_mutex_t global_mutex;
static task_rwlock_t global_rwlock;
static task_cond_t global_cond;

static void lock_global(void *arg)
{
    (void)arg;
    task_mutex_lock(&global_mutex);
    task_mutex_unlock(&global_mutex);
    task_rwlock_rdlock(&global_rwlock);
    task_rwlock_rdunlock(&global_rwlock);
}

static void wait_global(void *arg)
{
    task_mutex_t own = { { 0 } };

    (void)arg;
    task_mutex_lock(&own);
    task_cond_wait(&global_cond, &own);
    task_mutex_unlock(&own);
}

static void select_one_of_two(void *arg)
{
    chan_t *own = chan_make(int, 0);

    chan_select(CHAN_RECV(own, NULL), CHAN_RECV(arg, NULL));
    chan_release(own);
}

static void kept_by_others(void **state)
{
    leak_check_t lc = leak_check_begin();

    (void)state;
    of_tasks = chan_create(0, 0);
    task_mutex_lock(&global_mutex);
    task_spawn(wait_for_child, NULL);
    task_spawn(lock_global, NULL);
    task_spawn(wait_global, NULL);
    task_spawn(select_one_of_two, of_tasks);
    nothing_is_found(5);
    task_mutex_unlock(&global_mutex);
    task_cond_signal(&global_cond);
    chan_close(of_tasks);
    assert_all_finished(lc);
    chan_release(of_tasks);
}

static size_t found_by_task;

static void ask_in_task(void *arg)
{
    chan_t *ch = receiver();

    scrub();
    task_sleep(10 * MS);
    found_by_task = profile();
    chan_send_value(ch, 1);
    hidden(ch);
    wait_group_done(arg);
}

static void kept_by_the_asking_task(void **state)
{
    leak_check_t lc = leak_check_begin();
    wait_group_t wg = { { 0 } };

    (void)state;
    wait_group_add(&wg, 1);
    task_spawn(ask_in_task, &wg);
    wait_group_wait(&wg);
    assert_int_equal(found_by_task, 0);
    assert_all_finished(lc);
    release_hidden();
}

static void kept_by_time_and_contexts(void **state)
{
    leak_check_t lc = leak_check_begin();
    ctx_t *parent = ctx_with_cancel(ctx_background());
    uintptr_t child = ~(uintptr_t)ctx_with_cancel(parent);
    uintptr_t timed = ~(uintptr_t)ctx_with_timeout(ctx_background(), 200 * MS);
    uintptr_t ticker = ~(uintptr_t)ticker_create(200 * MS);

    (void)state;
    task_spawn(receive, ctx_done((ctx_t *)~child));
    task_spawn(receive, ctx_done((ctx_t *)~timed));
    task_spawn(receive, ticker_chan((ticker_t *)~ticker));
    task_spawn(receive, hidden(chan_after(200 * MS)));
    nothing_is_found(0);
    ctx_cancel(parent);
    assert_all_finished(lc);
    ticker_stop((ticker_t *)~ticker);
    release_hidden();
    ctx_release((ctx_t *)~child);
    ctx_release((ctx_t *)~timed);
    ctx_release(parent);
}

/* ---- programs that run while they are looked at ---- */

struct sending { chan_t *ch; };

struct stage { chan_t *in, *out; wait_group_t *ended; };

/* Hands on what it gets, each time with another channel made on the way. */
static void run_stage(void *arg)
{
    struct stage *s = arg;
    chan_t *reply;

    while (chan_recv(s->in, &reply)) {
        chan_t *mine = chan_make(int, rand() % 2);

        chan_send(s->out, &mine);
        if (reply)
            chan_send_value(reply, 1);
        chan_recv(mine, NULL);
        chan_release(mine);
    }
    wait_group_done(s->ended);
}

static void answer(void *arg)
{
    struct stage *s = arg;
    chan_t *ch;

    while (chan_recv(s->in, &ch))
        chan_send_value(ch, 1);
    wait_group_done(s->ended);
}

static void ask(chan_t *first)
{
    struct sending *s = malloc(sizeof *s);
    chan_t *ch;

    s->ch = chan_make(int, 0);
    ch = s->ch;
    chan_send(first, &ch);
    chan_recv(s->ch, NULL);
    chan_release(s->ch);
    free(s);
}

struct asking { chan_t *first; wait_group_t *wg; int times; };

static void run_asking(void *arg)
{
    struct asking *a = arg;

    for (int i = 0; i < a->times; i++)
        ask(a->first);
    wait_group_done(a->wg);
}

static void churn(int times)
{
    chan_t *first = chan_make(chan_t *, 0), *last = chan_make(chan_t *, 2);
    wait_group_t wg = { { 0 } }, stages = { { 0 } }, answers = { { 0 } };

    wait_group_add(&stages, 2);
    task_go(run_stage, (struct stage){ first, last, &stages });
    task_go(run_stage, (struct stage){ first, last, &stages });
    wait_group_add(&answers, 1);
    task_go(answer, (struct stage){ .in = last, .ended = &answers });
    wait_group_add(&wg, 8);
    for (int i = 0; i < 8; i++)
        task_go(run_asking, (struct asking){ first, &wg, times });
    wait_group_wait(&wg);
    chan_close(first);
    wait_group_wait(&stages);
    chan_close(last);
    wait_group_wait(&answers);
    chan_release(first);
    chan_release(last);
}

static atomic_bool over;

static void *churn_on(void *arg)
{
    (void)arg;
    while (!atomic_load(&over))
        churn(20);
    return NULL;
}

static void living_programs_are_clean(void **state)
{
    leak_check_t lc = leak_check_begin();
    int64_t end = now() + scaled(2000) * MS;
    pthread_t thread;

    (void)state;
    atomic_store(&over, false);
    pthread_create(&thread, NULL, churn_on, NULL);
    while (now() < end) {
        size_t found = profile();

        if (found > 0)
            fail_msg("reported:\n%s", said);
        if (can_profile())
            assert_string_equal(said, "");
    }
    atomic_store(&over, true);
    pthread_join(thread, NULL);
    assert_all_finished(lc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kept_in_memory),
        cmocka_unit_test(kept_by_tasks),
        cmocka_unit_test(kept_by_running_and_runnable_tasks),
        cmocka_unit_test(kept_by_others),
        cmocka_unit_test(kept_by_the_asking_task),
        cmocka_unit_test(kept_by_time_and_contexts),
        cmocka_unit_test(living_programs_are_clean),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
