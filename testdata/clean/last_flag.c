/* last_flag: each message says whether it is the last one, and the receiver leaves
 * its loop by that, never by a close.
 */
#include <chanrt.h>

struct chunk {
	size_t offset;
	size_t size;
	bool   last;
};

struct transfer {
	chan_t *chunks;			/* struct chunk */
	size_t  total;
};

enum { CHUNK = 4096 };

static void send_chunks(void *arg)
{
	struct transfer *t = arg;
	struct chunk c = { .size = CHUNK };

	do {
		if (t->total - c.offset <= CHUNK) {
			c.size = t->total - c.offset;
			c.last = true;
		}
		chan_send(t->chunks, &c);
		c.offset += c.size;
	} while (!c.last);
	chan_release(t->chunks);
}

static size_t receive_chunks(chan_t *chunks)
{
	size_t received = 0;
	struct chunk c;

	do {
		chan_recv(chunks, &c);
		received += c.size;
	} while (!c.last);
	return received;
}

static size_t copy(size_t total)
{
	chan_t *chunks = chan_make(struct chunk, 0);
	size_t received;

	task_go(send_chunks, (struct transfer){ chan_retain(chunks), total });
	received = receive_chunks(chunks);
	chan_release(chunks);
	return received;
}

int main(void)
{
	static const size_t sizes[] = { 0, 1, CHUNK, CHUNK + 1, 10 * CHUNK };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		if (copy(sizes[i]) != sizes[i])
			return 1;
	return 0;
}
