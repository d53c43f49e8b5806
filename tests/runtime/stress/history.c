#include "history.h"

#include <stdlib.h>
#include <string.h>

int64_t history_moment(void)
{
    int64_t now;

    atomic_thread_fence(memory_order_seq_cst);
    now = stress_now();
    atomic_thread_fence(memory_order_seq_cst);
    return now;
}

static void *grown(void *old, size_t size)
{
    void *more = realloc(old, size);

    if (!more)
        stress_fail("out of memory");
    return more;
}

void history_add(struct history *h, struct event event)
{
    if (h->count == h->room) {
        h->room = h->room ? 2 * h->room : 256;
        h->events = grown(h->events, h->room * sizeof *h->events);
    }
    h->events[h->count++] = event;
}

void history_free(struct history *h)
{
    free(h->events);
}

/* ---- one channel's part, as elements and as the rest ---- */

struct element {
    uint64_t stamp;
    int64_t  send_called, send_returned, recv_called, recv_returned;
};

struct part {
    unsigned        channel;
    struct element *elements;
    size_t          count;
    struct history  failed;             /* FOUND_NOTHING, FOUND_FULL, FOUND_CLOSED */
    int64_t         close_called;
};

static int by_stamp(const void *a, const void *b)
{
    const struct event *x = a, *y = b;

    if (x->stamp != y->stamp)
        return x->stamp < y->stamp ? -1 : 1;
    return (int)x->what - (int)y->what;
}

/* Sorted by stamp, SENT and RECEIVED alternate. */
static void pair_up(struct part *part, const struct history *moved)
{
    const struct event *e = moved->events;

    part->elements = grown(NULL, (moved->count / 2 + 1) * sizeof *part->elements);
    for (size_t i = 0; i < moved->count; i += 2) {
        if (i + 1 == moved->count || e[i].what != SENT || e[i + 1].what != RECEIVED ||
            e[i].stamp != e[i + 1].stamp)
            stress_fail("channel %u: element %llx was lost, made up, or received twice",
                        part->channel, (unsigned long long)e[i].stamp);
        part->elements[part->count++] = (struct element){
            e[i].stamp, e[i].called, e[i].returned, e[i + 1].called, e[i + 1].returned,
        };
    }
}

static struct part part_of(const struct history *histories, unsigned n, unsigned channel)
{
    struct part part = { .channel = channel, .close_called = INT64_MAX };
    struct history moved = { NULL, 0, 0 };

    for (unsigned i = 0; i < n; i++) {
        for (size_t j = 0; j < histories[i].count; j++) {
            struct event e = histories[i].events[j];

            if (e.channel != channel)
                continue;
            if (e.what == SENT || e.what == RECEIVED)
                history_add(&moved, e);
            else if (e.what == CLOSED)
                part.close_called = e.called;
            else
                history_add(&part.failed, e);
        }
    }
    if (moved.count > 0)
        qsort(moved.events, moved.count, sizeof *moved.events, by_stamp);
    pair_up(&part, &moved);
    history_free(&moved);
    return part;
}

/* ---- sweeps: changes and questions in the order of time ---- */

/* At equal times in this order, so that a tie never looks like an error. */
enum step_kind {
    LEAVES, ARRIVES,                        /* an element that surely lies there */
    LIFE, QUESTION, SETTLED,                /* one begins to be sent; one has been sent */
    MAY_ARRIVE, ASKED, ANSWERED, MAY_LEAVE, /* ANSWERED: what was ASKED is over */
};

struct step {
    int64_t        at;
    enum step_kind kind;
    size_t         index;       /* of the element, or of the question */
};

struct steps {
    struct step *all;
    size_t       count;
};

static void step_add(struct steps *steps, int64_t at, enum step_kind kind, size_t index)
{
    steps->all[steps->count++] = (struct step){ at, kind, index };
}

static struct steps steps_new(const struct part *part)
{
    return (struct steps){
        .all = grown(NULL, (3 * (part->count + part->failed.count) + 1) * sizeof(struct step)),
    };
}

static int by_time(const void *a, const void *b)
{
    const struct step *x = a, *y = b;

    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return (int)x->kind - (int)y->kind;
}

static void steps_sort(struct steps *steps)
{
    qsort(steps->all, steps->count, sizeof *steps->all, by_time);
}

