/* daemon_exit: a server that serves until it is told to exit, with a task that writes its
 * statistics now and then. Both live as long as the process, as they are meant to.
 *
 * run: without leak check - exit ends the statistics, too
 */
#include <stdlib.h>

#include <chanrt.h>

enum verb { GET, PUT, QUIT };

struct server {
	chan_t      *requests;		/* enum verb */
	task_mutex_t lock;		/* protects served */
	int          served;
};

static struct server server;

static void report(void *arg)
{
	struct server *s = arg;

	for (;;) {
		task_sleep(TASK_MILLISECOND);
		task_mutex_lock(&s->lock);
		printf("%d served\n", s->served);
		task_mutex_unlock(&s->lock);
	}
}

static void client(void *arg)
{
	static const enum verb script[] = { PUT, GET, GET, QUIT };
	struct server *s = arg;

	for (size_t i = 0; i < sizeof(script) / sizeof(script[0]); i++)
		chan_send(s->requests, &script[i]);
}

static void start_reports(struct server *s)
{
	task_spawn(report, s);
}

static void serve(struct server *s)
{
	for (;;) {
		enum verb verb;

		chan_recv(s->requests, &verb);
		if (verb == QUIT)
			exit(EXIT_SUCCESS);
		task_mutex_lock(&s->lock);
		s->served++;
		task_mutex_unlock(&s->lock);
	}
}

int main(void)
{
	server.requests = chan_make(enum verb, 0);
	start_reports(&server);
	task_spawn(client, &server);
	serve(&server);
}
