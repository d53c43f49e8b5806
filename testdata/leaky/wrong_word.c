/* The word that ends the service is not the one that is sent to end it. */
#include <string.h>

#include "chanrt.h"

static void service(void *in)
{
    const char *verb;

    for (;;) {
        chan_recv(in, &verb); // leak: forgotten-receiver
        if (strcmp(verb, "quit") == 0)
            return;
    }
}

int main(void)
{
    chan_t *in = chan_make(const char *, 0);

    task_spawn(service, in);
    chan_send(in, &(const char *){ "go" });
    chan_send(in, &(const char *){ "stop" });
    return 0;
}
