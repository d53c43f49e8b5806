/* Article on goroutine leaks, "leak detection": a web server with an endpoint
 * under investigation (/sum) and, on a second port, the count and the stacks of
 * its tasks (/tasks/count, /tasks/stacks).
 *
 * Each request leaves one task behind: the handler takes a shortcut when the first
 * sum is not negative, and then nobody receives the second.
 *
 * usage: leaky [port [debug-port]]
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <chanrt.h>

#include "http.h"

enum { PORT = 8080, DEBUG_PORT = 6060 };

static const int numbers[] = { 7, 2, 8, -9, 4, 0 };
enum { NUMBERS = sizeof(numbers) / sizeof(numbers[0]) };

struct sum_args {
	const int *from;
	size_t     count;
	chan_t    *out;		/* int; a reference of the task's own */
};

static void sum(void *arg)
{
	struct sum_args *a = arg;
	int total = 0;

	for (size_t i = 0; i < a->count; i++)
		total += a->from[i];
	chan_send(a->out, &total); // leak: forgotten-sender
	chan_release(a->out);
}

/* The two halves of the numbers are added up by two tasks. */
static void sum_concurrent(char *body, size_t size)
{
	chan_t *c1 = chan_make(int, 0);
	chan_t *c2 = chan_make(int, 0);
	int x, y;

	task_go(sum, (struct sum_args){ numbers, NUMBERS / 2, chan_retain(c1) });
	task_go(sum, (struct sum_args){ numbers + NUMBERS / 2, NUMBERS / 2, chan_retain(c2) });

	chan_recv(c1, &x);
	if (x >= 0)
		y = 0;			/* a positive half is answer enough */
	else
		chan_recv(c2, &y);
	snprintf(body, size, "%d\n", x + y);

	chan_release(c2);
	chan_release(c1);
}

static const struct http_route routes[] = {
	{ "/sum", sum_concurrent },
	{ NULL, NULL },
};

/* The signals that http_serve takes from a descriptor must reach no thread. */
static void block_stop_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

int main(int argc, char **argv)
{
	int port = argc > 1 ? atoi(argv[1]) : PORT;
	int debug_port = argc > 2 ? atoi(argv[2]) : DEBUG_PORT;
	char address[32];
	int err;

	block_stop_signals();
	snprintf(address, sizeof(address), "127.0.0.1:%d", debug_port);
	err = task_debug_serve(address);
	if (err) {
		fprintf(stderr, "cannot serve on %s: %s\n", address, strerror(err));
		return 2;
	}
	err = http_serve(port, routes);
	if (err)
		fprintf(stderr, "cannot serve on port %d: %s\n", port, strerror(err));
	task_debug_stop();
	return err ? 2 : 0;
}
