/* The client half of a store, as a library: a request carries the channel for its answer. A second
 * channel tells how much work is left; only requests that ask for it have it
 * told, and this one was copied to the service before it asked. */
#include <stdlib.h>
#include <string.h>

#include "chanrt.h"

struct request {
    char    key[32];
    chan_t *reply;          /* long */
    chan_t *progress;       /* int, closed at the end; NULL: not asked for */
};

struct session {
    chan_t *requests;       /* struct request; the service receives */
};

struct bar {
    chan_t *progress;
    chan_t *drawn;
};

static void draw(void *arg)
{
    struct bar *b = arg;
    int left;

    while (chan_recv(b->progress, &left)) // leak: unclosed-range
        printf("\r%d left ", left);
    chan_close(b->drawn);
}

long session_count(struct session *s, const char *prefix)
{
    struct request r = { .reply = chan_make(long, 0) };
    chan_t *drawn = chan_make(char, 0);
    long count = 0;

    strncpy(r.key, prefix, sizeof r.key - 1);
    chan_send(s->requests, &r);
    r.progress = chan_make(int, 8);
    task_go(draw, (struct bar){ r.progress, drawn });
    chan_recv(r.reply, &count);
    chan_recv(drawn, NULL); // leak-secondary
    chan_release(r.reply);
    return count;
}
