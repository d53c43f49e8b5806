/* pinned.c - looking through the program's file descriptors. */
#define _GNU_SOURCE
#include "pinned.h"
#include "pages.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { UNREAD_MOST = 1 << 20, SIGNALS_AT_ONCE = 64 };

struct pinned {
    void      (*each)(uintptr_t word, void *arg);
    void       *arg;
    char       *unread;             /* UNREAD_MOST bytes */
    const char *failure;
};

/* ---- numbers in text ---- */

/* "tfd: 5 events: 19 data: 55d0c1a2b3c0 ..." */
static void each_epoll(struct pinned *p, const char *fd)
{
    char path[64], *text;
    size_t size;

    snprintf(path, sizeof path, "/proc/self/fdinfo/%s", fd);
    text = rt_pages_read_file(path, &size);
    for (char *at = text; at && (at = strstr(at, "data:")) != NULL; at++)
        p->each(strtoul(at + 5, NULL, 16), p->arg);
    rt_pages_put(text, size);
}

/* "eventfd-count: 55d0c1a2b3c0": a counter, but of 64 bits. */
static void each_event(struct pinned *p, const char *fd)
{
    char path[64], *text, *count;
    size_t size;

    snprintf(path, sizeof path, "/proc/self/fdinfo/%s", fd);
    text = rt_pages_read_file(path, &size);
    count = text ? strstr(text, "eventfd-count:") : NULL;
    if (count)
        p->each(strtoul(count + 14, NULL, 16), p->arg);
    rt_pages_put(text, size);
}

/* "signal: 60/00005567a3f0c2a0": the signal's number and value. */
static void each_timer(struct pinned *p, pid_t process)
{
    char path[64], *text;
    size_t size;

    snprintf(path, sizeof path, "/proc/%d/timers", (int)process);
    text = rt_pages_read_file(path, &size);
    for (char *at = text; at && (at = strstr(at, "signal: ")) != NULL; at++) {
        char *slash = strchr(at, '/');

        if (slash)
            p->each(strtoul(slash + 1, NULL, 16), p->arg);
    }
    rt_pages_put(text, size);
}

/* ---- signals ---- */

/* Those sent to the thread, or to the process: looked at, they stay. */
static void each_queued(struct pinned *p, pid_t tid, unsigned flags)
{
    struct __ptrace_peeksiginfo_args from = { .flags = flags, .nr = SIGNALS_AT_ONCE };
    siginfo_t queued[SIGNALS_AT_ONCE];
    long got;

    while ((got = ptrace(PTRACE_PEEKSIGINFO, tid, &from, queued)) > 0) {
        for (long i = 0; i < got; i++)
            p->each((uintptr_t)queued[i].si_value.sival_ptr, p->arg);
        from.off += (uint64_t)got;
    }
    if (got < 0)
        p->failure = "the pending signals cannot be looked at";
}

/* The calling thread is not traced: of what was sent to it, only that there is some is known. */
static void check_caller(struct pinned *p, const struct rt_caller *caller)
{
    char path[64], *text, *pending;
    size_t size;

    snprintf(path, sizeof path, "/proc/%d/task/%d/status", (int)caller->process, (int)caller->tid);
    text = rt_pages_read_file(path, &size);
    pending = text ? strstr(text, "SigPnd:") : NULL;
    if (!pending || strtoull(pending + 7, NULL, 16) != 0)
        p->failure = "a signal is pending for the thread that asks";
    rt_pages_put(text, size);
}

/* One that stopped with a signal about to be delivered has it in hand. */
static void each_signal(struct pinned *p, const struct rt_caller *caller,
                        const struct rt_world *world)
{
    siginfo_t in_hand;

    for (size_t i = 0; i < world->count && !p->failure; i++) {
        pid_t tid = world->threads[i].tid;

        if (i == 0)
            each_queued(p, tid, PTRACE_PEEKSIGINFO_SHARED);
        each_queued(p, tid, 0);
        if (ptrace(PTRACE_GETSIGINFO, tid, 0, &in_hand) == 0)
            p->each((uintptr_t)in_hand.si_value.sival_ptr, p->arg);
    }
    if (!p->failure)
        check_caller(p, caller);
}

