/* stop_order: services are stopped in order of priority, sorted with qsort; stopping ends at the first that reports an error, and those behind it are left waiting */
#include "chanrt.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct service {
	const char *name;
	int         priority;
	int         status;             /* what it reports when stopped */
	chan_t     *stop;               /* signal */
	chan_t     *stopped;            /* int */
};

static int by_priority(const void *a, const void *b)
{
	const struct service *x = a, *y = b;

	return x->priority - y->priority;
}

static int by_name(const void *key, const void *elem)
{
	return strcmp(key, ((const struct service *)elem)->name);
}

struct run { chan_t *stop, *stopped; int status; };

static void service_run(void *arg)
{
	struct run *r = arg;

	chan_recv(r->stop, NULL); // leak: forgotten-receiver
	chan_send(r->stopped, &r->status);
}

static int service_stop(struct service *s)
{
	int status;

	chan_send(s->stop, NULL);
	chan_recv(s->stopped, &status);
	return status;
}

static int stop_all(struct service *s, size_t n)
{
	int first = 0;

	qsort(s, n, sizeof *s, by_priority);
	for (size_t i = 0; i < n; i++) {
		int err = service_stop(&s[i]);

		if (err)
			return err;
	}
	return first;
}

int main(void)
{
	static struct service s[] = {
		{ .name = "api", .priority = 3 },
		{ .name = "cache", .priority = 1 },
		{ .name = "db", .priority = 2, .status = EBUSY },
	};
	const size_t n = sizeof s / sizeof s[0];
	struct service *db;

	db = bsearch("db", s, n, sizeof s[0], by_name);
	if (db == NULL)
		return 2;
	for (size_t i = 0; i < n; i++) {
		s[i].stop = chan_create(0, 0);
		s[i].stopped = chan_make(int, 0);
		task_go(service_run, (struct run){ s[i].stop, s[i].stopped, s[i].status });
	}
	if (stop_all(s, n) != 0)
		fprintf(stderr, "not all stopped cleanly\n");
	return 0;
}
