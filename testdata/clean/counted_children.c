/* counted_children: a task that is counted itself may add those it starts: the count is not
 * zero meanwhile. A task that adds from zero says when it has, and a group is
 * used again when its wait is over.
 */
#include <chanrt.h>

struct folder {
	wait_group_t open;
	task_mutex_t lock;		/* protects files */
	int          files;
};

struct visit {
	struct folder *folder;
	int            depth;
};

struct guest {
	wait_group_t *inside;
	chan_t       *arrived;		/* signals */
};

static void visit_run(void *arg)
{
	struct visit *v = arg;
	struct folder *f = v->folder;

	if (v->depth > 0) {
		wait_group_add(&f->open, 1);
		task_go(visit_run, (struct visit){ f, v->depth - 1 });
	}
	task_mutex_lock(&f->lock);
	f->files++;
	task_mutex_unlock(&f->lock);
	wait_group_done(&f->open);
}

static void guest_run(void *arg)
{
	struct guest *g = arg;

	wait_group_add(g->inside, 1);
	chan_send(g->arrived, NULL);
	wait_group_done(g->inside);
}

int main(void)
{
	static struct folder folder;
	static wait_group_t inside;
	chan_t *arrived = chan_create(0, 0);

	for (int round = 0; round < 2; round++) {
		wait_group_add(&folder.open, 1);
		task_go(visit_run, (struct visit){ &folder, round });
		wait_group_wait(&folder.open);
	}
	task_go(guest_run, (struct guest){ &inside, arrived });
	chan_recv(arrived, NULL);
	wait_group_wait(&inside);
	return folder.files == 3 ? 0 : 1;
}
