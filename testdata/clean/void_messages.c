/* A base object with a table of functions, embedded in two kinds; messages are void pointers whose first bytes tell the kind. */
#include "chanrt.h"
#include <stdlib.h>

struct obj;
struct ops { void (*run)(struct obj *); void (*drop)(struct obj *); };
struct obj { const struct ops *ops; chan_t *done; };
struct sum  { struct obj obj; int a, b; };
struct wait { struct obj obj; int64_t delay; };

static void sum_run(struct obj *o)
{
	struct sum *s = (struct sum *)o;
	int v = s->a + s->b;

	chan_send(o->done, &v);
}

static void wait_run(struct obj *o)
{
	struct wait *w = (struct wait *)o;
	int v = 0;

	task_sleep(w->delay);
	chan_send(w->obj.done, &v);
}

static void plain_drop(struct obj *o) { free(o); }

static const struct ops sum_ops = { sum_run, plain_drop }, wait_ops = { wait_run, plain_drop };

static void *obj_new(size_t size, const struct ops *ops, chan_t *done)
{
	struct obj *o = calloc(1, size);

	if (!o)
		abort();
	*o = (struct obj){ ops, done };
	return o;
}

static void runner(void *arg)
{
	chan_t *in = arg;
	void *msg;

	while (chan_recv(in, &msg) && msg != NULL) {
		struct obj *o = msg;

		o->ops->run(o);
		o->ops->drop(o);
	}
}

int main(void)
{
	chan_t *in = chan_make(void *, 1), *done = chan_make(int, 0);
	struct sum *s = obj_new(sizeof *s, &sum_ops, done);
	struct wait *w = obj_new(sizeof *w, &wait_ops, done);
	void *end = NULL;
	int v;

	s->a = 1;
	s->b = 2;
	w->delay = TASK_MILLISECOND;
	task_spawn(runner, in);
	chan_send(in, &s);
	chan_recv(done, &v);
	chan_send(in, &w);
	chan_recv(done, &v);
	chan_send(in, &end);
	return v;
}
