/* heartbeat: the ticker is stopped on each way out of the watch, and the one that may
 * not even be there as well.
 */
#include <stdlib.h>

#include <chanrt.h>

struct heart {
	chan_t *beats;			/* int */
	chan_t *quit;			/* closed */
	int     last;			/* ends after that beat by itself */
};

static void beat(void *arg)
{
	struct heart *h = arg;
	ticker_t *ticker = ticker_create(TASK_MILLISECOND);
	int n = 0;

	while (n < h->last) {
		if (chan_select(CHAN_RECV(ticker_chan(ticker), NULL), CHAN_RECV(h->quit, NULL)) == 1)
			goto out;
		n++;
		if (chan_select(CHAN_SEND(h->beats, &n), CHAN_RECV(h->quit, NULL)) == 1)
			goto out;
	}
	n = 0;
	chan_select(CHAN_SEND(h->beats, &n), CHAN_RECV(h->quit, NULL));
out:
	ticker_stop(ticker);
}

/* True when the heart stood still by itself. */
static bool watch(struct heart *h, bool impatient)
{
	ticker_t *patience = impatient ? ticker_create(TASK_SECOND) : NULL;
	chan_t *over = patience ? ticker_chan(patience) : NULL;
	bool still = false;
	int n;

	for (;;) {
		if (chan_select(CHAN_RECV(h->beats, &n), CHAN_RECV(over, NULL)) == 1)
			break;
		still = n == 0;
		if (still || n == 4)
			break;
	}
	if (patience)
		ticker_stop(patience);
	return still;
}

int main(int argc, char **argv)
{
	struct heart h = { chan_make(int, 0), chan_create(0, 0), argc > 1 ? atoi(argv[1]) : 3 };

	task_spawn_copy(beat, &h, sizeof(h));
	printf(watch(&h, argc > 2) ? "still\n" : "alive\n");
	chan_close(h.quit);
	return 0;
}
