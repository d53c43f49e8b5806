/* As many results are taken as tasks were started, though the two counts are computed in different
 * ways: chunks of a text rounded up, pairs of numbers rounded down, letters counted down. */
#include <string.h>

#include "chanrt.h"

enum { CHUNK = 4 };

struct chunk {
    const char *at;
    size_t      length;
    chan_t     *out;
};

static void count_blanks(void *arg)
{
    struct chunk *c = arg;
    int blanks = 0;

    for (size_t i = 0; i < c->length; i++)
        blanks += c->at[i] == ' ';
    chan_send(c->out, &blanks);
}

static int blanks_in(const char *text)
{
    size_t length = strlen(text), chunks = (length + CHUNK - 1) / CHUNK;
    chan_t *out = chan_make(int, 0);
    int sum = 0, n;

    for (size_t at = 0; at < length; at += CHUNK) {
        size_t rest = length - at;

        task_go(count_blanks, (struct chunk){ text + at, rest < CHUNK ? rest : CHUNK, out });
    }
    while (chunks--) {
        chan_recv(out, &n);
        sum += n;
    }
    chan_release(out);
    return sum;
}

static void one(void *out)
{
    chan_send(out, &(int){ 1 });
}

static int pairs_of(int count)
{
    chan_t *out = chan_make(int, 0);
    int pairs = count / 2, sum = 0, n;

    for (int i = 0; i + 1 < count; i += 2)
        task_spawn(one, out);
    for (int i = 0; i < pairs; i++) {
        chan_recv(out, &n);
        sum += n;
    }
    chan_release(out);
    return sum;
}

static int letters_of(const char *word)
{
    size_t length = strlen(word), left = length;
    chan_t *out = chan_make(int, 0);
    int sum = 0, n;

    for (size_t i = 0; i < length; i++)
        task_spawn(one, out);
    while (left--) {
        chan_recv(out, &n);
        sum += n;
    }
    chan_release(out);
    return sum;
}

int main(int argc, char **argv)
{
    if (argc > 1 && argv[1][0] == '-')
        return letters_of(argv[1]) > 3;
    return argc > 3 ? pairs_of(argc) : blanks_in(argv[0]);
}
