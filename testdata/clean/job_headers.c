/* Jobs of several kinds begin alike, and are handled as what they begin with; a clerk's tray is declared where it
 * is filled and once more where it is emptied. */
#include "chanrt.h"

#include <stdlib.h>

enum kind { COPY, SHRED };

struct job {
	enum kind kind;
	chan_t   *done;
};

struct copy_job {
	enum kind kind;
	chan_t   *done;
	int       pages;
};

struct shred_job {
	enum kind   kind;
	chan_t     *done;
	const char *paper;
};

static void job_finish(struct job *j)
{
	chan_send(j->done, NULL);
}

static void job_run(struct job *j)
{
	switch (j->kind) {
	case COPY:
		printf("%d pages\n", ((struct copy_job *)j)->pages);
		break;
	case SHRED:
		printf("no %s any more\n", ((struct shred_job *)j)->paper);
		break;
	}
	job_finish(j);
}

static void copy_task(void *arg)
{
	struct copy_job *c = arg;

	c->pages *= 2;
	job_run((struct job *)c);
}

static void shred_task(void *arg)
{
	struct shred_job *s = arg;

	job_run((struct job *)s);
}

static void clerk(void *arg)
{
	struct { int jobs; chan_t *done, *home; } *tray = arg;

	for (int i = 0; i < tray->jobs; i++)
		chan_recv(tray->done, NULL);
	chan_close(tray->home);
}

int main(void)
{
	chan_t *done = chan_create(0, 0);
	struct copy_job copy = { COPY, done, 3 };
	struct shred_job shred = { .kind = SHRED, .paper = "draft" };
	struct { int jobs; chan_t *done, *home; } tray = { 2, done, chan_create(0, 0) };

	shred.done = done;
	task_spawn(copy_task, &copy);
	task_spawn(shred_task, &shred);
	task_spawn_copy(clerk, &tray, sizeof tray);
	chan_recv(tray.home, NULL);
	chan_release(done);
	chan_release(tray.home);
	return 0;
}
