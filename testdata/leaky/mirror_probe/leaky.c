/* mirror_probe: whoever asks for the size of a mirror stops listening when the context
 * is over. The probe looks at the context as long as it works, but not when it
 * hands over what it has found.
 */
#include <chanrt.h>

#define BLOCKS 3

struct probe {
	ctx_t  *ctx;			/* a reference of its own */
	int64_t latency;
	chan_t *sizes;			/* long; a reference of its own */
};

static void probe_run(void *arg)
{
	struct probe *p = arg;
	long size = 0;

	for (int i = 0; i < BLOCKS; i++) {
		if (ctx_err(p->ctx))
			goto out;
		task_sleep(p->latency);		/* reads a block */
		size += 512;
	}
	chan_send(p->sizes, &size); // leak: forgotten-sender
out:
	chan_release(p->sizes);
	ctx_release(p->ctx);
}

static long mirror_size(ctx_t *parent, int64_t latency)
{
	ctx_t *ctx ctx_scoped = ctx_with_timeout(parent, 10 * TASK_MILLISECOND);
	chan_t *sizes = chan_make(long, 0);
	long size = -1;

	task_go(probe_run, (struct probe){ ctx_retain(ctx), latency, chan_retain(sizes) });
	switch (chan_select(CHAN_RECV(sizes, &size), CHAN_RECV(ctx_done(ctx), NULL))) {
	case 0:
		break;
	case 1:
		size = -1;
		break;
	}
	chan_release(sizes);
	return size;
}

int main(void)
{
	static const int64_t latencies[] = { TASK_MILLISECOND, 4 * TASK_MILLISECOND };

	for (int i = 0; i < 2; i++)
		printf("mirror %d: %ld\n", i, mirror_size(ctx_background(), latencies[i]));
	task_sleep(20 * TASK_MILLISECOND);
	return 0;
}
