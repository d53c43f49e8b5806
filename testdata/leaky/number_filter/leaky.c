/* number_filter: numbers from the command line go through a stage that inverts them;
 * it gives up at the first zero, and the generator is left with the rest.
 */
#include <stdlib.h>

#include <chanrt.h>

struct source {
    char  **words;              /* ended by NULL */
    chan_t *out;                /* long */
};

struct stage {
    chan_t *in, *out;           /* long */
};

static void generate(void *arg)
{
    struct source *s = arg;

    for (char **word = s->words; *word; word++)
        chan_send_value(s->out, strtol(*word, NULL, 10)); // leak: forgotten-sender
    chan_close(s->out);
}

static void invert(void *arg)
{
    struct stage *s = arg;

    chan_range(long, n, s->in) {
        if (n == 0) {
            fputs("zero cannot be inverted\n", stderr);
            break;
        }
        chan_send_value(s->out, 1000000 / n);
    }
    chan_close(s->out);
}

int main(int argc, char **argv)
{
    static char *defaults[] = { "4", "0", "8", NULL };
    chan_t *numbers = chan_make(long, 0), *inverses = chan_make(long, 0);

    task_go(generate, (struct source){ .words = argc > 1 ? argv + 1 : defaults, .out = numbers });
    task_go(invert, (struct stage){ .in = numbers, .out = inverses });
    chan_range(long, n, inverses)
        printf("%ld\n", n);
    return 0;
}
