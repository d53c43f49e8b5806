/* pages.c - memory, files and careful reading without malloc. */
#define _GNU_SOURCE
#include "pages.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* ---- memory ---- */

enum { OWN_MOST = 64 };

static struct { uintptr_t start, end; } own[OWN_MOST];

static bool remember(uintptr_t start, uintptr_t end)
{
    for (int i = 0; i < OWN_MOST; i++) {
        if (own[i].end)
            continue;
        own[i].start = start;
        own[i].end = end;
        return true;
    }
    return false;
}

void *rt_pages_get(size_t size)
{
    void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (pages == MAP_FAILED)
        return NULL;
    if (remember((uintptr_t)pages, (uintptr_t)pages + size))
        return pages;
    munmap(pages, size);
    return NULL;
}

void rt_pages_put(void *pages, size_t size)
{
    if (!pages)
        return;
    for (int i = 0; i < OWN_MOST; i++)
        if (own[i].start == (uintptr_t)pages)
            own[i].start = own[i].end = 0;
    munmap(pages, size);
}

void rt_pages_each_own(bool (*visit)(void *start, void *end, void *arg), void *arg)
{
    for (int i = 0; i < OWN_MOST; i++)
        if (own[i].end && !visit((void *)own[i].start, (void *)own[i].end, arg))
            return;
}

/* ---- /proc ---- */

/* Read it all in one go over again when it has outgrown the room. */
char *rt_pages_read_file(const char *path, size_t *size)
{
    for (size_t room = 1 << 20;; room *= 4) {
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        char *text = fd < 0 ? NULL : rt_pages_get(room);
        size_t used = 0;
        ssize_t n = 0;

        while (text && used < room - 1 && (n = read(fd, text + used, room - 1 - used)) > 0)
            used += (size_t)n;
        if (fd >= 0)
            close(fd);
        *size = room;
        if (text && n == 0)
            return text;
        rt_pages_put(text, room);
        if (!text || n < 0)
            return NULL;
    }
}

bool rt_pages_list(const char *path, bool (*each)(const char *name, void *arg), void *arg)
{
    char buffer[4096] __attribute__((aligned(8)));
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool go_on = true;
    long n = -1;

    if (fd < 0)
        return false;
    while (go_on && (n = syscall(SYS_getdents64, fd, buffer, sizeof buffer)) > 0) {
        for (long at = 0; go_on && at < n;) {
            struct dirent64 *entry = (struct dirent64 *)(buffer + at);

            if (entry->d_name[0] != '.')
                go_on = each(entry->d_name, arg);
            at += entry->d_reclen;
        }
    }
    close(fd);
    return !go_on || n == 0;
}

/* ---- reading ---- */

size_t rt_pages_peek(uintptr_t address, void *to, size_t size)
{
    struct iovec local = { to, size };
    struct iovec remote = { (void *)address, size };
    ssize_t n = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);

    return n < 0 ? 0 : (size_t)n;
}
