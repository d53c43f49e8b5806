/* fastest_host: the first good answer wins, and the channel has room for all that come
 * after it.
 */
#include <chanrt.h>

#define HOSTS 4

typedef struct reply {
	int host, error;
} reply;

typedef struct question {
	int     host;
	chan_t *replies;		/* reply; a reference of its own */
} question;

static int ping(int host)
{
	task_sleep((HOSTS - host) * TASK_MILLISECOND);
	return host == HOSTS - 1 ? -1 : 0;
}

static void ask(void *arg)
{
	question *q = arg;
	reply r = { .host = q->host };

	r.error = ping(q->host);
	chan_send(q->replies, &r);
	chan_release(q->replies);
}

static int fastest(void)
{
	chan_t *replies = chan_make(reply, HOSTS);
	reply r;
	int host = -1;

	for (int i = 0; i < HOSTS; i++)
		task_go(ask, (question){ i, chan_retain(replies) });
	for (int i = 0; i < HOSTS; i++) {
		chan_recv(replies, &r);
		if (r.error)
			continue;
		host = r.host;
		break;
	}
	chan_release(replies);
	return host;
}

int main(void)
{
	printf("host %d\n", fastest());
	return 0;
}
