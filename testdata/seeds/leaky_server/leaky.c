/* Article on goroutine leaks, "leak detection": a web server with an endpoint
 * under investigation (/sum) and, on a second port, the count and the stacks of
 * its tasks (/tasks/count, /tasks/stacks). A request to /quit ends it.
 *
 * Each request leaves one task behind: the handler takes a shortcut when the first
 * sum is not negative, and then nobody receives the second.
 *
 * usage: leaky [port [debug-port]]
 */
// not confirmed: it leaks when another process asks it for something, and is linked with more than the runtime
#include <errno.h>
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
static int sum_concurrent(void)
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

	chan_release(c2);
	chan_release(c1);
	return x + y;
}

static void answer_sum(FILE *connection)
{
	char body[32];

	snprintf(body, sizeof(body), "%d\n", sum_concurrent());
	http_answer(connection, "200 OK", body);
}

/* One request after the other, on main's thread. 0 or an errno. */
static int serve(int listener)
{
	char path[HTTP_PATH_MAX];

	for (;;) {
		FILE *connection = http_accept(listener, path);

		if (!connection)
			return errno;
		if (strcmp(path, "/quit") == 0) {
			http_answer(connection, "200 OK", "bye\n");
			return 0;
		}
		if (strcmp(path, "/sum") == 0)
			answer_sum(connection);
		else
			http_answer(connection, "404 Not Found", "not found\n");
	}
}

static int fail(const char *what, int port, int err)
{
	fprintf(stderr, "cannot %s port %d: %s\n", what, port, strerror(err));
	return 2;
}

int main(int argc, char **argv)
{
	int port = argc > 1 ? atoi(argv[1]) : PORT;
	int debug_port = argc > 2 ? atoi(argv[2]) : DEBUG_PORT;
	char address[32];
	int listener, err;

	snprintf(address, sizeof(address), "127.0.0.1:%d", debug_port);
	err = task_debug_serve(address);
	if (err)
		return fail("show tasks on", debug_port, err);
	listener = http_listen(port);
	if (listener < 0)
		return fail("listen on", port, errno);
	printf("listening on 127.0.0.1:%d\n", port);
	fflush(stdout);

	err = serve(listener);
	task_debug_stop();
	return err ? fail("serve on", port, err) : 0;
}
