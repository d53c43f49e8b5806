/* credit_window: repaired - whatever was used goes back at once */
#include "chanrt.h"
#include <stdlib.h>

enum { WINDOW = 8 };

struct stream {
	chan_t *frames;         /* int: bytes; closed at the end */
	chan_t *credit;         /* int: bytes */
};

static void consume(void *arg)
{
	struct stream *s = arg;
	int unacked = 0;

	chan_range(int, bytes, s->frames) {
		unacked += bytes;
		if (unacked > 0) {
			chan_send(s->credit, &unacked);
			unacked = 0;
		}
	}
}

static void produce(struct stream *s, const int *sizes, size_t n)
{
	int window = WINDOW;

	for (size_t i = 0; i < n; i++) {
		int more;

		while (window < sizes[i]) {
			chan_recv(s->credit, &more);
			window += more;
		}
		window -= sizes[i];
		chan_send(s->frames, &sizes[i]);
	}
	chan_close(s->frames);
}

int main(void)
{
	static const int sizes[] = { 2, 2, 6, 1 };
	static struct stream s;

	s = (struct stream){ chan_make(int, 0), chan_make(int, 4) };

	task_spawn(consume, &s);
	produce(&s, sizes, sizeof sizes / sizeof sizes[0]);
	printf("sent\n");
	return 0;
}
