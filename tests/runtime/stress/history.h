/* history.h - what happened on one channel, and whether a queue could have done that.
 *
 * Every operation is recorded with the moments it was called and returned. A queue is
 * linearizable unless one of four things can be seen (Henzinger, Sezgin and Vafeiadis,
 * "Aspect-Oriented Linearizability Proofs", 2013): an element received that was never
 * sent, one received twice, one overtaken by another that was sent after it, or a
 * receive that found nothing although an element lay there all the time. To these come the
 * capacity (a send must not return while more elements lie there than fit; in a
 * rendezvous that is none) and the close.
 */
#ifndef HISTORY_H
#define HISTORY_H

#include "stress.h"

enum happened {
    SENT,               /* element is its stamp */
    RECEIVED,
    FOUND_NOTHING,      /* a receive that did not wait, or not any longer */
    FOUND_FULL,         /* a send likewise */
    FOUND_CLOSED,       /* a receive: closed and drained */
    CLOSED,
};

struct event {
    int64_t       called, returned;
    uint64_t      stamp;
    uint8_t       channel;
    enum happened what;
};

struct history {
    struct event *events;
    size_t        count, room;
};

/* The moment, with everything before it done and nothing after it begun. */
int64_t history_moment(void);
void    history_add(struct history *h, struct event event);
void    history_free(struct history *h);

/* Fails unless the n histories together are possible for the channel. Every element that
 * was sent must have been received. */
void history_check(const struct history *histories, unsigned n, unsigned channel,
                   size_t capacity);

#endif
