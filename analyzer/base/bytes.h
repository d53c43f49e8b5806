/* bytes.h - some bytes, and lists of them as messages between processes. */
#ifndef BYTES_H
#define BYTES_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"

struct bytes {
    const void *data;           /* NULL: none */
    size_t      size;
};

struct message {
    struct arena *arena;        /* its parts' */
    struct bytes *parts;
    uint32_t      count, capacity;
};

void message_add(struct message *message, struct bytes part);
void message_add_string(struct message *message, const char *string);   /* NULL is none */
void message_add_number(struct message *message, uint64_t number);

/* Parts in their order; after the last one, or one that is something else: none, NULL, 0. */
struct message_reader {
    const struct message *message;
    uint32_t              at;
};
struct bytes message_next(struct message_reader *reader);
const char  *message_next_string(struct message_reader *reader);
uint64_t     message_next_number(struct message_reader *reader);

/* Both block until the whole message has passed. False: the other side is gone, or errno says more. */
bool message_write(int fd, const struct message *message);
bool message_read(int fd, struct message *message);

#endif
