/* Article on goroutine leaks, "leak detection": the load test. Reads the count of
 * the server's tasks, calls the endpoint under investigation 50 times, in bursts
 * of five tasks, and reads the count again; twice. Exit status 0: the count did not
 * grow; 1: it grew with the load; 2: no server there.
 *
 * usage: load [port [debug-port]]
 */
#include <stdio.h>
#include <stdlib.h>

#include <chanrt.h>

#include "http.h"

enum { PORT = 8080, DEBUG_PORT = 6060, REQUESTS = 50, BURST = 5, RUNS = 2 };

struct call {
	int           port;
	wait_group_t *done;
};

/* Every answer that is asked for here is a number. */
static int get_number(int port, const char *path)
{
	char body[64];
	int number;

	http_get(port, path, body, sizeof(body));
	if (sscanf(body, "%d", &number) != 1) {
		fprintf(stderr, "cannot get %s from port %d\n", path, port);
		exit(2);
	}
	return number;
}

static void call_endpoint_under_investigation(void *arg)
{
	struct call *call = arg;

	get_number(call->port, "/sum");
	wait_group_done(call->done);
}

static void perform_load(int port)
{
	wait_group_t done = { 0 };

	for (int started = 0; started < REQUESTS; started += BURST) {
		wait_group_add(&done, BURST);
		for (int i = 0; i < BURST; i++)
			task_go(call_endpoint_under_investigation, (struct call){ port, &done });
		wait_group_wait(&done);
	}
}

static int count_tasks(int debug_port)
{
	return get_number(debug_port, "/tasks/count");
}

/* The count once it has stood still: a task may end shortly after the answer it
 * helped to give has been sent. */
static int settled_count(int debug_port)
{
	int before, now = count_tasks(debug_port);

	do {
		before = now;
		task_sleep(20 * TASK_MILLISECOND);
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
		int after;

		perform_load(port);
		after = settled_count(debug_port);
		printf("%d tasks before the load test in the system.\n", before);
		printf("%d tasks after the load test of %d requests in the system.\n",
		       after, REQUESTS);
		growth += after - before;
	}
	printf(growth > 0 ? "the count grew by %d: a leak\n" : "the count did not grow\n", growth);
	return growth > 0 ? 1 : 0;
}
