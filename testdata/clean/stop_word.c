/* Words of the command line go to a task that ends at "stop", whoever says it: the word was asked
 * for here, the other way round there, and is the same word. */
#include <string.h>

#include "chanrt.h"

struct reader {
    chan_t *words;
    chan_t *done;
};

static void reader(void *arg)
{
    struct reader *r = arg;
    const char *word;
    int count = 0, stop;

    do {
        chan_recv(r->words, &word);
        stop = strcmp("stop", word) == 0;
        count += !stop;
    } while (!stop);
    chan_send(r->done, &count);
}

int main(int argc, char **argv)
{
    struct reader r = { chan_make(const char *, 0), chan_make(int, 0) };
    const char *last = "stop";
    int count;

    task_spawn(reader, &r);
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "stop"))
            break;
        chan_send(r.words, &argv[i]);
    }
    chan_send(r.words, &last);
    chan_recv(r.done, &count);
    chan_release(r.words);
    chan_release(r.done);
    return count > 9;
}
