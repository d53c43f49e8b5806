/* Operations: what annotations say, names, places, layouts, atomics, cleanups. */
#include <stdatomic.h>

#include "chanrt.h"

struct server {
    chan_t *in, *out;
    task_mutex_t lock;
};

#define MUST_SEND(ch, v) do { if (1) chan_send(ch, v); } while (0)

void own_send(const void *value, int flags, chan_t *ch) __attribute__((annotate("chanleak:send", 3, 1)));
void own_signal(chan_t *ch) __attribute__((annotate("chanleak:send", 1, 0)));
int own_select(int n, chan_case_t *cases) __attribute__((annotate("chanleak:select", 2, 1)));
void own_send(const void *value, int flags, chan_t *ch) { chan_send(ch, value); (void)flags; }

static void unlock(task_mutex_t **m) { task_mutex_unlock(*m); }

static void worker(void *arg)
{
    struct server *s = arg;
    int v;

    chan_range(int, job, s->in)
        MUST_SEND(s->out, &job);
    if (!chan_recv(s->in, &v))
        return;
    task_mutex_lock(&s->lock);
    own_send(&v, 0, s->out);
    own_signal(s->in);
    task_mutex_unlock(&s->lock);
}

chan_t *start(int n)
{
    struct server s = { .in = chan_make(int, n), .out = n ? chan_make(int, 0) : NULL };
    leak_check_t check = leak_check_begin();
    chan_t *done[2];

    done[1] = chan_make(char, 0);
    task_spawn(worker, &s);
    task_go(worker, (struct server){ .in = s.in });
    chan_send_value(done[1], 'c');
    leak_check_end(check, TASK_SECOND, NULL);
    return chan_make(int, 1);
}

int selects(chan_t *a, ctx_t *ctx)
{
    int v = 0;
    bool ok;
    chan_case_t cases[] = { CHAN_RECV(a, &v) };

    switch (chan_select_timeout(TASK_SECOND, CHAN_RECV_OK(a, &v, &ok), CHAN_RECV(ctx_done(ctx), NULL))) {
    case 0:
        return v;
    case 1:
        return own_select(1, cases);
    default:
        return chan_poll(CHAN_SEND(a, &v));
    }
}

int cleanups(ctx_t *parent, task_mutex_t *m, int n)
{
    for (int i = 0; i < n; i++) {
        ctx_t *c ctx_scoped = ctx_with_cancel(parent);
        task_mutex_t *held __attribute__((cleanup(unlock))) = m;

        if (i == 1)
            continue;
        if (i == 2)
            break;
        if (i == 3)
            return n + i;
        if (i == 4)
            goto out;
        if (i == 5)
            goto next;
        (void)c, (void)held;
next:;
    }
out:
    return 0;
}

int atomics(atomic_int *shared)
{
    static _Atomic int count = 3;
    static int flag;
    int expected = 1;

    count++;
    count = *shared;
    atomic_fetch_sub(shared, 2);
    if (atomic_compare_exchange_strong(&count, &expected, 5))
        __atomic_store_n(&flag, 1, __ATOMIC_SEQ_CST);
    return atomic_load(shared) + atomic_exchange(&count, 9) + __sync_bool_compare_and_swap(&flag, 1, 2) +
           __atomic_add_fetch(&flag, 3, __ATOMIC_RELAXED) + __sync_fetch_and_or(&flag, 4);
}

/* What a person calls it: the field that a channel goes to, the channels of a select. */
void names(struct server *p, chan_t *done, int n)
{
    task_go(worker, (struct server){ chan_make(int, 0), .out = chan_make(int, n) });
    p[1] = (struct server){ chan_make(int, 1) };
    chan_poll(CHAN_RECV(done, NULL), { .op = CHAN_OP_SEND, .value = &n, .ch = p->out }, CHAN_RECV(p[n].in, &n));
}

/* Where what is written through an argument ends: a member, not what holds it. */
struct named {
    char name[16];
    int  id, counts[4];
    char rest[1];
};

void fill(struct named *p, char *text, int n)
{
    char whole[8];

    snprintf(p->name, sizeof p->name, "%d", n);
    sscanf(text, "%d %d %d", &p->id, &p->counts[n], &p[1].counts[2]);
    snprintf(p->name + n, 4, "%s", text);
    sprintf(p->rest, "%d", n);
    sprintf(whole, "%d", n);
    fill((struct named *)p->name, text, n);
}
