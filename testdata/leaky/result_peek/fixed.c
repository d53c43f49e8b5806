/* result_peek: three measurements run at the same time; who waits for them waits in
 * the channel.
 */
#include <chanrt.h>

enum { PROBES = 3 };

struct probe {
	chan_t *results;		/* int, room for all */
	int     id;
};

static void probe_run(void *arg)
{
	struct probe *p = arg;
	int result = 20 + p->id;

	task_sleep(TASK_MILLISECOND);
	chan_send(p->results, &result);
}

static int next_result(chan_t *results)
{
	int result;

	chan_recv(results, &result);
	return result;
}

int main(void)
{
	chan_t *results = chan_make(int, PROBES);
	int sum = 0;

	for (int i = 0; i < PROBES; i++)
		task_go(probe_run, (struct probe){ results, i });
	for (int i = 0; i < PROBES; i++)
		sum += next_result(results);
	printf("mean %d\n", sum / PROBES);
	return 0;
}
