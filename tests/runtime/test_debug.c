/* task_debug_serve over real HTTP. */
#include "check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char address[32];
static uint16_t port;

/* A port that is free now. */
static uint16_t free_port(void)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&a, size), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &size), 0);
    close(fd);
    return ntohs(a.sin_port);
}

static const char *request(const char *method, const char *path)
{
    static char text[65536];
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    size_t used = 0;
    ssize_t n;

    assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    dprintf(fd, "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", method, path);
    while (used + 1 < sizeof text && (n = read(fd, text + used, sizeof text - 1 - used)) > 0)
        used += (size_t)n;
    text[used] = '\0';
    close(fd);
    return text;
}

static void wait_for_close(void *arg)
{
    chan_recv(arg, NULL); /* @served_recv */
}

static void serves_count_and_stacks(void **state)
{
    leak_check_t lc = leak_check_begin();
    chan_t *ch = chan_make(int, 0); /* @served_made */
    const char *text;

    (void)state;
    for (int i = 0; i < 3; i++)
        task_spawn(wait_for_close, ch); /* @served_spawn */
    wait_until_blocked(3);
    assert_int_equal(task_debug_serve(address), 0);
    text = request("GET", "/tasks/count");
    assert_memory_equal(text, "HTTP/1.1 200", 12);
    assert_non_null(strstr(text, "\r\n\r\n3\n"));
    text = request("GET", "/tasks/stacks");
    assert_memory_equal(text, "HTTP/1.1 200", 12);
    assert_non_null(strstr(text, check_places(__FILE__, "]: at @served_recv on channel made at "
                           "@served_made (capacity 0), spawned at @served_spawn\n    ")));
    assert_memory_equal(request("GET", "/"), "HTTP/1.1 404", 12);
    assert_memory_equal(request("DELETE", "/tasks/count"), "HTTP/1.1 405", 12);
    chan_close(ch);
    assert_all_finished(lc);
    assert_non_null(strstr(request("GET", "/tasks/count"), "\r\n\r\n0\n"));
    task_debug_stop();
    task_debug_stop();
    chan_release(ch);
}

static __attribute__((noinline)) void abandon(void)
{
    for (int i = 0; i < 2; i++)
        task_spawn(wait_for_close, NULL); /* @abandoned */
}

static void serves_leaks_and_full_stacks(void **state)
{
    const char *text;

    (void)state;
    abandon();
    wait_until_blocked(2);
    assert_int_equal(task_debug_serve(address), 0);
    text = request("GET", "/tasks/stacks?debug=2");
    assert_non_null(strstr(text, check_places(__FILE__, "]: at @served_recv, spawned at @abandoned\n")));
    assert_null(strstr(text, "2 tasks"));
    text = request("GET", "/tasks/stacks");
    assert_non_null(strstr(text, "2 tasks [chan receive (nil chan), "));
    text = request("GET", "/tasks/leaks");
    assert_memory_equal(text, "HTTP/1.1 200", 12);
    if (strstr(text, "no leak profile: ")) {
        assert_non_null(strstr(text, "\n0 leaked\n"));
    } else {
        assert_non_null(strstr(text, "\r\n\r\nleaked 2 tasks [chan receive (nil chan), "));
        assert_non_null(strstr(text, "\n2 leaked\n"));
    }
    task_debug_stop();
}

static void refuses_what_is_not_loopback(void **state)
{
    (void)state;
    assert_int_equal(task_debug_serve("0.0.0.0:6060"), EADDRNOTAVAIL);
    assert_int_equal(task_debug_serve("192.0.2.1:6060"), EADDRNOTAVAIL);
    assert_int_equal(task_debug_serve("[::]:6060"), EADDRNOTAVAIL);
    assert_int_equal(task_debug_serve(NULL), EINVAL);
    assert_int_equal(task_debug_serve(""), EINVAL);
    assert_int_equal(task_debug_serve("127.0.0.1"), EINVAL);
    assert_int_equal(task_debug_serve("127.0.0.1:http"), EINVAL);
    assert_int_equal(task_debug_serve("127.0.0.1:70000"), EINVAL);
    assert_int_equal(task_debug_serve("example.org:80"), EINVAL);
}

static void says_when_it_cannot_listen(void **state)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

    (void)state;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(task_debug_serve(address), EADDRINUSE);
    close(fd);
    assert_int_equal(task_debug_serve(address), 0);
    assert_int_equal(task_debug_serve(address), EBUSY);
    task_debug_stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(serves_count_and_stacks),
        cmocka_unit_test(refuses_what_is_not_loopback),
        cmocka_unit_test(says_when_it_cannot_listen),
        cmocka_unit_test(serves_leaks_and_full_stacks),
    };

    port = free_port();
    snprintf(address, sizeof address, "127.0.0.1:%u", port);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
