/* session_expiry: a timer that is set again after each sweep. The sessions are closed one
 * day, but the sweeper is not told.
 */
#include <chanrt.h>

enum { SESSIONS = 3 };

struct sessions {
	task_mutex_t lock;		/* protects the rest */
	int          idle[SESSIONS];	/* rounds without a request; -1: not open */
};

static struct sessions sessions;

static void sweep(struct sessions *s)
{
	task_mutex_lock(&s->lock);
	for (int i = 0; i < SESSIONS; i++)
		if (s->idle[i] >= 0 && ++s->idle[i] > 2)
			s->idle[i] = -1;
	task_mutex_unlock(&s->lock);
}

static void sweeper(void *arg)
{
	struct sessions *s = arg;

	for (;;) {
		chan_t *timer = chan_after(TASK_MILLISECOND);

		chan_recv(timer, NULL); // endless-task
		chan_release(timer);
		sweep(s);
	}
}

static void sessions_open(struct sessions *s)
{
	for (int i = 0; i < SESSIONS; i++)
		s->idle[i] = 0;
	task_spawn(sweeper, s);
}

static int sessions_close(struct sessions *s)
{
	int open = 0;

	task_mutex_lock(&s->lock);
	for (int i = 0; i < SESSIONS; i++) {
		open += s->idle[i] >= 0;
		s->idle[i] = -1;
	}
	task_mutex_unlock(&s->lock);
	return open;
}

int main(void)
{
	sessions_open(&sessions);
	task_sleep(4 * TASK_MILLISECOND);
	printf("%d sessions closed\n", sessions_close(&sessions));
	return 0;
}
