/* take_more: a poll takes what is there already, up to a packet; when there is nothing more,
 * the next round waits. A poll whose default leads to a wait is no polling loop.
 */
#include <chanrt.h>

enum { PACKET = 3, FRAMES = 7 };

struct link {
	chan_t *frames;			/* int, capacity 4 */
	chan_t *sent;			/* int: frames sent, capacity 1 */
};

static int fill_packet(struct link *l, int first)
{
	int frame, n = 1;

	printf("%d", first);
	while (n < PACKET) {
		bool ok = false;

		switch (chan_poll(CHAN_RECV_OK(l->frames, &frame, &ok))) {
		case 0:
			if (!ok)
				goto full;
			printf(" %d", frame);
			n++;
			break;
		default:
			goto full;
		}
	}
full:
	printf("\n");
	return n;
}

static void transmit(void *arg)
{
	struct link *l = arg;
	int sent = 0;

	chan_range(int, first, l->frames)
		sent += fill_packet(l, first);
	chan_send(l->sent, &sent);
}

int main(void)
{
	struct link l = { chan_make(int, 4), chan_make(int, 1) };
	int sent;

	task_go(transmit, l);
	for (int frame = 0; frame < FRAMES; frame++)
		chan_send(l.frames, &frame);
	chan_close(l.frames);
	chan_recv(l.sent, &sent);
	return sent == FRAMES ? 0 : 1;
}
