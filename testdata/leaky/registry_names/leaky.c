/* registry_names: adding a name that is taken asks for a free one, through a
 * function that locks the registry again.
 */
#include <stdlib.h>
#include <string.h>

#include <chanrt.h>

#define NAMES_MAX 8

typedef struct registry {
    task_mutex_t lock;
    char         names[NAMES_MAX][24];
    int          used;
} registry;

typedef struct adder {
    registry     *reg;
    const char   *name;
    wait_group_t *wg;
} adder;

static bool registry_has(const registry *r, const char *name)
{
    for (int i = 0; i < r->used; i++)
        if (!strcmp(r->names[i], name))
            return true;
    return false;
}

/* A name that is not taken, made from the wanted one. */
static void registry_propose(registry *r, const char *wanted, char *name, size_t size)
{
    int n = 0;

    task_mutex_lock(&r->lock); // leak: lock-deadlock
    snprintf(name, size, "%s", wanted);
    while (registry_has(r, name))
        snprintf(name, size, "%.8s-%d", wanted, ++n);
    task_mutex_unlock(&r->lock);
}

static int registry_add(registry *r, const char *wanted)
{
    char name[24];
    int  slot = -1;

    task_mutex_lock(&r->lock); // leak-secondary
    if (r->used == NAMES_MAX)
        goto out;
    snprintf(name, sizeof name, "%s", wanted);
    if (registry_has(r, wanted))
        registry_propose(r, wanted, name, sizeof name);
    slot = r->used++;
    memcpy(r->names[slot], name, sizeof name);
out:
    task_mutex_unlock(&r->lock);
    return slot;
}

static void add_task(void *arg)
{
    adder *a = arg;

    if (registry_add(a->reg, a->name) < 0)
        fprintf(stderr, "no room for %s\n", a->name);
    wait_group_done(a->wg);
}

int main(void)
{
    static registry reg;
    wait_group_t wg = { 0 };

    wait_group_add(&wg, 3);
    task_go(add_task, (adder){ &reg, "printer", &wg });
    task_go(add_task, (adder){ &reg, "scanner", &wg });
    task_go(add_task, (adder){ &reg, "printer", &wg });
    wait_group_wait(&wg); // leak-secondary
    for (int i = 0; i < reg.used; i++)
        puts(reg.names[i]);
    return 0;
}
