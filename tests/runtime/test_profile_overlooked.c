/* task_leak_profile: what lives is not reported where only odd memory, odd stacks or the
 * kernel has the address; or nothing is found out, and said so. */
#define _GNU_SOURCE
#include "profiling.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

static void refused(const char *why)
{
    assert_int_equal(profile(), 0);
    if (can_profile())
        assert_string_equal(said, why);
}

/* ---- memory ---- */

/* As large as malloc's cache of freed blocks, and as empty, but for what is behind that. */
static chan_t **slots;

static __attribute__((noinline)) void fill_last_slot(void)
{
    slots = calloc(81, sizeof *slots);
    slots[80] = receiver();
}

static void kept_in_a_block_like_a_cache(void **state)
{
    leak_check_t lc = leak_check_begin();

    (void)state;
    fill_last_slot();
    nothing_is_found(1);
    chan_send_value(slots[80], 1);
    assert_all_finished(lc);
    chan_release(slots[80]);
    free(slots);
}

/* By size class, live objects of the program's own: laid out like that cache, and its lists
 * begin with blocks of the right sizes. */
struct object { struct object *next; chan_t *ch; char rest[24]; };
struct classes { uint16_t counts[64]; struct object *lists[64]; };
static struct classes *classes;

enum { CLASS = 1 };                 /* of malloc's, too: its chunks of 48 bytes */
_Static_assert(sizeof(struct object) == 40 && sizeof(struct classes) == 640, "as glibc's");

static __attribute__((noinline)) void fill_class(void)
{
    struct object *o = calloc(1, sizeof *o);

    classes = calloc(1, sizeof *classes);
    o->ch = receiver();
    classes->counts[CLASS] = 1;
    classes->lists[CLASS] = o;
}

static void kept_in_lists_like_a_cache(void **state)
{
    leak_check_t lc = leak_check_begin();

    (void)state;
    fill_class();
    scrub();                        /* also what would lie in the gaps of the next call's frame */
    nothing_is_found(0);            /* and counting tasks leaves addresses in freed blocks */
    chan_send_value(classes->lists[CLASS]->ch, 1);
    assert_all_finished(lc);
    chan_release(classes->lists[CLASS]->ch);
    free(classes->lists[CLASS]);
    free(classes);
}

/* Its first words are those of a large block of malloc's. */
static uint64_t *offsets;

static __attribute__((noinline)) void fill_offsets(void)
{
    offsets[1] = 4096 + 2;
    offsets[100] = (uintptr_t)receiver();
}

static void kept_in_a_mapping_like_a_block(void **state)
{
    leak_check_t lc = leak_check_begin();

    (void)state;
    offsets = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(offsets, MAP_FAILED);
    fill_offsets();
    nothing_is_found(1);
    chan_send_value((chan_t *)offsets[100], 1);
    assert_all_finished(lc);
    chan_release((chan_t *)offsets[100]);
    munmap(offsets, 8192);
}

/* Two mappings, as the kernel sees it, and the address half in each. */
static char *halves;

static __attribute__((noinline)) void fill_halves(void)
{
    chan_t *ch = receiver();

    memcpy(halves + 4096 - 3, &ch, sizeof ch);
}

static void kept_across_two_mappings(void **state)
{
    leak_check_t lc = leak_check_begin();
    chan_t *ch;

    (void)state;
    halves = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(halves, MAP_FAILED);
    assert_int_equal(madvise(halves + 4096, 4096, MADV_DONTFORK), 0);
    fill_halves();
    nothing_is_found(1);
    memcpy(&ch, halves + 4096 - 3, sizeof ch);
    chan_send_value(ch, 1);
    assert_all_finished(lc);
    chan_release(ch);
    munmap(halves, 8192);
}

