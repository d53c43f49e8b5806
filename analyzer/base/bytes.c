#include "bytes.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { PARTS_MAX = 1 << 20 };

void message_add(struct message *m, struct bytes part)
{
    ARENA_PUSH(m->arena, m->parts, m->count, m->capacity) = part;
}

void message_add_string(struct message *m, const char *string)
{
    message_add(m, (struct bytes){ string, string ? strlen(string) + 1 : 0 });
}

void message_add_number(struct message *m, uint64_t number)
{
    uint64_t *kept = ARENA_NEW(m->arena, uint64_t);

    *kept = number;
    message_add(m, (struct bytes){ kept, sizeof *kept });
}

struct bytes message_next(struct message_reader *r)
{
    return r->at < r->message->count ? r->message->parts[r->at++] : (struct bytes){ 0 };
}

const char *message_next_string(struct message_reader *r)
{
    struct bytes b = message_next(r);
    const char *s = b.data;

    return b.size && !s[b.size - 1] ? s : NULL;
}

uint64_t message_next_number(struct message_reader *r)
{
    struct bytes b = message_next(r);
    uint64_t number = 0;

    if (b.size == sizeof number)
        memcpy(&number, b.data, sizeof number);
    return number;
}

/* ---- over a pipe: how many parts, how long each is, what they are ------------------------ */

static bool write_all(int fd, const void *data, size_t size)
{
    const char *at = data;

    while (size) {
        ssize_t n = write(fd, at, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        size -= (size_t)n;
    }
    return true;
}

static bool read_all(int fd, void *data, size_t size)
{
    char *at = data;

    while (size) {
        ssize_t n = read(fd, at, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        size -= (size_t)n;
    }
    return true;
}

bool message_write(int fd, const struct message *m)
{
    uint64_t *sizes = ARENA_ARRAY(m->arena, uint64_t, m->count + 1);

    sizes[0] = m->count;
    for (uint32_t i = 0; i < m->count; i++)
        sizes[i + 1] = m->parts[i].size;
    if (!write_all(fd, sizes, (m->count + 1) * sizeof *sizes))
        return false;
    for (uint32_t i = 0; i < m->count; i++)
        if (!write_all(fd, m->parts[i].data, m->parts[i].size))
            return false;
    return true;
}

bool message_read(int fd, struct message *m)
{
    uint64_t count, *sizes;

    m->count = 0;
    if (!read_all(fd, &count, sizeof count) || count > PARTS_MAX)
        return false;
    sizes = ARENA_ARRAY(m->arena, uint64_t, count + 1);
    if (!read_all(fd, sizes, count * sizeof *sizes))
        return false;
    for (uint64_t i = 0; i < count; i++) {
        void *data = sizes[i] ? arena_alloc(m->arena, sizes[i]) : NULL;

        if (!read_all(fd, data, sizes[i]))
            return false;
        message_add(m, (struct bytes){ data, sizes[i] });
    }
    return true;
}
