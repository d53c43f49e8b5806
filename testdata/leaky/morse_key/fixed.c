/* Morse: a tone for each letter of a word. */
#include <stdio.h>
#include <string.h>

#include "chanrt.h"

static const char call[] = "CQ DE K1ABC";

struct key {
    chan_t *tones;                      /* char */
    size_t  length;
};

static void sender(void *arg)
{
    struct key *key = arg;

    for (size_t i = 0; i < sizeof call - 1; i++)
        chan_send(key->tones, &call[i]);
}

static void listen(const struct key *key)
{
    char heard;

    for (size_t i = 0; i < key->length; i++) {
        chan_recv(key->tones, &heard);
        putchar(heard);
    }
    putchar('\n');
}

int main(void)
{
    static struct key key;

    key.tones = chan_make(char, 0);
    key.length = strlen(call);
    task_spawn(sender, &key);
    listen(&key);
    return 0;
}
