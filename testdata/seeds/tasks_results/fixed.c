/* Article on goroutine leaks, "channel not written by", example 3: four workers
 * take ten tasks from a channel and send back results. The
 * close after the last task ends the workers.
 */
#include <chanrt.h>

enum { WORKERS = 4, TASKS = 10, ROOM = 20 };

struct message {
	char text[48];
};

struct work {
	int     worker_id;
	chan_t *tasks;		/* struct message */
	chan_t *results;	/* struct message */
};

static void work(void *arg)
{
	struct work *w = arg;

	/* Blocks until a new task arrives in the channel. */
	chan_range(struct message, task, w->tasks) {
		struct message result;

		snprintf(result.text, sizeof(result.text), "Worker %d got %.24s",
			 w->worker_id, task.text);
		chan_send(w->results, &result);
	}
}

static void concurrency(void)
{
	chan_t *tasks = chan_make(struct message, ROOM);
	chan_t *results = chan_make(struct message, ROOM);
	static const int workers[WORKERS] = { 1, 2, 3, 4 };

	for (int task = 0; task < TASKS; task++) {
		struct message m;

		snprintf(m.text, sizeof(m.text), "Task %d", task);
		chan_send(tasks, &m);
	}

	for (int w = 0; w < WORKERS; w++)
		task_go(work, (struct work){ workers[w], tasks, results });
	chan_close(tasks);

	printf("Will print the results\n");
	for (int res = 0; res < TASKS; res++) {
		struct message result;

		chan_recv(results, &result);
		printf("Result: %s\n", result.text);
	}
}

int main(void)
{
	concurrency();
	return 0;
}
