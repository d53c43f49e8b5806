/* global_queue: everything is global, and the only close stands in a function that
 * main calls through one of two ways out.
 */
#include <stdlib.h>

#include <chanrt.h>

static chan_t *queue;			/* int */
static chan_t *idle;			/* signals, one per worker that has ended */
static int nworkers = 2;
static bool verbose;

static void say(const char *what, int item)
{
	if (verbose)
		printf("%s %d\n", what, item);
}

static void worker(void *unused)
{
	int item;

	(void)unused;
	while (chan_recv(queue, &item))
		say("work on", item);
	chan_send(idle, NULL);
}

static void queue_init(void)
{
	queue = chan_make(int, 3);
	idle = chan_create(0, 0);
	for (int i = 0; i < nworkers; i++)
		task_spawn(worker, NULL);
}

static void queue_shutdown(void)
{
	chan_close(queue);
	for (int i = 0; i < nworkers; i++)
		chan_recv(idle, NULL);
	chan_release(queue);
	chan_release(idle);
}

static bool queue_add(int item)
{
	if (item < 0)
		return false;
	chan_send(queue, &item);
	return true;
}

int main(int argc, char **argv)
{
	int from = argc > 1 ? atoi(argv[1]) : 5;

	verbose = argc > 2;
	queue_init();
	for (int item = from; item > from - 8; item--) {
		if (!queue_add(item)) {
			say("refused", item);
			queue_shutdown();
			return 0;
		}
	}
	queue_shutdown();
	return 0;
}
