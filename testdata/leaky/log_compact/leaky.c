/* log_compact: compaction asks the log's task for its length while holding the lock that task takes for each entry
 *
 * schedule: rare - an entry has to come between the lock and the question for the length
 */
#include "chanrt.h"
#include <stdlib.h>

enum req_kind { REQ_APPEND, REQ_LENGTH, REQ_STOP };

struct req { enum req_kind kind; long value; chan_t *reply; };

struct log {
    chan_t       *requests;
    task_mutex_t  index_mu;
    long          index[8];
    int           n;
};

static void log_task(void *arg)
{
    struct log *l = arg;
    struct req r;

    while (chan_recv(l->requests, &r)) { // leak-secondary
        switch (r.kind) {
        case REQ_APPEND:
            task_mutex_lock(&l->index_mu); // leak: circular-wait
            if (l->n < 8)
                l->index[l->n++] = r.value;
            task_mutex_unlock(&l->index_mu);
            break;
        case REQ_LENGTH: {
            long n = l->n;
            chan_send(r.reply, &n);
            break;
        }
        case REQ_STOP:
            chan_close(r.reply);
            return;
        }
    }
}

static long log_length(struct log *l)
{
    struct req r = { .kind = REQ_LENGTH, .reply = chan_make(long, 1) };
    long n = -1;

    chan_send(l->requests, &r); // leak: circular-wait
    chan_recv(r.reply, &n); // leak: circular-wait
    chan_release(r.reply);
    return n;
}

static void log_append(struct log *l, long v)
{
    chan_send(l->requests, &(struct req){ .kind = REQ_APPEND, .value = v }); // leak-secondary
}

static void log_compact(struct log *l)
{
    task_mutex_lock(&l->index_mu);
    long n = log_length(l);
    for (int i = 1; i < l->n && i < n; i++)
        l->index[i - 1] = l->index[i];
    if (l->n > 0)
        l->n--;
    task_mutex_unlock(&l->index_mu);
}

struct writer { struct log *log; wait_group_t wg; };

static void writer(void *arg)
{
    struct writer *w = arg;

    for (long v = 10; v < 13; v++)
        log_append(w->log, v);
    wait_group_done(&w->wg);
}

int main(void)
{
    struct log *l = calloc(1, sizeof *l);
    static struct writer w;
    chan_t *stopped = chan_make(char, 0);

    if (l == NULL)
        return 1;
    l->requests = chan_make(struct req, 1);
    task_spawn(log_task, l);
    w.log = l;
    wait_group_add(&w.wg, 1);
    task_spawn(writer, &w);
    task_yield();
    log_compact(l);
    wait_group_wait(&w.wg);
    chan_send(l->requests, &(struct req){ .kind = REQ_STOP, .reply = stopped });
    chan_recv(stopped, NULL);
    printf("%d entries\n", l->n);
    return 0;
}
