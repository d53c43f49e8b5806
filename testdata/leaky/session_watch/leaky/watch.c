/* session_watch: each session starts a task that waits for the shutdown of the
 * server, and ends only with that, long after its session.
 */
#include "watch.h"

struct watch {
	int     id;
	chan_t *shutdown;		/* borrowed: outlives all sessions */
};

static void watch_shutdown(void *arg)
{
	struct watch *w = arg;

	chan_recv(w->shutdown, NULL); // leak: caller-bound-task
	printf("session %d: shutdown\n", w->id);
}

void session_begin(struct session *s, int id, chan_t *shutdown)
{
	s->id = id;
	task_go(watch_shutdown, (struct watch){ id, shutdown });
}

void session_end(struct session *s)
{
	s->id = -1;
}
