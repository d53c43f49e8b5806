/* Article on goroutine patterns, channels: unbuffered and buffered ones, and
 * functions that may only read, only write, or do both. C's channels have no
 * direction in their type; two one-member structs give them one.
 */
#include <chanrt.h>

struct message {
	char text[32];
};

struct reader { chan_t *ch; };
struct writer { chan_t *ch; };

static struct reader reader_of(chan_t *ch) { return (struct reader){ ch }; }
static struct writer writer_of(chan_t *ch) { return (struct writer){ ch }; }

static bool read_message(struct reader r, struct message *m)
{
	return chan_recv(r.ch, m);
}

static void write_message(struct writer w, const char *text)
{
	struct message m;

	snprintf(m.text, sizeof(m.text), "%s", text);
	chan_send(w.ch, &m);
}

static void end_messages(struct writer w)
{
	chan_close(w.ch);
}

/* Can only write to its channel. */
static void write_only(void *arg)
{
	struct writer *w = arg;

	write_message(*w, "one");
	write_message(*w, "two");
	end_messages(*w);
}

/* Can only read from its channel. */
static void read_only(struct reader r)
{
	struct message m;

	while (read_message(r, &m))
		printf("%s\n", m.text);
}

/* Can do both: takes a message out and puts it back for the next reader. */
static void bidirectional(chan_t *ch)
{
	struct message m;

	chan_recv(ch, &m);
	chan_send(ch, &m);
}

int main(void)
{
	/* Blocks until a receiver is ready: for synchronisation. */
	chan_t *unbuffered = chan_make(struct message, 0);
	/* Blocks only when the buffer is full: for a known bound. */
	chan_t *buffered = chan_make(struct message, 5);

	task_go(write_only, (struct writer){ unbuffered });
	read_only(reader_of(unbuffered));

	write_message(writer_of(buffered), "kept");
	bidirectional(buffered);
	end_messages(writer_of(buffered));
	read_only(reader_of(buffered));

	chan_release(buffered);
	chan_release(unbuffered);
	return 0;
}
