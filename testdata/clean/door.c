/* door: a state machine under a mutex, with a condition for its changes. Who waits
 * looks at the state first and again after each wake-up, and "broken" ends all waits.
 */
#include <chanrt.h>

enum door_state { DOOR_CLOSED, DOOR_OPENING, DOOR_OPEN, DOOR_BROKEN };

struct door {
	task_mutex_t    mu;
	task_cond_t     changed;
	enum door_state state;		/* under mu */
};

struct visitor {
	struct door  *door;
	wait_group_t *wg;
};

static void door_set(struct door *d, enum door_state state)
{
	task_mutex_lock(&d->mu);
	if (d->state != DOOR_BROKEN) {
		d->state = state;
		task_cond_broadcast(&d->changed);
	}
	task_mutex_unlock(&d->mu);
}

/* Whether it opened. */
static bool door_wait_open(struct door *d)
{
	enum door_state state;

	task_mutex_lock(&d->mu);
	while (d->state != DOOR_OPEN && d->state != DOOR_BROKEN)
		task_cond_wait(&d->changed, &d->mu);
	state = d->state;
	task_mutex_unlock(&d->mu);
	return state == DOOR_OPEN;
}

static void visit(void *arg)
{
	struct visitor *v = arg;

	if (!door_wait_open(v->door))
		fprintf(stderr, "cannot come in\n");
	wait_group_done(v->wg);
}

static void motor(void *arg)
{
	struct door *d = arg;
	bool stuck = false;

	door_set(d, DOOR_OPENING);
	task_sleep(TASK_MILLISECOND);
	if (stuck)
		door_set(d, DOOR_BROKEN);
	else
		door_set(d, DOOR_OPEN);
}

int main(void)
{
	static struct door door;
	wait_group_t wg = { 0 };

	wait_group_add(&wg, 3);
	for (int i = 0; i < 2; i++)
		task_go(visit, (struct visitor){ &door, &wg });
	task_spawn(motor, &door);
	task_go(visit, (struct visitor){ &door, &wg });
	wait_group_wait(&wg);
	return 0;
}
