/* room_enough: frames are received into memory of other types that is large enough: the
 * middle of a buffer, the tail of a record, an element of an array, a member of a union.
 */
#include <chanrt.h>
#include <stdlib.h>
#include <string.h>

struct frame {
	char bytes[32];
};

struct packet {
	uint32_t length;
	char     data[];
};

union slot {
	int          number;
	struct frame frame;
};

static void transmit(void *arg)
{
	static char storage[160];

	for (int i = 0; i < 4; i++) {
		snprintf(storage + 32 * i, 32, "frame %d", i);
		chan_send(arg, storage + 32 * i);
	}
	chan_close(arg);
}

int main(void)
{
	chan_t *frames = chan_make(struct frame, 1), *stop = chan_create(0, 0);
	struct packet *packet = malloc(sizeof *packet + sizeof(struct frame));
	char *buffer = calloc(3, sizeof(struct frame));
	struct frame pair[2] = { 0 };
	union slot slot;

	if (!packet || !buffer)
		abort();
	task_spawn(transmit, frames);
	switch (chan_select(CHAN_RECV(frames, buffer + 64), CHAN_RECV(stop, NULL))) {
	case 0:
		puts(buffer + 64);
	}
	chan_recv(frames, packet->data);
	puts(packet->data);
	chan_recv(frames, &pair[1]);
	puts(pair[1].bytes);
	if (chan_recv(frames, &slot.number))
		puts(slot.frame.bytes);
	chan_range(struct frame, late, frames)
		puts(late.bytes);
	free(packet);
	free(buffer);
	chan_release(frames);
	chan_release(stop);
	return 0;
}
