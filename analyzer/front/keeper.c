#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "parser.h"

/* Room for one descriptor beside one byte (cmsg(3)). */
union parcel {
    struct cmsghdr head;
    char           room[CMSG_SPACE(sizeof(int))];
};

/* ---- passing a connection ------------------------------------------------------------------- */

static bool pass(int control, int connection)
{
    union parcel parcel = { .room = { 0 } };
    struct iovec byte = { "c", 1 };
    struct msghdr m = { .msg_iov = &byte, .msg_iovlen = 1, .msg_control = parcel.room,
                        .msg_controllen = sizeof parcel.room };

    parcel.head = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof connection), .cmsg_level = SOL_SOCKET,
                                    .cmsg_type = SCM_RIGHTS };
    memcpy(CMSG_DATA(&parcel.head), &connection, sizeof connection);
    return sendmsg(control, &m, MSG_NOSIGNAL | MSG_DONTWAIT) == 1;
}

int keeper_receive(int control)
{
    union parcel parcel;
    char byte;
    struct iovec in = { &byte, 1 };
    struct msghdr m = { .msg_iov = &in, .msg_iovlen = 1, .msg_control = parcel.room,
                        .msg_controllen = sizeof parcel.room };
    int connection;
    ssize_t n;

    while ((n = recvmsg(control, &m, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR)
        ;
    if (n != 1 || m.msg_controllen < CMSG_LEN(sizeof connection) || parcel.head.cmsg_type != SCM_RIGHTS)
        return -1;
    memcpy(&connection, CMSG_DATA(&parcel.head), sizeof connection);
    return connection;
}

/* ---- the process ------------------------------------------------------------------------------ */

static _Noreturn void become(const char *program, int control, const char *const *models, size_t model_count)
{
    const char *arguments[model_count + 3];
    size_t n = 0;

    arguments[n++] = program;
    arguments[n++] = PARSE_KEEPS;
    for (size_t i = 0; i < model_count; i++)
        arguments[n++] = models[i];
    arguments[n] = NULL;
    dup2(control, STDIN_FILENO);
    dup2(STDERR_FILENO, STDOUT_FILENO);     /* standard output is the client's */
    execv(program, (char *const *)arguments);
    _exit(127);
}

static bool start(struct keeper *k, const char *const *models, size_t model_count)
{
    struct arena *arena = arena_new();
    const char *program = parser_program(arena);
    int ends[2];

    if (program && !socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends)) {
        k->pid = fork();
        if (k->pid == 0)
            become(program, ends[1], models, model_count);
        close(ends[1]);
        k->control = ends[0];
        if (k->pid < 0) {
            close(ends[0]);
            k->pid = 0;
        }
    }
    arena_free(arena);
    return k->pid != 0;
}

/* Has it crashed? Then the next one begins anew. */
static void look_after(struct keeper *k)
{
    if (k->pid && waitpid(k->pid, NULL, WNOHANG) == k->pid) {
        close(k->control);
        k->pid = 0;
    }
}

int keeper_connect(struct keeper *k, const char *const *models, size_t model_count)
{
    int ends[2];
    bool passed;

    look_after(k);
    if ((!k->pid && !start(k, models, model_count)) || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
        return -1;
    passed = pass(k->control, ends[1]);
    close(ends[1]);
    if (passed)
        return ends[0];
    close(ends[0]);
    return -1;
}

/* It may be at a long parse that nobody waits for any more. */
void keeper_stop(struct keeper *k)
{
    if (!k->pid)
        return;
    close(k->control);
    kill(k->pid, SIGKILL);
    while (waitpid(k->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    k->pid = 0;
}
