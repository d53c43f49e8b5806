/* The client half of a key-value store: every request carries the channel its answer comes back
 * on. Who answers is in another program's hands: the service's tasks, a hook that the embedder
 * provides, or whoever looks into the session while a call is under way. */
#include <stdlib.h>
#include <string.h>

#include "chanrt.h"

enum verb { VERB_GET, VERB_PUT, VERB_WATCH };

struct request {
    enum verb verb;
    char      key[32];
    long      value;
    chan_t   *reply;        /* long */
};

struct session {
    chan_t *requests;       /* struct request; the service receives */
    chan_t *by_reference;   /* struct request *; likewise */
    chan_t *gone;           /* closed when the service ends */
    chan_t *watching;       /* long: where the change that is waited for is told, or NULL */
};

void store_submit(struct request *r);       /* the embedder's */

long session_get(struct session *s, const char *key)
{
    struct request r = { .verb = VERB_GET, .reply = chan_make(long, 0) };
    long value = -1;

    strncpy(r.key, key, sizeof r.key - 1);
    chan_send(s->requests, &r);
    chan_recv(r.reply, &value);
    chan_release(r.reply);
    return value;
}

/* Gives up when the service ends before it takes the request; what it takes it answers. */
bool session_put(struct session *s, const char *key, long value)
{
    struct request *r = calloc(1, sizeof *r);
    chan_t *reply = chan_make(long, 0);
    long before = -1;

    if (!r)
        return false;
    r->verb = VERB_PUT;
    r->value = value;
    r->reply = reply;
    strncpy(r->key, key, sizeof r->key - 1);
    switch (chan_select(CHAN_SEND(s->by_reference, &r), CHAN_RECV(s->gone, NULL))) {
    case 0:
        chan_recv(reply, &before);
        break;
    default:
        free(r);
    }
    chan_release(reply);
    return before >= 0;
}

/* The next change of any key, as the service tells whoever stands in the session. */
long session_watch(struct session *s)
{
    chan_t *told = chan_make(long, 0);
    long value = -1;

    s->watching = told;
    chan_recv(told, &value);
    s->watching = NULL;
    chan_release(told);
    return value;
}

/* Without a service: the embedder is asked straight away. */
long local_get(const char *key)
{
    struct request *r = calloc(1, sizeof *r);
    chan_t *reply = chan_make(long, 0);
    long value = -1;

    if (!r)
        return -1;
    strncpy(r->key, key, sizeof r->key - 1);
    r->reply = reply;
    store_submit(r);
    chan_recv(reply, &value);
    chan_release(reply);
    free(r);
    return value;
}
