/* pinned.c - looking through the program's file descriptors. */
#define _GNU_SOURCE
#include "pinned.h"
#include "pages.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { UNREAD_MOST = 1 << 20 };

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

/* ---- all of them ---- */

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
    else if (strstr(target, "[io_uring]"))
        p->failure = "the program uses io_uring";
    else if (strncmp(target, "pipe:", 5) == 0 && ioctl(atoi(name), FIONREAD, &unread) == 0 &&
             unread > 0 && (fcntl(atoi(name), F_GETFL) & O_ACCMODE) != O_WRONLY)
        each_in_pipe(p, atoi(name), unread);
    else if (strncmp(target, "socket:", 7) == 0 &&
             ioctl(atoi(name), FIONREAD, &unread) == 0 && unread > 0)
        each_in_socket(p, atoi(name), unread);
    return !p->failure;
}

const char *rt_pinned_each(pid_t process, void (*each)(uintptr_t word, void *arg), void *arg)
{
    struct pinned p = { each, arg, rt_pages_get(UNREAD_MOST), NULL };

    if (!p.unread)
        return "out of memory";
    each_timer(&p, process);
    if (!rt_pages_list("/proc/self/fd", each_fd, &p) && !p.failure)
        p.failure = "the open files are not known: /proc cannot be read";
    rt_pages_put(p.unread, UNREAD_MOST);
    return p.failure;
}
