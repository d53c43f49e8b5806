/* context_tree: a request has a context, each of its parts a child of it. The
 * tasks hold references of their own; the scope's end cancels whatever still runs.
 */
#include <errno.h>

#include <chanrt.h>

struct part {
	ctx_t  *ctx;			/* a reference of the task's own */
	chan_t *done;			/* int, a slot per part */
	int64_t work;
};

enum { PARTS = 3 };

static void part_main(void *arg)
{
	struct part *p = arg;
	ctx_t *limited ctx_scoped = ctx_with_timeout(p->ctx, 20 * TASK_MILLISECOND);
	chan_t *finished = chan_after(p->work);
	int err = 0;

	switch (chan_select(CHAN_RECV(finished, NULL), CHAN_RECV(ctx_done(limited), NULL))) {
	case 0:
		break;
	case 1:
		err = ctx_err(limited);
		break;
	}
	chan_send(p->done, &err);
	chan_release(finished);
	chan_release(p->done);
	ctx_release(p->ctx);
}

static void spawn_part(ctx_t *ctx, chan_t *done, int64_t work)
{
	task_go(part_main, (struct part){ .ctx = ctx_retain(ctx), .done = chan_retain(done), .work = work });
}

/* 0, or the error of the first part that fails: the others are cancelled then. */
static int request(ctx_t *parent)
{
	ctx_t *ctx ctx_scoped = ctx_with_cancel(parent);
	chan_t *done = chan_make(int, PARTS);
	int err = 0;

	for (int i = 0; i < PARTS; i++)
		spawn_part(ctx, done, i * 25 * TASK_MILLISECOND);
	for (int i = 0; i < PARTS && err == 0; i++)
		chan_recv(done, &err);
	chan_release(done);
	return err;
}

int main(void)
{
	ctx_t *all ctx_scoped = ctx_with_cancel(ctx_background());
	int err = request(all);

	printf("%s\n", err == ETIMEDOUT ? "timed out" : err ? "cancelled" : "done");
	return 0;
}
