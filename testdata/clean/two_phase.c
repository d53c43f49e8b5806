/* two_phase: shutting down first forbids new work, then lets the workers finish what
 * is queued, and only then stops the log they write to.
 */
#include <stdlib.h>

#include <chanrt.h>

struct engine {
	task_mutex_t mu;
	bool         accepting;		/* under mu, as every send on work */
	chan_t      *work;		/* int; buffered */
	chan_t      *log;		/* int */
	chan_t      *log_written;	/* closed by the log task */
	wait_group_t workers;
	int          lines;		/* of the log task, until log_written */
};

static void log_main(void *arg)
{
	struct engine *e = arg;

	chan_range(int, line, e->log)
		e->lines += line != 0;
	chan_close(e->log_written);
}

static void worker(void *arg)
{
	struct engine *e = arg;
	int item;

	while (chan_recv(e->work, &item)) {
		int line = item + 1;

		chan_send(e->log, &line);
	}
	wait_group_done(&e->workers);
}

static void engine_start(struct engine *e, int workers)
{
	e->work = chan_make(int, 4);
	e->log = chan_make(int, 0);
	e->log_written = chan_create(0, 0);
	e->accepting = true;
	task_spawn(log_main, e);
	wait_group_add(&e->workers, workers);
	while (workers-- > 0)
		task_spawn(worker, e);
}

/* False once the engine is shutting down. The workers never take mu, so a send that
 * waits for one of them may hold it. */
static bool engine_submit(struct engine *e, int item)
{
	bool accepted;

	task_mutex_lock(&e->mu);
	accepted = e->accepting;
	if (accepted)
		chan_send(e->work, &item);
	task_mutex_unlock(&e->mu);
	return accepted;
}

static void engine_shutdown(struct engine *e)
{
	task_mutex_lock(&e->mu);
	e->accepting = false;
	task_mutex_unlock(&e->mu);

	chan_close(e->work);
	wait_group_wait(&e->workers);
	chan_close(e->log);
	chan_recv(e->log_written, NULL);
}

static void client(void *arg)
{
	struct engine *e = arg;

	for (int item = 0; item < 50; item++)
		if (!engine_submit(e, item))
			break;
}

int main(void)
{
	static struct engine engine;

	engine_start(&engine, 2);
	task_spawn(client, &engine);
	task_spawn(client, &engine);
	task_sleep(TASK_MILLISECOND);
	engine_shutdown(&engine);
	printf("%d lines\n", engine.lines);
	return 0;
}
