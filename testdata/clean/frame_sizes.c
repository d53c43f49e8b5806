/* frame_sizes: what is sent depends on numbers in a table; credit goes back in portions, and the last of them is never waited for */
#include "chanrt.h"
#include <stdlib.h>

enum { WINDOW = 16, PORTION = 6 };

struct frame { int bytes; bool urgent; };

static const struct frame table[] = {
	{ 5, false }, { 7, true }, { 4, false }, { 12, false }, { 3, true }, { 1, false },
};
enum { FRAMES = sizeof table / sizeof table[0] };

struct link {
	chan_t *frames;         /* struct frame, closed at the end */
	chan_t *credit;         /* int, room for all portions */
};

static void consume(void *arg)
{
	struct link *l = arg;
	int owed = 0;

	chan_range(struct frame, f, l->frames) {
		owed += f.bytes;
		while (owed >= PORTION || (f.urgent && owed > 0)) {
			int some = owed < PORTION ? owed : PORTION;

			chan_send(l->credit, &some);
			owed -= some;
		}
	}
}

/* The receiver keeps back less than a portion, so that the window opens to more than the largest frame. */
static int wait_for(struct link *l, int window, int bytes)
{
	int more;

	while (window < bytes && window + PORTION <= WINDOW) {
		chan_recv(l->credit, &more);
		window += more;
	}
	return window;
}

static void produce(struct link *l, const struct frame *f, size_t n)
{
	int window = WINDOW;

	for (; n-- > 0; f++) {
		window = wait_for(l, window, f->bytes);
		if (window < f->bytes)
			break;
		window -= f->bytes;
		chan_send(l->frames, f);
	}
	chan_close(l->frames);
}

int main(void)
{
	static struct link l;

	l.frames = chan_make(struct frame, 0);
	l.credit = chan_make(int, 32);
	task_spawn(consume, &l);
	produce(&l, table, FRAMES);
	printf("%d frames\n", FRAMES);
	return 0;
}
