/* op_channel.h - one channel operation, shared by send, receive and select. */
#ifndef OP_CHANNEL_H
#define OP_CHANNEL_H

#include "machine.h"

/* One wish of a task: to send to or to receive from a channel. A plain send is
 * a select of one case. */
struct wish {
    struct value handle;
    struct value value;         /* address to send from or receive into; INT 0: none */
    struct value ok;            /* address of the bool that says whether it was closed; INT 0: none */
    bool         is_send;
    int64_t      index;         /* case of a select; -1 outside one */
};

enum { WISHES_MAX = 16 };

struct wishes {
    struct wish wish[WISHES_MAX];
    uint32_t    count;
    bool        waits;          /* others may meet it: it blocks until one comes true */
    bool        unseen;         /* a select of too many cases, or nobody knows how many: one wish, of something unknown */
};

/* What the pending operation of a task wants of channels; count 0 when it is no such operation. */
void wishes_of(struct machine *m, uint32_t task, const struct instr *in, struct wishes *w);

/* Notice each wish whose variable is smaller than an element of its channel. */
void wishes_note_overrun(struct machine *m, uint32_t task, const struct instr *in, const struct wishes *w);

/* One way in which a wish can come true now. */
enum way_kind { WAY_BUFFER, WAY_CLOSED, WAY_PEER, WAY_FIRE, WAY_EXTERNAL, WAY_FAULT };

struct way {
    uint8_t  kind;              /* enum way_kind */
    uint32_t wish;
    uint32_t peer, peer_wish;   /* WAY_PEER: the task at the other end, and which of its wishes */
};

enum { WAYS_MAX = 64 };

struct ways {
    struct way way[WAYS_MAX];
    uint32_t   count;
    bool       certain;         /* one of them is there whatever the others do: no default */
};

/* initiate_send: a rendezvous is counted at its receiving end only, unless the
 * sender does not wait (a poll). */
void ways_find(struct machine *m, uint32_t task, const struct wishes *w, bool initiate_send, struct ways *ways);

/* Carry it out; task's operation is then over with the way's result. */
void way_take(struct machine *m, uint32_t task, const struct instr *in, const struct wishes *w,
              const struct way *way);

/* Something is received, nobody knows what. */
void receive_unknown(struct machine *m, uint32_t task, const struct instr *in, const struct wish *w);

#endif
