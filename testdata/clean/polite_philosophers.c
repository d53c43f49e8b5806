/* Eight philosophers who take the second fork only when it lies there, and put the first one
 * back otherwise: nobody waits with a fork in the hand, however the seats are taken. */
#include "chanrt.h"

enum { SEATS = 8 };

struct table {
    task_mutex_t fork[SEATS];
    int          eaten[SEATS];
    wait_group_t seated;
};

struct guest {
    struct table *table;
    int           seat;
};

/* True: ate, and both forks lie on the table again. */
static bool try_to_eat(struct table *t, int seat)
{
    task_mutex_t *near = &t->fork[seat], *far = &t->fork[(seat + 1) % SEATS];
    bool both;

    task_mutex_lock(near);
    both = task_mutex_trylock(far);
    if (both) {
        t->eaten[seat]++;
        task_mutex_unlock(far);
    }
    task_mutex_unlock(near);
    return both;
}

static void dine(void *arg)
{
    struct guest *g = arg;

    while (!try_to_eat(g->table, g->seat))
        task_yield();
    wait_group_done(&g->table->seated);
}

int main(void)
{
    struct table t = { 0 };
    int eaten = 0;

    for (int seat = 0; seat < SEATS; seat++) {
        wait_group_add(&t.seated, 1);
        task_go(dine, (struct guest){ &t, seat });
    }
    wait_group_wait(&t.seated);
    for (int seat = 0; seat < SEATS; seat++)
        eaten += t.eaten[seat];
    printf("%d meals\n", eaten);
    return eaten > 0 ? 0 : 1;
}
