/* connection_close: reader and writer both close the connection when they fail.
 * The flag they look at first does not help: both can see it unset.
 */
#include <stdlib.h>

#include <chanrt.h>

struct connection {
	task_mutex_t lock;
	bool         closed;		/* under lock */
	chan_t      *gone;		/* closed with the connection */
	wait_group_t users;
};

static bool connection_is_closed(struct connection *c)
{
	bool closed;

	task_mutex_lock(&c->lock);
	closed = c->closed;
	task_mutex_unlock(&c->lock);
	return closed;
}

/* Tells the peer; takes a moment. */
static void connection_say_goodbye(struct connection *c)
{
	(void)c;
	task_sleep(TASK_MILLISECOND);
}

static void connection_close(struct connection *c)
{
	if (connection_is_closed(c))
		return;
	connection_say_goodbye(c);
	task_mutex_lock(&c->lock);
	c->closed = true;
	task_mutex_unlock(&c->lock);
	chan_close(c->gone); // leak: double-close
}

static void reader(void *arg)
{
	struct connection *c = arg;

	connection_close(c);		/* end of file */
	wait_group_done(&c->users);
}

static void writer(void *arg)
{
	struct connection *c = arg;

	connection_close(c);		/* broken pipe */
	wait_group_done(&c->users);
}

int main(void)
{
	struct connection *c = calloc(1, sizeof(*c));

	if (!c)
		abort();
	c->gone = chan_create(0, 0);
	wait_group_add(&c->users, 2);
	task_spawn(reader, c);
	task_spawn(writer, c);

	chan_recv(c->gone, NULL);
	wait_group_wait(&c->users);
	chan_release(c->gone);
	free(c);
	return 0;
}
