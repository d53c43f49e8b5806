/* debug.c - the tasks of a running program over HTTP, in a library of its own because it
 * needs libmicrohttpd. */
#include "chanrt.h"
#include "thread.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct MHD_Daemon *server;

/* ---- answers ---- */

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status, char *text,
                              size_t size)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(size, text, MHD_RESPMEM_MUST_FREE);
    enum MHD_Result result;

    if (!response) {
        free(text);
        return MHD_NO;
    }
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "text/plain; charset=utf-8");
    result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static bool wants_full(struct MHD_Connection *connection)
{
    const char *debug = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "debug");

    return debug && strcmp(debug, "2") == 0;
}

static unsigned write_page(struct MHD_Connection *connection, const char *method, const char *url,
                           FILE *out)
{
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0) {
        fprintf(out, "only GET\n");
        return MHD_HTTP_METHOD_NOT_ALLOWED;
    }
    if (strcmp(url, "/tasks/count") == 0) {
        fprintf(out, "%zu\n", task_count());
    } else if (strcmp(url, "/tasks/stacks") == 0) {
        if (wants_full(connection))
            task_dump_full(out);
        else
            task_dump(out);
    } else if (strcmp(url, "/tasks/leaks") == 0) {
        fprintf(out, "%zu leaked\n", task_leak_profile(out));
    } else {
        fprintf(out, "there are /tasks/count, /tasks/stacks and /tasks/leaks\n");
        return MHD_HTTP_NOT_FOUND;
    }
    return MHD_HTTP_OK;
}

static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **state)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    unsigned status;

    (void)context, (void)version, (void)upload, (void)state;
    *upload_size = 0;
    if (!out)
        return MHD_NO;
    status = write_page(connection, method, url, out);
    fclose(out);
    return answer(connection, status, text, size);
}

/* ---- the address ---- */

union address {
    struct sockaddr     any;
    struct sockaddr_in  v4;
    struct sockaddr_in6 v6;
};

/* Split "host:port" or "[host]:port". */
static bool split(const char *text, char host[64], uint16_t *port)
{
    const char *colon = strrchr(text, ':');
    size_t length = colon ? (size_t)(colon - text) : 0;
    char *end;
    unsigned long n;

    if (length == 0 || length >= 64 || colon[1] < '0' || colon[1] > '9')
        return false;
    n = strtoul(colon + 1, &end, 10);
    if (*end || n > UINT16_MAX)
        return false;
    *port = (uint16_t)n;
    if (text[0] == '[' && colon[-1] == ']') {
        text++;
        length -= 2;
    }
    memcpy(host, text, length);
    host[length] = '\0';
    return true;
}

/* 0, EINVAL when it is no address, EADDRNOTAVAIL when it is not loopback. */
static int parse(const char *text, union address *address, socklen_t *size)
{
    char host[64];
    uint16_t port;

    memset(address, 0, sizeof *address);
    if (!text || !split(text, host, &port))
        return EINVAL;
    if (inet_pton(AF_INET, strcmp(host, "localhost") == 0 ? "127.0.0.1" : host,
                  &address->v4.sin_addr) == 1) {
        address->v4.sin_family = AF_INET;
        address->v4.sin_port = htons(port);
        *size = sizeof address->v4;
        return ntohl(address->v4.sin_addr.s_addr) >> 24 == 127 ? 0 : EADDRNOTAVAIL;
    }
    if (inet_pton(AF_INET6, host, &address->v6.sin6_addr) != 1)
        return EINVAL;
    address->v6.sin6_family = AF_INET6;
    address->v6.sin6_port = htons(port);
    *size = sizeof address->v6;
    return IN6_IS_ADDR_LOOPBACK(&address->v6.sin6_addr) ? 0 : EADDRNOTAVAIL;
}

static int listen_on(const union address *address, socklen_t size, int *listener)
{
    int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;
    int err;

    if (fd < 0)
        return errno;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, &address->any, size) < 0 || listen(fd, 64) < 0) {
        err = errno;
        close(fd);
        return err;
    }
    *listener = fd;
    return 0;
}

/* ---- on and off ---- */

static int serve(const char *text)
{
    union address address;
    socklen_t size = 0;
    int fd = -1;
    int err = server ? EBUSY : parse(text, &address, &size);

    if (!err)
        err = listen_on(&address, size, &fd);
    if (err)
        return err;
    server = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, handle, NULL,
                              MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_END);
    if (!server) {
        close(fd);
        return EIO;
    }
    rt_count_own_thread(1);
    return 0;
}

int task_debug_serve(const char *address)
{
    int err;

    pthread_mutex_lock(&lock);
    err = serve(address);
    pthread_mutex_unlock(&lock);
    return err;
}

void task_debug_stop(void)
{
    pthread_mutex_lock(&lock);
    if (server) {
        MHD_stop_daemon(server);
        rt_count_own_thread(-1);
        server = NULL;
    }
    pthread_mutex_unlock(&lock);
}
