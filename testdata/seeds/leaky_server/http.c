/* http.c - one request per connection on plain sockets; see http.h. */
#include "http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { LINE_SIZE = 1024, BACKLOG = 128, PATIENCE_SECONDS = 5 };

static struct sockaddr_in loopback(int port)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr = { htonl(INADDR_LOOPBACK) },
	};

	return addr;
}

static int close_failed(int fd)
{
	int err = errno;

	close(fd);
	errno = err;
	return -1;
}

/* The connection as a stream to read from. No peer can hold a thread for longer
 * than the patience. */
static FILE *open_connection(int fd)
{
	struct timeval tv = { .tv_sec = PATIENCE_SECONDS };
	FILE *connection = fdopen(fd, "r");

	if (!connection)
		close_failed(fd);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	return connection;
}

/* A message is smaller than the buffer of a socket and goes out in one piece, or
 * the peer has left and does not miss it. */
static void put_message(FILE *connection, const char *text)
{
	send(fileno(connection), text, strlen(text), MSG_NOSIGNAL);
}

/* The first line of a message; what follows up to an empty line is skipped. */
static void get_head(FILE *connection, char line[LINE_SIZE])
{
	char rest[LINE_SIZE] = "";

	if (!fgets(line, LINE_SIZE, connection))
		strcpy(line, "nothing");
	while (fgets(rest, LINE_SIZE, connection) && strcmp(rest, "\r\n") != 0)
		;
}

int http_listen(int port)
{
	struct sockaddr_in addr = loopback(port);
	int one = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 || listen(fd, BACKLOG) < 0)
		return close_failed(fd);
	return fd;
}

FILE *http_accept(int listener, char path[HTTP_PATH_MAX])
{
	char line[LINE_SIZE];
	FILE *connection;
	int fd = accept(listener, NULL, NULL);

	if (fd < 0)
		return NULL;
	connection = open_connection(fd);
	if (!connection)
		return NULL;

	get_head(connection, line);
	if (sscanf(line, "GET %255s", path) != 1)
		strcpy(path, "-");
	return connection;
}

void http_answer(FILE *connection, const char *status, const char *body)
{
	char text[LINE_SIZE];

	snprintf(text, sizeof(text), "HTTP/1.0 %s\r\nContent-Length: %zu\r\n\r\n%s",
		 status, strlen(body), body);
	put_message(connection, text);
	fclose(connection);
}

static FILE *connect_to(int port)
{
	struct sockaddr_in addr = loopback(port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return NULL;
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
		close_failed(fd);
		return NULL;
	}
	return open_connection(fd);
}

static bool ok(const char *head)
{
	return strncmp(head, "HTTP/1.", 7) == 0 && strncmp(head + 8, " 200", 4) == 0;
}

void http_get(int port, const char *path, char *body, size_t size)
{
	FILE *connection = connect_to(port);
	char text[LINE_SIZE];

	body[0] = '\0';
	if (!connection)
		return;
	snprintf(text, sizeof(text), "GET %s HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n", path);
	put_message(connection, text);
	get_head(connection, text);
	if (ok(text) && !fgets(body, (int)size, connection))
		body[0] = '\0';
	fclose(connection);
}
