/* phase_guard: a scope guard unlocks at the end of the block, after the notification that is sent inside it */
#include "chanrt.h"
#include <stdlib.h>

static inline task_mutex_t *guard_enter(task_mutex_t *m)
{
	task_mutex_lock(m);
	return m;
}

static inline void guard_leave(task_mutex_t **m)
{
	task_mutex_unlock(*m);
}

#define WITH_LOCK(m) \
	for (task_mutex_t *guard_ __attribute__((cleanup(guard_leave))) = guard_enter(m), *once_ = guard_; once_; once_ = NULL)

enum phase { PENDING, RUNNING, FAILED };

struct container {
	task_mutex_t mu;
	enum phase   phase;
	chan_t      *changes;       /* enum phase */
	int          restarts;
};

static void container_set(struct container *c, enum phase p)
{
	WITH_LOCK(&c->mu) {
		c->phase = p;
	}
	chan_send(c->changes, &p);
}

static enum phase container_phase(struct container *c)
{
	enum phase p = PENDING;

	WITH_LOCK(&c->mu)
		p = c->phase;
	return p;
}

static void supervise(void *arg)
{
	struct container *c = arg;

	chan_range(enum phase, p, c->changes) {
		if (p == FAILED && container_phase(c) == FAILED) {
			WITH_LOCK(&c->mu)
				c->restarts++;
		}
	}
}

int main(void)
{
	struct container *c = calloc(1, sizeof *c);

	if (c == NULL)
		return 1;
	c->changes = chan_make(enum phase, 0);
	task_spawn(supervise, c);
	container_set(c, RUNNING);
	container_set(c, FAILED);
	container_set(c, RUNNING);
	chan_close(c->changes);
	return 0;
}
