/* Services start each in a task of its own, as soon as those that they need are ready. The gateway's table
 * names the directory service by the name it had once, and waits for a channel that nobody has. */
#include "chanrt.h"

#include <string.h>

enum { NEEDS_MAX = 3 };

struct service {
	const char *name;
	const char *needs[NEEDS_MAX];   /* names; NULL ends the list */
	int         cost;               /* of starting, in milliseconds */
	chan_t     *ready;              /* closed once started */
};

static struct service services[] = {
	{ "storage", .cost = 2 },
	{ "directory", .needs = { "storage" }, .cost = 1 },
	{ "mail", .needs = { "storage", "directory" }, .cost = 3 },
	{ "gateway", .needs = { "yellow-pages" }, .cost = 1 },
};
enum { SERVICES = sizeof services / sizeof services[0] };

static chan_t *ready_of(const char *name)
{
	for (int i = 0; i < SERVICES; i++)
		if (strcmp(services[i].name, name) == 0)
			return services[i].ready;
	return NULL;
}

static void service_start(void *arg)
{
	struct service *s = arg;

	for (int i = 0; i < NEEDS_MAX && s->needs[i] != NULL; i++)
		chan_recv(ready_of(s->needs[i]), NULL); // leak: nil-channel
	task_sleep(s->cost * TASK_MILLISECOND);
	chan_close(s->ready);
}

int main(void)
{
	for (int i = 0; i < SERVICES; i++)
		services[i].ready = chan_create(0, 0);
	for (int i = 0; i < SERVICES; i++)
		task_spawn(service_start, &services[i]);
	for (int i = 0; i < SERVICES; i++) {
		chan_recv(services[i].ready, NULL); // leak-secondary
		printf("%s is up\n", services[i].name);
	}
	return 0;
}
