/* Pointers travel as integers with a tag in their low bit; frames are packed into byte buffers and taken apart again. */
#include "chanrt.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { TAG_LAST = 1 };

struct chunk { int n; chan_t *ack; };

static uintptr_t pack(struct chunk *c, bool last) { return (uintptr_t)c | (last ? TAG_LAST : 0); }
static struct chunk *chunk_of(uintptr_t p) { return (struct chunk *)(p & ~(uintptr_t)TAG_LAST); }

static void sink(void *arg)
{
	chan_t *in = arg;
	uintptr_t p;
	int sum = 0;

	do {
		struct chunk *c;

		chan_recv(in, &p);
		c = chunk_of(p);
		sum += c->n;
		chan_send(c->ack, &sum);
	} while (!(p & TAG_LAST));
}

struct frame { uint8_t bytes[sizeof(chan_t *) + sizeof(int)]; };

static void frame_pack(struct frame *f, chan_t *to, int v)
{
	memcpy(f->bytes, &to, sizeof to);
	memcpy(f->bytes + sizeof to, &v, sizeof v);
}

static void echo(void *arg)
{
	const struct frame *f = arg;
	chan_t *to;
	int v;

	memcpy(&to, f->bytes, sizeof to);
	memcpy(&v, f->bytes + sizeof to, sizeof v);
	chan_send(to, &v);
}

int main(void)
{
	chan_t *in = chan_make(uintptr_t, 0), *ack = chan_make(int, 0);
	struct chunk c[2] = { { 3, ack }, { 4, ack } };
	struct frame f;
	int v;

	task_spawn(sink, in);
	for (int i = 0; i < 2; i++) {
		uintptr_t p = pack(&c[i], i == 1);

		chan_send(in, &p);
		chan_recv(ack, &v);
	}
	frame_pack(&f, ack, 9);
	task_spawn_copy(echo, &f, sizeof f);
	chan_recv(ack, &v);
	printf("%d\n", v);
	return 0;
}
