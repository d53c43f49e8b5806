/* boot_signal: the service signals its start and sets a flag under the same lock,
 * which whoever waits looks at first.
 */
#include <chanrt.h>

struct service {
	task_mutex_t lock;
	task_cond_t  started;
	bool         running;		/* under lock */
	int          port;		/* under lock */
};

static void service_main(void *arg)
{
	struct service *s = arg;

	task_mutex_lock(&s->lock);
	s->port = 8080;
	s->running = true;
	task_cond_broadcast(&s->started);
	task_mutex_unlock(&s->lock);
}

static int service_wait_port(struct service *s)
{
	int port;

	task_mutex_lock(&s->lock);
	while (!s->running)
		task_cond_wait(&s->started, &s->lock);
	port = s->port;
	task_mutex_unlock(&s->lock);
	return port;
}

static void client(void *arg)
{
	struct service *s = arg;

	printf("connecting to port %d\n", service_wait_port(s));
}

int main(void)
{
	static struct service service;

	task_spawn(client, &service);
	task_spawn(service_main, &service);
	task_sleep(5 * TASK_MILLISECOND);
	task_spawn(client, &service);	/* comes late */
	task_sleep(5 * TASK_MILLISECOND);
	return 0;
}
