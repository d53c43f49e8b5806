/* close_once_flag: any of the searchers may find the key and end the search for all;
 * a flag under the lock sees to it that the channel is closed once.
 */
#include <chanrt.h>

#define SEARCHERS 4
#define BLOCKS    16

struct search {
	task_mutex_t mu;
	bool         found;		/* under mu */
	int          where;		/* under mu */
	chan_t      *over;		/* closed when found, or when all have looked */
	int          looking;		/* under mu */
};

struct searcher {
	struct search *search;
	int            from, to;
};

static bool block_has_key(int block)
{
	return block == 5 || block == 9;
}

static void search_found(struct search *s, int block)
{
	task_mutex_lock(&s->mu);
	if (!s->found) {
		s->found = true;
		s->where = block;
		chan_close(s->over);
	}
	task_mutex_unlock(&s->mu);
}

static void search_leave(struct search *s)
{
	task_mutex_lock(&s->mu);
	if (--s->looking == 0 && !s->found) {
		s->found = true;
		s->where = -1;
		chan_close(s->over);
	}
	task_mutex_unlock(&s->mu);
}

static void look(void *arg)
{
	struct searcher *me = arg;

	for (int block = me->from; block < me->to; block++) {
		if (chan_poll(CHAN_RECV(me->search->over, NULL)) == 0)
			break;
		if (block_has_key(block)) {
			search_found(me->search, block);
			break;
		}
	}
	search_leave(me->search);
}

int main(void)
{
	static struct search s = { .looking = SEARCHERS };
	const int share = BLOCKS / SEARCHERS;

	s.over = chan_create(0, 0);
	for (int i = 0; i < SEARCHERS; i++)
		task_go(look, (struct searcher){ &s, i * share, (i + 1) * share });

	chan_recv(s.over, NULL);
	task_mutex_lock(&s.mu);
	printf("key in block %d\n", s.where);
	task_mutex_unlock(&s.mu);
	return 0;
}
