/* Three shelves in a ring, each mover between two of them: whoever takes two locks takes the one
 * at the lower address first, and three objects lie in one order, not in a circle. */
#include <stdint.h>
#include <stdlib.h>

#include "chanrt.h"

enum { SHELVES = 3 };

struct shelf {
    int          boxes;             /* under lock */
    task_mutex_t lock;
};

struct move {
    struct shelf *from, *to;
    wait_group_t *done;
};

static void shelves_lock(struct shelf *a, struct shelf *b)
{
    if ((uintptr_t)a > (uintptr_t)b) {
        struct shelf *t = a;

        a = b;
        b = t;
    }
    task_mutex_lock(&a->lock);
    task_mutex_lock(&b->lock);
}

static void move_box(void *arg)
{
    struct move *m = arg;

    shelves_lock(m->from, m->to);
    if (m->from->boxes > 0) {
        m->from->boxes--;
        m->to->boxes++;
    }
    task_mutex_unlock(&m->from->lock);
    task_mutex_unlock(&m->to->lock);
    wait_group_done(m->done);
}

static struct shelf *shelf_new(int boxes)
{
    struct shelf *s = calloc(1, sizeof *s);

    if (!s)
        abort();
    s->boxes = boxes;
    return s;
}

int main(void)
{
    struct shelf *a = shelf_new(1), *b = shelf_new(2), *c = shelf_new(0);
    struct move moves[SHELVES];
    wait_group_t done = { 0 };

    moves[0] = (struct move){ a, b, &done };
    moves[1] = (struct move){ b, c, &done };
    moves[2] = (struct move){ c, a, &done };
    wait_group_add(&done, SHELVES);
    for (int i = 0; i < SHELVES; i++)
        task_spawn(move_box, &moves[i]);
    wait_group_wait(&done);
    free(a);
    free(b);
    free(c);
    return 0;
}
