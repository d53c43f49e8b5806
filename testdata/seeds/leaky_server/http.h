/* http.h - just enough HTTP/1.0 over loopback for the leaky server and its load
 * test: GET without a body, one thread per connection.
 */
#ifndef HTTP_H
#define HTTP_H

#include <stddef.h>

/* Writes the body of the answer into body (size bytes, zero-terminated). Runs on
 * the connection's thread. */
typedef void http_handler(char *body, size_t size);

struct http_route {
	const char   *path;
	http_handler *handler;
};

/* Serve routes (ended by a NULL path) on 127.0.0.1:port until SIGINT or SIGTERM;
 * returns when the last connection is done. 0 or an errno. */
int http_serve(int port, const struct http_route *routes);

/* GET path from 127.0.0.1:port into body; 0 or an errno (EPROTO: not 200). */
int http_get(int port, const char *path, char *body, size_t size);

#endif
