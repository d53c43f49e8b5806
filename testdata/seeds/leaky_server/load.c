/* Article on goroutine leaks, "leak detection": the load test. Reads the count of
 * tasks, calls the endpoint under investigation 50 times at once, and reads the
 * count again; twice. Exit status 0: the count did not grow; 1: it grew with the
 * load; 2: no server there.
 *
 * usage: load [port [debug-port]]
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "http.h"

enum { PORT = 8080, DEBUG_PORT = 6060, REQUESTS = 50, RUNS = 2 };

struct call {
	pthread_t thread;
	int       port;
	int       err;
};

static void *call_endpoint_under_investigation(void *arg)
{
	struct call *call = arg;
	char body[64];

	call->err = http_get(call->port, "/sum", body, sizeof(body));
	return NULL;
}

/* How many of the requests were answered. */
static int perform_load(int port)
{
	struct call calls[REQUESTS];
	int started = 0, answered = 0;

	for (int i = 0; i < REQUESTS; i++) {
		calls[i].port = port;
		if (pthread_create(&calls[i].thread, NULL,
				   call_endpoint_under_investigation, &calls[i]) != 0)
			break;
		started++;
	}
	for (int i = 0; i < started; i++) {
		pthread_join(calls[i].thread, NULL);
		answered += calls[i].err == 0;
	}
	return answered;
}

static int count_tasks(int debug_port)
{
	char body[64];
	int err = http_get(debug_port, "/tasks/count", body, sizeof(body));

	if (err) {
		fprintf(stderr, "cannot read the count of tasks: %s\n", strerror(err));
		exit(2);
	}
	return atoi(body);
}

/* The count once it has stood still: a task may end shortly after the answer it
 * helped to give has been sent. */
static int settled_count(int debug_port)
{
	const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
	int before, now = count_tasks(debug_port);

	do {
		before = now;
		nanosleep(&pause, NULL);
		now = count_tasks(debug_port);
	} while (now != before);
	return now;
}

int main(int argc, char **argv)
{
	int port = argc > 1 ? atoi(argv[1]) : PORT;
	int debug_port = argc > 2 ? atoi(argv[2]) : DEBUG_PORT;
	int growth = 0;

	for (int run = 1; run <= RUNS; run++) {
		int before = settled_count(debug_port);
		int answered = perform_load(port);
		int after = settled_count(debug_port);

		printf("%d tasks before the load test in the system.\n", before);
		printf("%d tasks after the load test of %d requests in the system.\n",
		       after, answered);
		if (answered < REQUESTS)
			return 2;
		growth += after - before;
	}
	printf(growth > 0 ? "the count grew by %d: a leak\n" : "the count did not grow\n", growth);
	return growth > 0 ? 1 : 0;
}