/* ---- unread data ---- */

static void each_byte(struct pinned *p, ssize_t size)
{
    uintptr_t word;

    for (ssize_t i = 0; i + (ssize_t)sizeof word <= size; i++) {
        memcpy(&word, p->unread + i, sizeof word);
        p->each(word, p->arg);
    }
}

/* tee leaves what it copies where it is. */
static void each_in_pipe(struct pinned *p, int fd, int unread)
{
    int copy[2];
    ssize_t got = -1;

    if (pipe2(copy, O_CLOEXEC | O_NONBLOCK) == 0) {
        fcntl(copy[1], F_SETPIPE_SZ, UNREAD_MOST);
        if (tee(fd, copy[1], UNREAD_MOST, SPLICE_F_NONBLOCK) > 0)
            got = read(copy[0], p->unread, UNREAD_MOST);
        close(copy[0]);
        close(copy[1]);
    }
    if (got < unread)
        p->failure = "a pipe holds more unread data than can be looked at";
    else
        each_byte(p, got);
}

static void each_in_socket(struct pinned *p, int fd, int unread)
{
    int domain = 0, type = 0;
    socklen_t size = sizeof domain;
    ssize_t got;

    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) < 0 || domain != AF_UNIX)
        return;
    size = sizeof type;
    getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size);
    got = type == SOCK_STREAM ? recv(fd, p->unread, UNREAD_MOST, MSG_PEEK | MSG_DONTWAIT) : -1;
    if (got < unread)
        p->failure = "a local socket holds unread data that cannot be looked at";
    else
        each_byte(p, got);
}

/* ---- files ---- */

static bool is_fifo(int fd)
{
    struct stat status;

    return fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode);
}

static bool each_fd(const char *name, void *arg)
{
    struct pinned *p = arg;
    char path[64], target[64];
    ssize_t length;
    int unread = 0;

    snprintf(path, sizeof path, "/proc/self/fd/%s", name);
    length = readlink(path, target, sizeof target - 1);
    if (length <= 0)
        return true;
    target[length] = '\0';
    if (strstr(target, "[eventpoll]"))
        each_epoll(p, name);
    else if (strstr(target, "[eventfd]"))
        each_event(p, name);
    else if (strstr(target, "[io_uring]"))
        p->failure = "the program uses io_uring or Linux AIO";
    else if (is_fifo(atoi(name)) && ioctl(atoi(name), FIONREAD, &unread) == 0 && unread > 0 &&
             (fcntl(atoi(name), F_GETFL) & O_ACCMODE) != O_WRONLY)
        each_in_pipe(p, atoi(name), unread);
    else if (strncmp(target, "socket:", 7) == 0 &&
             ioctl(atoi(name), FIONREAD, &unread) == 0 && unread > 0)
        each_in_socket(p, atoi(name), unread);
    return !p->failure;
}

/* Requests under way that the program need not have a file for. */
static bool asks_the_kernel(const struct rt_maps *maps)
{
    for (size_t i = 0; i < maps->count; i++)
        if (strstr(maps->all[i].name, "[aio]") || strstr(maps->all[i].name, "[io_uring]"))
            return true;
    return false;
}

/* ---- all of them ---- */

const char *rt_pinned_each(const struct rt_mark *m, const struct rt_caller *caller,
                           const struct rt_world *world,
                           void (*each)(uintptr_t word, void *arg), void *arg)
{
    struct pinned p = { each, arg, rt_pages_get(UNREAD_MOST), NULL };

    if (!p.unread)
        return "out of memory";
    each_timer(&p, caller->process);
    each_signal(&p, caller, world);
    if (!p.failure && asks_the_kernel(&m->maps))
        p.failure = "the program uses io_uring or Linux AIO";
    if (!p.failure && !rt_pages_list("/proc/self/fd", each_fd, &p) && !p.failure)
        p.failure = "the open files are not known: /proc cannot be read";
    rt_pages_put(p.unread, UNREAD_MOST);
    return p.failure;
}
