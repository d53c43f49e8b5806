/* http.c - a thread per connection on plain sockets; see http.h. */
#include "http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { REQUEST_MAX = 1024, BODY_MAX = 4096, BACKLOG = 128, PATIENCE_SECONDS = 5 };

/* How many connection threads are still at work. */
struct server {
	pthread_mutex_t          mu;
	pthread_cond_t           idle;
	int                      open;
	const struct http_route *routes;
};

struct connection {
	struct server *server;
	int            fd;
};

static struct sockaddr_in loopback(int port)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr = { htonl(INADDR_LOOPBACK) },
	};

	return addr;
}

/* No peer can hold a thread for longer than this. */
static void set_patience(int fd)
{
	struct timeval tv = { .tv_sec = PATIENCE_SECONDS };

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
}

static int write_all(int fd, const char *data, size_t size)
{
	while (size > 0) {
		ssize_t n = send(fd, data, size, MSG_NOSIGNAL);

		if (n < 0) {
			if (errno == EINTR)
				continue;
			return errno;
		}
		data += n;
		size -= (size_t)n;
	}
	return 0;
}

/* Reads until the peer closes, size - 1 bytes are there, or the text `until`
 * (may be NULL) has arrived; zero-terminates. */
static int read_text(int fd, char *text, size_t size, const char *until)
{
	size_t len = 0;

	text[0] = '\0';
	while (len + 1 < size) {
		ssize_t n = recv(fd, text + len, size - 1 - len, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		if (n == 0)
			break;
		len += (size_t)n;
		text[len] = '\0';
		if (until && strstr(text, until))
			break;
	}
	return 0;
}

static http_handler *route(const struct http_route *routes, const char *path)
{
	for (; routes->path; routes++)
		if (strcmp(routes->path, path) == 0)
			return routes->handler;
	return NULL;
}

static void answer(int fd, const struct http_route *routes)
{
	char request[REQUEST_MAX], path[REQUEST_MAX], head[128], body[BODY_MAX];
	http_handler *handler;
	int len;

	if (read_text(fd, request, sizeof(request), "\r\n\r\n"))
		return;
	if (sscanf(request, "GET %1023s", path) != 1)
		return;

	handler = route(routes, path);
	if (handler)
		handler(body, sizeof(body));
	else
		snprintf(body, sizeof(body), "not found\n");

	len = snprintf(head, sizeof(head), "HTTP/1.0 %s\r\nContent-Length: %zu\r\n\r\n",
		       handler ? "200 OK" : "404 Not Found", strlen(body));
	if (write_all(fd, head, (size_t)len) == 0)
		write_all(fd, body, strlen(body));
}

static void *connection_main(void *arg)
{
	struct connection *c = arg;
	struct server *s = c->server;

	answer(c->fd, s->routes);
	close(c->fd);
	free(c);

	pthread_mutex_lock(&s->mu);
	if (--s->open == 0)
		pthread_cond_signal(&s->idle);
	pthread_mutex_unlock(&s->mu);
	return NULL;
}

static void start_connection(struct server *s, int fd)
{
	struct connection *c = malloc(sizeof(*c));
	pthread_t thread;

	if (!c)
		goto drop;
	c->server = s;
	c->fd = fd;
	set_patience(fd);

	pthread_mutex_lock(&s->mu);
	s->open++;
	pthread_mutex_unlock(&s->mu);
	if (pthread_create(&thread, NULL, connection_main, c) == 0) {
		pthread_detach(thread);
		return;
	}
	pthread_mutex_lock(&s->mu);
	s->open--;
	pthread_mutex_unlock(&s->mu);
	free(c);
drop:
	close(fd);
}

static int listen_on(int port)
{
	struct sockaddr_in addr = loopback(port);
	int one = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 || listen(fd, BACKLOG) < 0) {
		int err = errno;

		close(fd);
		errno = err;
		return -1;
	}
	return fd;
}

/* The signals that end the server, as a descriptor. Threads started before this
 * call must have them blocked already. */
static int stop_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

int http_serve(int port, const struct http_route *routes)
{
	struct server s = {
		.mu = PTHREAD_MUTEX_INITIALIZER,
		.idle = PTHREAD_COND_INITIALIZER,
		.routes = routes,
	};
	struct pollfd fds[2] = { { .events = POLLIN }, { .events = POLLIN } };
	int err = 0;

	fds[0].fd = listen_on(port);
	if (fds[0].fd < 0)
		return errno;
	fds[1].fd = stop_signals();
	if (fds[1].fd < 0) {
		err = errno;
		goto out;
	}

	printf("listening on 127.0.0.1:%d\n", port);
	fflush(stdout);
	for (;;) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR) {
			err = errno;
			break;
		}
		if (fds[1].revents)
			break;
		if (fds[0].revents) {
			int fd = accept(fds[0].fd, NULL, NULL);

			if (fd >= 0)
				start_connection(&s, fd);
		}
	}
	close(fds[1].fd);

	pthread_mutex_lock(&s.mu);
	while (s.open > 0)
		pthread_cond_wait(&s.idle, &s.mu);
	pthread_mutex_unlock(&s.mu);
out:
	close(fds[0].fd);
	return err;
}

int http_get(int port, const char *path, char *body, size_t size)
{
	struct sockaddr_in addr = loopback(port);
	char text[1 << 16], request[REQUEST_MAX];
	const char *end;
	int err, len;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return errno;
	set_patience(fd);
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
		err = errno;
		goto out;
	}
	len = snprintf(request, sizeof(request),
		       "GET %s HTTP/1.0\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", path);
	err = write_all(fd, request, (size_t)len);
	if (!err)
		err = read_text(fd, text, sizeof(text), NULL);
	if (err)
		goto out;

	end = strstr(text, "\r\n\r\n");
	if (!end || strncmp(text, "HTTP/1.", 7) != 0 || strncmp(text + 8, " 200", 4) != 0)
		err = EPROTO;
	else
		snprintf(body, size, "%s", end + 4);
out:
	close(fd);
	return err;
}
