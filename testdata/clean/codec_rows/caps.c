/* One letter for one letter. Nobody refers to this file: its codec makes itself known. */
#include <ctype.h>

#include "codec.h"

static void caps(void *arg)
{
	struct pipe *p = arg;
	char c;

	while (chan_recv(p->in, &c)) {
		c = (char)toupper((unsigned char)c);
		chan_send(p->out, &c);
	}
	chan_close(p->out);
}

__attribute__((constructor)) static void add_caps(void)
{
	static struct codec codec = { .name = "caps", .run = caps };

	codec_add(&codec);
}
