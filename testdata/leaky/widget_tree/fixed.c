/* widget_tree: the model calls its listeners after it has given its lock back; the
 * listeners stand still once the tasks run.
 */
#include <chanrt.h>

#define LISTENERS 2
#define CHANGES   3

typedef void listener_fn(void *self, int value);

struct model {
	task_mutex_t mu;
	int          value;		/* under mu */
	listener_fn *listener[LISTENERS];
	void        *self[LISTENERS];
};

struct view {
	task_mutex_t  mu;
	struct model *model;
	int           shown, dirty;	/* under mu */
};

static wait_group_t done;

static int model_value(struct model *m)
{
	int value;

	task_mutex_lock(&m->mu);
	value = m->value;
	task_mutex_unlock(&m->mu);
	return value;
}

static void model_change(struct model *m, int value)
{
	task_mutex_lock(&m->mu);
	m->value = value;
	task_sleep(TASK_MILLISECOND);
	task_mutex_unlock(&m->mu);
	for (int i = 0; i < LISTENERS; i++)
		if (m->listener[i])
			m->listener[i](m->self[i], value);
}

static void view_on_change(void *self, int value)
{
	struct view *v = self;

	task_mutex_lock(&v->mu);
	v->dirty = v->shown != value;
	task_mutex_unlock(&v->mu);
}

static void view_redraw(struct view *v)
{
	task_mutex_lock(&v->mu);
	task_sleep(TASK_MILLISECOND);
	v->shown = model_value(v->model);
	v->dirty = 0;
	task_mutex_unlock(&v->mu);
}

static void type(void *arg)
{
	for (int i = 1; i <= CHANGES; i++)
		model_change(arg, i);
	wait_group_done(&done);
}

static void draw(void *arg)
{
	for (int i = 0; i < CHANGES; i++)
		view_redraw(arg);
	wait_group_done(&done);
}

int main(void)
{
	static struct model model;
	static struct view view = { .model = &model };

	model.listener[0] = view_on_change;
	model.self[0] = &view;
	wait_group_add(&done, 2);
	task_spawn(type, &model);
	task_spawn(draw, &view);
	wait_group_wait(&done);
	printf("shown %d\n", view.shown);
	return 0;
}