/* No page table of the process has the page: it is only in the file. */
static void kept_in_a_shared_page_given_back(void **state)
{
    leak_check_t lc = leak_check_begin();
    int fd = memfd_create("shared", MFD_CLOEXEC);
    chan_t *volatile *shared;

    (void)state;
    assert_int_equal(ftruncate(fd, 2 << 20), 0);
    shared = mmap(NULL, 2 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    assert_ptr_not_equal(shared, MAP_FAILED);
    shared[1 << 17] = receiver();
    wait_until_blocked(1);
    assert_int_equal(madvise((void *)&shared[1 << 17], 4096, MADV_DONTNEED), 0);
    nothing_is_found(1);
    chan_send_value(shared[1 << 17], 1);
    assert_all_finished(lc);
    chan_release(shared[1 << 17]);
    munmap((void *)shared, 2 << 20);
    close(fd);
}

/* ---- stacks ---- */

static int to_read[2];              /* a byte ends what waits */

static void wait_for_byte(void)
{
    char byte;

    while (read(to_read[0], &byte, 1) < 0 && errno == EINTR)
        ;
}

static void let_go(pthread_t thread)
{
    assert_int_equal(write(to_read[1], "x", 1), 1);
    pthread_join(thread, NULL);
    close(to_read[0]);
    close(to_read[1]);
}

static __thread chan_t *in_thread_local;

static void *keep_in_thread(void *arg)
{
    in_thread_local = *(void **)arg;
    *(void **)arg = NULL;
    wait_for_byte();
    chan_send_value(in_thread_local, 1);
    return NULL;
}

static void kept_by_a_thread_in_read(void **state)
{
    leak_check_t lc = leak_check_begin();
    void **arg = malloc(sizeof *arg);
    pthread_t thread;

    (void)state;
    assert_int_equal(pipe(to_read), 0);
    *arg = hidden(receiver());
    pthread_create(&thread, NULL, keep_in_thread, arg);
    task_sleep(20 * MS);
    nothing_is_found(1);
    let_go(thread);
    assert_all_finished(lc);
    release_hidden();
    free(arg);
}

static ucontext_t outside, inside;

/* Lies below the stack that the thread goes on with. */
static __attribute__((noinline)) void keep_while_inside(void)
{
    chan_t *volatile ch = hidden(receiver());

    swapcontext(&outside, &inside);
    chan_send_value(ch, 1);
}

static void *run_inside(void *arg)
{
    char stack[65536] __attribute__((aligned(16)));

    getcontext(&inside);
    inside.uc_stack.ss_sp = stack;
    inside.uc_stack.ss_size = sizeof stack;
    inside.uc_link = &outside;
    makecontext(&inside, wait_for_byte, 0);
    scrub();
    keep_while_inside();
    return arg;
}

static void kept_below_a_coroutine(void **state)
{
    leak_check_t lc = leak_check_begin();
    pthread_t thread;

    (void)state;
    if (!can_profile())
        skip();
    assert_int_equal(pipe(to_read), 0);
    pthread_create(&thread, NULL, run_inside, NULL);
    task_sleep(50 * MS);
    nothing_is_found(1);
    let_go(thread);
    assert_all_finished(lc);
    release_hidden();
}

/* One mapping: a page that cannot be touched, the program's data, a thread's stack. */
/* The thread's part also holds what ThreadSanitizer keeps for it. */
enum { POOL = 8 << 20, POOL_STACK = 4 << 20, POOL_DATA = 8192 };

static void *send_from_pool(void *arg)
{
    chan_t **data = arg;

    wait_for_byte();
    chan_send_value(*data, 1);
    return NULL;
}

static void kept_beside_a_stack(void **state)
{
    leak_check_t lc = leak_check_begin();
    char *pool = mmap(NULL, POOL, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    chan_t **data = (chan_t **)(pool + POOL_DATA);
    pthread_attr_t attr;
    pthread_t thread;

    (void)state;
    assert_ptr_not_equal(pool, MAP_FAILED);
    assert_int_equal(mprotect(pool, 4096, PROT_NONE), 0);
    assert_int_equal(pipe(to_read), 0);
    *data = receiver();
    wait_until_blocked(1);
    pthread_attr_init(&attr);
    pthread_attr_setstack(&attr, pool + POOL - POOL_STACK, POOL_STACK);
    assert_int_equal(pthread_create(&thread, &attr, send_from_pool, data), 0);
    task_sleep(50 * MS);
    nothing_is_found(1);
    let_go(thread);
    assert_all_finished(lc);
    chan_release(*data);
    pthread_attr_destroy(&attr);
    munmap(pool, POOL);
}

/* ---- the kernel ---- */

static void kept_by_epoll_and_pipe(void **state)
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
    chan_send_value(hidden_at(0), 1);
    assert_all_finished(lc);
    release_hidden();
    close(epoll);
    close(fds[0]);
    close(fds[1]);
}

static __attribute__((noinline)) int count_of_events(void)
{
    int fd = eventfd(0, EFD_CLOEXEC);
    uint64_t count = (uintptr_t)receiver();

    assert_int_equal(write(fd, &count, sizeof count), (ssize_t)sizeof count);
    return fd;
}

static void kept_by_an_eventfd(void **state)
{
    leak_check_t lc = leak_check_begin();
    int fd = count_of_events();
    uint64_t count;

    (void)state;
    nothing_is_found(1);
    assert_int_equal(read(fd, &count, sizeof count), (ssize_t)sizeof count);
    chan_send_value((chan_t *)(uintptr_t)count, 1);
    assert_all_finished(lc);
    chan_release((chan_t *)(uintptr_t)count);
    close(fd);
}

static void kept_by_a_fifo(void **state)
{
    leak_check_t lc = leak_check_begin();
    char folder[] = "/tmp/chanrt-XXXXXX", path[64];
    chan_t *ch;
    int fd;

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/fifo", folder);
    assert_int_equal(mkfifo(path, 0600), 0);
    fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    unlink(path);
    rmdir(folder);
    ch = hidden(receiver());
    assert_int_equal(write(fd, &ch, sizeof ch), (ssize_t)sizeof ch);
    ch = NULL;
    nothing_is_found(1);
    assert_int_equal(read(fd, &ch, sizeof ch), (ssize_t)sizeof ch);
    chan_send_value(ch, 1);
    assert_all_finished(lc);
    release_hidden();
    close(fd);
}

static __attribute__((noinline)) void queue_to_process(int signal)
{
    union sigval value = { .sival_ptr = hidden(receiver()) };

    assert_int_equal(sigqueue(getpid(), signal, value), 0);
}

static __attribute__((noinline)) void queue_to_thread(pthread_t thread, int signal)
{
    union sigval value = { .sival_ptr = hidden(receiver()) };

    assert_int_equal(pthread_sigqueue(thread, signal, value), 0);
}

static void send_what_came(int signal)
{
    sigset_t set;
    siginfo_t info;

    sigemptyset(&set);
    sigaddset(&set, signal);
    assert_int_equal(sigwaitinfo(&set, &info), signal);
    chan_send_value((chan_t *)info.si_value.sival_ptr, 1);
}

static void *take_signal_at_the_end(void *arg)
{
    wait_for_byte();
    send_what_came(SIGRTMIN + 1);
    return arg;
}

/* Blocked by all threads. */
static void kept_by_pending_signals(void **state)
{
    leak_check_t lc = leak_check_begin();
    pthread_t thread;
    sigset_t set, old;

    (void)state;
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN);
    sigaddset(&set, SIGRTMIN + 1);
    sigaddset(&set, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &set, &old);
    assert_int_equal(pipe(to_read), 0);
    pthread_create(&thread, NULL, take_signal_at_the_end, NULL);
    for (int i = 0; i < 3; i++)
        queue_to_process(SIGRTMIN);
    queue_to_process(SIGUSR1);
    queue_to_thread(thread, SIGRTMIN + 1);
    nothing_is_found(5);
    for (int i = 0; i < 3; i++)
        send_what_came(SIGRTMIN);
    send_what_came(SIGUSR1);
    let_go(thread);
    queue_to_thread(pthread_self(), SIGRTMIN);
    refused("no leak profile: a signal is pending for the thread that asks\n");
    send_what_came(SIGRTMIN);
    assert_all_finished(lc);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    release_hidden();
}

