/* scan_progress: a task of its own waits for the scan to be stopped and sets a flag, which
 * costs nothing to look at.
 */
#include <stdatomic.h>
#include <stdlib.h>

#include <chanrt.h>

struct scan {
	ctx_t      *ctx;
	chan_t     *found;		/* int: how many; capacity 1 */
	atomic_bool stopped;
};

/* One file; false when there are no more. */
static bool scan_file(void)
{
	return rand() % 1000 != 0;
}

static void scan_stop(void *arg)
{
	struct scan *s = arg;

	chan_recv(ctx_done(s->ctx), NULL);
	atomic_store(&s->stopped, true);
}

static void scan_run(void *arg)
{
	struct scan *s = arg;
	int found = 0;

	while (!atomic_load(&s->stopped) && scan_file())
		found++;
	chan_send(s->found, &found);
}

int main(void)
{
	static struct scan scan;
	ctx_t *ctx ctx_scoped = ctx_with_timeout(ctx_background(), 5 * TASK_MILLISECOND);
	int n;

	scan.ctx = ctx_retain(ctx);
	scan.found = chan_make(int, 1);
	task_spawn(scan_stop, &scan);
	task_spawn(scan_run, &scan);
	chan_recv(scan.found, &n);
	printf("%d files\n", n);
	return 0;
}