/* Nothing is received before it is sent, and what surely lies there fits. */
static void check_capacity(const struct part *part, size_t capacity)
{
    struct steps steps = steps_new(part);
    size_t there = 0;

    for (size_t i = 0; i < part->count; i++) {
        const struct element *e = &part->elements[i];

        if (e->recv_returned < e->send_called)
            stress_fail("channel %u: element %llx was received before it was sent",
                        part->channel, (unsigned long long)e->stamp);
        /* It lies there from the send's return to the receive's call, if that is later. */
        if (e->send_returned < e->recv_called) {
            step_add(&steps, e->send_returned, ARRIVES, i);
            step_add(&steps, e->recv_called, LEAVES, i);
        }
    }
    steps_sort(&steps);
    for (size_t i = 0; i < steps.count; i++) {
        if (steps.all[i].kind == LEAVES)
            there--;
        else if (++there > capacity)
            stress_fail("channel %u: sends have returned, %zu more than receives have begun, "
                        "but the capacity is %zu", part->channel, there, capacity);
    }
    free(steps.all);
}

/* Of the elements sent before something was called, the one whose receive began last must
 * not have begun after that something was over. That something is the life of another
 * element, or a receive that found nothing. */
static void check_order(const struct part *part)
{
    struct steps steps = steps_new(part);
    const struct element *latest = NULL;

    for (size_t i = 0; i < part->count; i++) {
        step_add(&steps, part->elements[i].send_returned, SETTLED, i);
        step_add(&steps, part->elements[i].send_called, LIFE, i);
    }
    for (size_t i = 0; i < part->failed.count; i++)
        if (part->failed.events[i].what != FOUND_FULL)
            step_add(&steps, part->failed.events[i].called, QUESTION, i);
    steps_sort(&steps);
    for (size_t i = 0; i < steps.count; i++) {
        const struct step *s = &steps.all[i];
        int64_t over = s->kind == QUESTION ? part->failed.events[s->index].returned
                                        : part->elements[s->index].recv_returned;

        if (s->kind == SETTLED) {
            if (!latest || part->elements[s->index].recv_called > latest->recv_called)
                latest = &part->elements[s->index];
        } else if (latest && latest->recv_called > over) {
            if (s->kind == QUESTION)
                stress_fail("channel %u: a receive found nothing (%d) while element %llx lay "
                            "there", part->channel, (int)part->failed.events[s->index].what,
                            (unsigned long long)latest->stamp);
            stress_fail("channel %u: element %llx has overtaken %llx", part->channel,
                        (unsigned long long)part->elements[s->index].stamp,
                        (unsigned long long)latest->stamp);
        }
    }
    free(steps.all);
}

/* A send may find a buffer full only if at some moment during it so many elements may
 * have been there, counting those still being sent and those still being received. */
static void check_full(const struct part *part, size_t capacity)
{
    struct steps steps = steps_new(part);
    size_t *open = grown(NULL, (part->failed.count + 1) * sizeof *open);
    size_t open_count = 0, there = 0;

    for (size_t i = 0; i < part->count; i++) {
        step_add(&steps, part->elements[i].send_called, MAY_ARRIVE, i);
        step_add(&steps, part->elements[i].recv_returned, MAY_LEAVE, i);
    }
    for (size_t i = 0; i < part->failed.count; i++) {
        if (part->failed.events[i].what == FOUND_FULL) {
            step_add(&steps, part->failed.events[i].called, ASKED, i);
            step_add(&steps, part->failed.events[i].returned, ANSWERED, i);
        }
    }
    steps_sort(&steps);
    for (size_t i = 0; i < steps.count; i++) {
        switch (steps.all[i].kind) {
        case LEAVES: case ARRIVES: case LIFE: case QUESTION: case SETTLED:
            break;
        case MAY_ARRIVE:                /* an element may be there from here on */
            there++;
            break;
        case ASKED:                     /* a question opens */
            open[open_count++] = steps.all[i].index;
            break;
        case ANSWERED:                  /* one closes without having seen a full buffer */
            for (size_t j = 0; j < open_count; j++)
                if (open[j] == steps.all[i].index)
                    stress_fail("channel %u: a send found it full with at most %zu of %zu "
                                "elements", part->channel, there, capacity);
            break;
        case MAY_LEAVE:
            there--;
        }
        if (there >= capacity)
            open_count = 0;
    }
    free(open);
    free(steps.all);
}

static void check_closed(const struct part *part)
{
    for (size_t i = 0; i < part->failed.count; i++) {
        const struct event *e = &part->failed.events[i];

        if (e->what != FOUND_CLOSED)
            continue;
        if (e->returned < part->close_called)
            stress_fail("channel %u: found closed before it was", part->channel);
        for (size_t j = 0; j < part->count; j++)
            if (part->elements[j].recv_called > e->returned)
                stress_fail("channel %u: element %llx came after the close was seen",
                            part->channel, (unsigned long long)part->elements[j].stamp);
    }
}

void history_check(const struct history *histories, unsigned n, unsigned channel,
                   size_t capacity)
{
    struct part part = part_of(histories, n, channel);

    check_capacity(&part, capacity);
    check_order(&part);
    check_closed(&part);
    if (capacity > 0)
        check_full(&part, capacity);
    free(part.elements);
    history_free(&part.failed);
}