static void asynchronous_files_are_refused(void **state)
{
    unsigned long context = 0;

    (void)state;
    if (syscall(SYS_io_setup, 4, &context) < 0)
        skip();                     /* a kernel without them */
    refused("no leak profile: the program uses io_uring or Linux AIO\n");
    assert_int_equal(syscall(SYS_io_destroy, context), 0);
}

static int child_runs[2];

static void *wait_in_vfork(void *arg)
{
    pid_t child = vfork();

    if (child == 0) {
        char byte = 'x';

        close(to_read[1]);          /* so that it ends when the test does */
        if (write(child_runs[1], &byte, 1) != 1 || read(to_read[0], &byte, 1) != 1)
            _exit(1);
        _exit(0);
    }
    waitpid(child, NULL, 0);
    return arg;
}

/* The program does not stand still for long for the sake of one thread. */
static void a_thread_that_cannot_be_stopped(void **state)
{
    pthread_t thread;
    int64_t start;
    char byte;

    (void)state;
    if (!can_profile())
        skip();
    assert_int_equal(pipe(to_read), 0);
    assert_int_equal(pipe(child_runs), 0);
    pthread_create(&thread, NULL, wait_in_vfork, NULL);
    assert_int_equal(read(child_runs[0], &byte, 1), 1);
    start = now();
    refused("no leak profile: a thread cannot be stopped in time\n");
    assert_true(now() - start < 1500 * MS);
    let_go(thread);
    close(child_runs[0]);
    close(child_runs[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kept_in_a_block_like_a_cache),
        cmocka_unit_test(kept_in_lists_like_a_cache),
        cmocka_unit_test(kept_in_a_mapping_like_a_block),
        cmocka_unit_test(kept_across_two_mappings),
        cmocka_unit_test(kept_in_a_shared_page_given_back),
        cmocka_unit_test(kept_by_a_thread_in_read),
        cmocka_unit_test(kept_below_a_coroutine),
        cmocka_unit_test(kept_beside_a_stack),
        cmocka_unit_test(kept_by_epoll_and_pipe),
        cmocka_unit_test(kept_by_an_eventfd),
        cmocka_unit_test(kept_by_a_fifo),
        cmocka_unit_test(kept_by_pending_signals),
        cmocka_unit_test(asynchronous_files_are_refused),
        cmocka_unit_test(a_thread_that_cannot_be_stopped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
