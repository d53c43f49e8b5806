/* Article on goroutine patterns, "mutex copying". The bad way: the
 * configuration is handed over by value, with its mutex. A copy made while the
 * original is locked is locked for good: nobody has the copy to unlock it.
 */
#include <chanrt.h>

struct config {
	task_mutex_t mu;
	char         path[64];		/* under mu */
};

struct update {
	struct config *config;
	chan_t        *begun;		/* a signal, capacity 1 */
};

static void set_path(void *arg)
{
	struct update *u = arg;

	task_mutex_lock(&u->config->mu);
	chan_send(u->begun, NULL);
	task_sleep(5 * TASK_MILLISECOND);	/* the new value takes a while */
	snprintf(u->config->path, sizeof(u->config->path), "/var/lib/new");
	task_mutex_unlock(&u->config->mu);
}

static void print_path(struct config c)		/* mutex copied! */
{
	task_mutex_lock(&c.mu); // leak: lock-deadlock
	printf("%s\n", c.path);
	task_mutex_unlock(&c.mu);
}

int main(void)
{
	static struct config config = { .path = "/var/lib/old" };
	chan_t *begun = chan_create(0, 1);

	task_go(set_path, (struct update){ &config, begun });
	chan_recv(begun, NULL);
	print_path(config);
	return 0;
}
