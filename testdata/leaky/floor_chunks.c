/* The last, shorter chunk has a task too, but nobody takes its result: the count is rounded down. The length is odd, wherever
 * the program lies: there always is such a chunk. */
#include <string.h>

#include "chanrt.h"

static void part(void *out)
{
    chan_send(out, &(int){ 1 }); // leak: forgotten-sender
}

int main(int argc, char **argv)
{
    size_t length = strlen(argv[argc - 1]) | 1, parts = length / 4;
    chan_t *out = chan_make(int, 0);

    for (size_t at = 0; at < length; at += 4)
        task_spawn(part, out);
    while (parts--)
        chan_recv(out, NULL);
    return 0;
}
