/* session_watch: the task that waits for the shutdown of the server ends with its
 * session, too.
 */
#include "watch.h"

struct watch {
	int     id;
	chan_t *shutdown;		/* borrowed: outlives all sessions */
	chan_t *over;			/* a reference of the task's own */
};

static void watch_shutdown(void *arg)
{
	struct watch *w = arg;

	if (chan_select(CHAN_RECV(w->shutdown, NULL), CHAN_RECV(w->over, NULL)) == 0)
		printf("session %d: shutdown\n", w->id);
	chan_release(w->over);
}

void session_begin(struct session *s, int id, chan_t *shutdown)
{
	s->id = id;
	s->over = chan_create(0, 0);
	task_go(watch_shutdown, (struct watch){ id, shutdown, chan_retain(s->over) });
}

void session_end(struct session *s)
{
	chan_close(s->over);
	chan_release(s->over);
	s->id = -1;
}
