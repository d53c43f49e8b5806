/* Two letters for one. */
#include "codec.h"

static void doubled(void *arg)
{
	struct pipe *p = arg;
	char c;

	while (chan_recv(p->in, &c))
		for (int i = 0; i < 2; i++)
			chan_send(p->out, &c);
	chan_close(p->out);
}

static void add_doubled(void) __attribute__((constructor(500)));

static void add_doubled(void)
{
	static struct codec codec = { "doubled", doubled, NULL };

	codec_add(&codec);
}
