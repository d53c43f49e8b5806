/* try_lock: whoever does not get both locks at once gives back the first and tries
 * again later, so the order in which they are taken does not matter.
 */
#include <chanrt.h>

struct desk {
	task_mutex_t pen, paper;
	int          pages;		/* under both */
};

struct writer {
	struct desk  *desk;
	bool          pen_first;
	wait_group_t *done;
};

static void take_both(task_mutex_t *first, task_mutex_t *second)
{
	for (;;) {
		task_mutex_lock(first);
		if (task_mutex_trylock(second))
			return;
		task_mutex_unlock(first);
		task_yield();
	}
}

static void write_page(void *arg)
{
	struct writer *w = arg;
	struct desk *d = w->desk;

	if (w->pen_first)
		take_both(&d->pen, &d->paper);
	else
		take_both(&d->paper, &d->pen);
	d->pages++;
	task_mutex_unlock(&d->paper);
	task_mutex_unlock(&d->pen);
	wait_group_done(w->done);
}

/* A look that can be given up. */
static int pages_or(struct desk *d, int unknown)
{
	int pages;

	if (!task_mutex_trylock(&d->pen))
		return unknown;
	if (!task_mutex_trylock(&d->paper)) {
		task_mutex_unlock(&d->pen);
		return unknown;
	}
	pages = d->pages;
	task_mutex_unlock(&d->paper);
	task_mutex_unlock(&d->pen);
	return pages;
}

int main(void)
{
	struct desk desk = { .pages = 0 };
	wait_group_t done = { 0 };

	wait_group_add(&done, 2);
	task_go(write_page, (struct writer){ &desk, true, &done });
	task_go(write_page, (struct writer){ &desk, false, &done });
	printf("%d pages so far\n", pages_or(&desk, -1));
	wait_group_wait(&done);
	return pages_or(&desk, -1) == 2 ? 0 : 1;
}
