/* codec: texts go through a task that a codec provides; codecs make themselves known. */
#ifndef CODEC_H
#define CODEC_H

#include <chanrt.h>

struct pipe {
	chan_t *in, *out;		/* of char; the task closes out when in is closed */
};

struct codec {
	const char   *name;
	void        (*run)(void *pipe);
	struct codec *next;
};

void codec_add(struct codec *codec);

#endif
