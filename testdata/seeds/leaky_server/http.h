/* http.h - just enough HTTP/1.0 over loopback for the leaky server and its load
 * test: GET without a body, one request per connection. Every call blocks its OS
 * thread, for five seconds at most once a peer is there.
 */
#ifndef HTTP_H
#define HTTP_H

#include <stdio.h>

enum { HTTP_PATH_MAX = 256 };

/* Listen on 127.0.0.1:port; a descriptor, or -1 and errno. */
int http_listen(int port);

/* Wait for the next request and write what it asks for to path ("-": no GET); the
 * connection to answer on, or NULL and errno when the listener is of no more use. */
FILE *http_accept(int listener, char path[HTTP_PATH_MAX]);

/* Answer "200 OK", for instance, with a body, and end the connection. */
void http_answer(FILE *connection, const char *status, const char *body);

/* GET path from 127.0.0.1:port: the first line of the body into body, nothing when
 * there is no such answer. */
void http_get(int port, const char *path, char *body, size_t size);

#endif
