/* task_leak_profile: leaks in all shapes are found, and nothing that lives is reported. */
#define _GNU_SOURCE
#include "check.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>
#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#else
#define RUNNING_ON_VALGRIND 0
#endif

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

static char *said;                  /* by the last profile */

static size_t profile(void)
{
    size_t size, count;
    FILE *out;

    free(said);
    said = NULL;
    out = open_memstream(&said, &size);
    count = task_leak_profile(out);
    fclose(out);
    return count;
}

/* Overwrite what earlier calls left behind below this frame and in registers. */
static __attribute__((noinline)) void scrub(void)
{
    volatile char junk[16384];

    memset((char *)junk, 0, sizeof junk);
    __asm__ volatile("" : : "r"(junk) : "memory");
}

/* A leak may be missed by chance, as when a worker that looks for work still has an old
 * address on its stack, but not again and again. */
static size_t profile_until(size_t leaks)
{
    size_t found = profile();

    for (int i = 0; i < 20 && found < leaks; i++) {
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

static void receive(void *arg)
{
    chan_recv(arg, NULL);
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

/* ---- what lives ---- */

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

static void *keep_in_thread(void *arg)
{
    char byte;

    in_thread_local = ((void **)arg)[0];
    ((void **)arg)[0] = NULL;
    if (read((int)(intptr_t)((void **)arg)[1], &byte, 1) == 1)
        chan_send_value(in_thread_local, 1);
    return NULL;
}

/* The receiver of a channel that the caller keeps by one means only. */
static __attribute__((noinline)) chan_t *receiver(void)
{
    chan_t *ch = chan_make(int, 0);

    task_spawn(receive, ch);
    return ch;
}

static void nothing_is_found(size_t tasks)
{
    scrub();
    if (tasks)
        wait_until_blocked(tasks);
    assert_int_equal(profile(), 0);
    if (!SANITIZED && !RUNNING_ON_VALGRIND)
        assert_string_equal(said, "");
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

/* Channels that only tasks know are theirs to release in the end; here they stay. */
static chan_t *known_by_tasks[8];
static size_t known;

static chan_t *hidden(chan_t *ch)
{
    known_by_tasks[known++] = (chan_t *)~(uintptr_t)ch;
    return ch;
}

static void release_hidden(void)
{
    while (known > 0)
        chan_release((chan_t *)~(uintptr_t)known_by_tasks[--known]);
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
    task_spawn(keep_in_register, known_by_tasks[0]);
    while (!atomic_load(&spinning))
        task_sleep(MS);
    task_spawn(send_one, (chan_t *)~(uintptr_t)known_by_tasks[1]);
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

static void kept_by_a_thread_in_read(void **state)
{
    leak_check_t lc = leak_check_begin();
    void **arg = calloc(2, sizeof *arg);
    pthread_t thread;
    int fds[2];

    (void)state;
    assert_int_equal(pipe(fds), 0);
    arg[0] = hidden(receiver());
    arg[1] = (void *)(intptr_t)fds[0];
    pthread_create(&thread, NULL, keep_in_thread, arg);
    task_sleep(20 * MS);
    nothing_is_found(1);
    assert_int_equal(write(fds[1], "x", 1), 1);
    pthread_join(thread, NULL);
    assert_all_finished(lc);
    release_hidden();
    free(arg);
    close(fds[0]);
    close(fds[1]);
}

static void kept_by_the_kernel(void **state)
{
    leak_check_t lc = leak_check_begin();
    struct epoll_event event = { .events = EPOLLIN };
    int epoll = epoll_create1(0);
    chan_t *ch;
    int fds[2];

    (void)state;
    assert_int_equal(pipe(fds), 0);
    event.data.ptr = hidden(receiver());
    assert_int_equal(epoll_ctl(epoll, EPOLL_CTL_ADD, fds[0], &event), 0);
    event.data.ptr = NULL;
    ch = hidden(receiver());
    assert_int_equal(write(fds[1], &ch, sizeof ch), (ssize_t)sizeof ch);
    ch = NULL;
    nothing_is_found(2);
    assert_int_equal(read(fds[0], &ch, sizeof ch), (ssize_t)sizeof ch);
    chan_send_value(ch, 1);
    chan_send_value((chan_t *)~(uintptr_t)known_by_tasks[0], 1);
    assert_all_finished(lc);
    release_hidden();
    close(epoll);
    close(fds[0]);
    close(fds[1]);
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

struct stage { chan_t *in, *out; };

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
}

static void answer(void *arg)
{
    chan_t *ch;

    while (chan_recv(arg, &ch))
        chan_send_value(ch, 1);
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
    wait_group_t wg = { { 0 } };

    task_go(run_stage, (struct stage){ first, last });
    task_go(run_stage, (struct stage){ first, last });
    task_spawn(answer, last);
    wait_group_add(&wg, 8);
    for (int i = 0; i < 8; i++)
        task_go(run_asking, (struct asking){ first, &wg, times });
    wait_group_wait(&wg);
    chan_close(first);
    task_sleep(2 * MS);
    chan_close(last);
    task_sleep(2 * MS);
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
    }
    atomic_store(&over, true);
    pthread_join(thread, NULL);
    assert_all_finished(lc);
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
    if (SANITIZED || RUNNING_ON_VALGRIND)
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
    if (SANITIZED || RUNNING_ON_VALGRIND)
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
    if (!SANITIZED && !RUNNING_ON_VALGRIND)
        skip();
    assert_int_equal(profile(), 0);
    assert_memory_equal(said, "no leak profile: the program ", 29);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_shapes_are_found),
        cmocka_unit_test(leaks_are_grouped),
        cmocka_unit_test(kept_in_memory),
        cmocka_unit_test(kept_by_tasks),
        cmocka_unit_test(kept_by_running_and_runnable_tasks),
        cmocka_unit_test(kept_by_others),
        cmocka_unit_test(kept_by_the_asking_task),
        cmocka_unit_test(kept_by_a_thread_in_read),
        cmocka_unit_test(kept_by_the_kernel),
        cmocka_unit_test(kept_by_time_and_contexts),
        cmocka_unit_test(living_programs_are_clean),
        cmocka_unit_test(says_where_it_cannot),
    };

    check_scenarios(argc, argv, scenarios);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
