/* scan_progress: a scan that can be stopped asks before each file whether it was. It ends
 * well, but it is asked on every turn, and while it waits for the disk nobody hears the stop.
 */
#include <stdlib.h>

#include <chanrt.h>

struct scan {
	ctx_t  *ctx;
	chan_t *found;			/* int: how many; capacity 1 */
};

/* One file; false when there are no more. */
static bool scan_file(void)
{
	return rand() % 1000 != 0;
}

static bool is_cancelled(ctx_t *ctx)
{
	switch (chan_poll(CHAN_RECV(ctx_done(ctx), NULL))) { // polling-select
	case 0:
		return true;
	default:
		return false;
	}
}

static void scan_run(void *arg)
{
	struct scan *s = arg;
	int found = 0;

	while (!is_cancelled(s->ctx)) {
		if (!scan_file())
			break;
		found++;
	}
	chan_send(s->found, &found);
	ctx_release(s->ctx);
}

int main(void)
{
	ctx_t *ctx ctx_scoped = ctx_with_timeout(ctx_background(), 5 * TASK_MILLISECOND);
	chan_t *found = chan_make(int, 1);
	int n;

	task_go(scan_run, (struct scan){ ctx_retain(ctx), found });
	chan_recv(found, &n);
	printf("%d files\n", n);
	chan_release(found);
	return 0;
}
