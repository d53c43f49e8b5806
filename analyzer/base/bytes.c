#include "bytes.h"

#include <errno.h>
#include <stdalign.h>
#include <stddef.h>
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

/* ---- over a pipe: how many parts, how long each is, what they are, each aligned for any type --- */

static size_t room_for(uint64_t size)
{
    return (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
}

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

/* In one piece: a reader who is woken by each of a thousand small parts takes longer than to copy them. */
bool message_write(int fd, const struct message *m)
{
    size_t head = (m->count + 1) * sizeof(uint64_t), size = head;
    uint64_t *sizes;
    char *at;

    for (uint32_t i = 0; i < m->count; i++)
        size += room_for(m->parts[i].size);
    sizes = arena_alloc(m->arena, size);
    sizes[0] = m->count;
    at = (char *)sizes + head;
    for (uint32_t i = 0; i < m->count; i++) {
        sizes[i + 1] = m->parts[i].size;
        if (m->parts[i].size)
            memcpy(at, m->parts[i].data, m->parts[i].size);
        at += room_for(m->parts[i].size);
    }
    return write_all(fd, sizes, size);
}

bool message_read(int fd, struct message *m)
{
    uint64_t count, *sizes;
    size_t size = 0;
    char *at;

    m->count = 0;
    if (!read_all(fd, &count, sizeof count) || count > PARTS_MAX)
        return false;
    sizes = ARENA_ARRAY(m->arena, uint64_t, count + 1);
    if (!read_all(fd, sizes, count * sizeof *sizes))
        return false;
    for (uint64_t i = 0; i < count; i++)
        size += room_for(sizes[i]);
    at = arena_alloc(m->arena, size);
    if (!read_all(fd, at, size))
        return false;
    for (uint64_t i = 0; i < count; i++) {
        message_add(m, (struct bytes){ sizes[i] ? at : NULL, sizes[i] });
        at += room_for(sizes[i]);
    }
    return true;
}
