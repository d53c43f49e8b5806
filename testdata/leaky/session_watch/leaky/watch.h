/* watch.h - watches over the sessions of a server. */
#ifndef WATCH_H
#define WATCH_H

#include <chanrt.h>

struct session {
	int     id;
};

/* Starts a session that is told of the server's shutdown (closed then). */
void session_begin(struct session *s, int id, chan_t *shutdown);
void session_end(struct session *s);

#endif
