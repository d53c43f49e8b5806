/* A queue of anything that begins with a pointer to the next of its kind; the first int behind says whether it is
 * the last. */
#include <chanrt.h>
#include <stdlib.h>

struct link { struct link *next; };

struct queue {
    task_mutex_t lock;
    task_cond_t  filled;
    struct link *head, **tail;
};

static void queue_init(struct queue *q)
{
    q->head = NULL;
    q->tail = &q->head;
}

static void queue_put(struct queue *q, void *item)
{
    struct link *l = item;

    l->next = NULL;
    task_mutex_lock(&q->lock);
    *q->tail = l;
    q->tail = &l->next;
    task_cond_signal(&q->filled);
    task_mutex_unlock(&q->lock);
}

static void *queue_take(struct queue *q)
{
    struct link *l;

    task_mutex_lock(&q->lock);
    while (!q->head)
        task_cond_wait(&q->filled, &q->lock);
    l = q->head;
    q->head = l->next;
    if (!q->head)
        q->tail = &q->head;
    task_mutex_unlock(&q->lock);
    return l;
}

struct print_job { struct print_job *next; int last; int pages; };
struct stop_job  { struct stop_job *next; int last; };

static struct queue jobs;

static void printer(void *arg)
{
    chan_t *done = arg;
    int pages = 0;

    for (;;) {
        struct print_job *j = queue_take(&jobs);

        if (j->last) {
            free(j);
            break;
        }
        pages += j->pages;
        free(j);
    }
    chan_send(done, &pages);
}

int main(void)
{
    chan_t *done = chan_make(int, 0);
    struct stop_job *stop = malloc(sizeof *stop);
    int pages;

    queue_init(&jobs);
    task_spawn(printer, done);
    for (int i = 0; i < 2; i++) {
        struct print_job *j = malloc(sizeof *j);

        *j = (struct print_job){ .pages = i + 3 };
        queue_put(&jobs, j);
    }
    stop->last = 1;
    queue_put(&jobs, stop);
    chan_recv(done, &pages);
    return pages > 0 ? 0 : 1;
}
