/* case_lists: select lists that are not written into the selected array directly: a
 * helper returns the case, another appends it to a set, a third fills it in through a
 * pointer, and the list that is waited on is a copy of the open ones.
 */
#include <chanrt.h>
#include <string.h>

enum { FEEDS = 2, MOST = FEEDS + 1 };

struct feed {
	chan_t *lines;			/* int */
	int     first, count;
};

struct wait_set {
	chan_case_t cases[MOST];
	size_t      n;
};

static void feed_run(void *arg)
{
	struct feed *f = arg;

	for (int i = 0; i < f->count; i++)
		chan_send(f->lines, &(int){ f->first + i });
	chan_close(f->lines);
}

static chan_case_t receiving(chan_t *ch, int *line, bool *ok)
{
	return (chan_case_t)CHAN_RECV_OK(ch, line, ok);
}

static void set_add(struct wait_set *s, chan_case_t c)
{
	s->cases[s->n++] = c;
}

static void case_fill(chan_case_t *c, chan_t *ch, int *line, bool *ok)
{
	c->op = CHAN_OP_RECV;
	c->ch = ch;
	c->value = line;
	c->ok = ok;
}

/* Pass on what comes first, until every feed has ended. */
static int merge(chan_t **feeds, size_t n)
{
	struct wait_set all = { .n = 0 };
	int line[FEEDS], sum = 0;
	bool ok[FEEDS];
	size_t open = n;

	for (size_t i = 0; i < n; i++)
		set_add(&all, receiving(feeds[i], &line[i], &ok[i]));
	while (open > 0) {
		chan_case_t now[MOST];

		memcpy(now, all.cases, sizeof now);
		int k = chan_select_n(now, all.n);
		if (ok[k]) {
			sum += line[k];
		} else {
			all.cases[k].ch = NULL;
			open--;
		}
	}
	return sum;
}

/* One line of a feed, or none. */
static bool next_line(chan_t *feed, int *line)
{
	chan_case_t wanted[1], again;
	bool ok;

	case_fill(&wanted[0], feed, line, &ok);
	again = wanted[0];
	chan_select_n(&again, 1);
	return ok;
}

int main(void)
{
	chan_t *feeds[FEEDS], *last = chan_make(int, 0);
	int line, sum = 0;

	for (int i = 0; i < FEEDS; i++) {
		feeds[i] = chan_make(int, 0);
		task_go(feed_run, (struct feed){ feeds[i], 10 * i, i + 1 });
	}
	sum += merge(feeds, FEEDS);
	task_go(feed_run, (struct feed){ last, 100, 2 });
	while (next_line(last, &line))
		sum += line;
	printf("%d\n", sum);
	return 0;
}
