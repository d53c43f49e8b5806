/* A fleet of drones as large as its plan says. */
#include <stdio.h>
#include <stdlib.h>

#include "chanrt.h"

struct plan {
    const char *name;
    struct { int drones, reserve; } fleet;
    chan_t *landed;                     /* int */
};

static struct plan *plan_load(const char *text)
{
    struct plan *p = calloc(1, sizeof *p);

    if (!p)
        return NULL;
    p->name = text ? text : "survey";
    p->fleet.drones = text ? atoi(text) : 6;
    p->fleet.reserve = p->fleet.drones / 3;
    p->landed = chan_make(int, p->fleet.reserve);
    return p;
}

static void fly(void *arg)
{
    struct plan *p = arg;
    int metres = p->fleet.reserve * 100;

    chan_send(p->landed, &metres); // leak: forgotten-sender
}

static int plan_fly(struct plan *p)
{
    int metres, sum = 0;

    for (int i = 0; i < p->fleet.drones; i++)
        task_spawn(fly, p);
    for (int i = p->fleet.reserve + 1; i < p->fleet.drones; i++) {
        chan_recv(p->landed, &metres);
        sum += metres;
    }
    return sum;
}

int main(int argc, char **argv)
{
    struct plan *p = plan_load(argc > 1 ? argv[1] : NULL);

    if (!p)
        return 1;
    printf("%s %d\n", p->name, plan_fly(p));
    return 0;
}
