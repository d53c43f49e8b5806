/* Squares of numbers, through a pipeline of tasks. */
#include <chanrt.h>
#include <stdio.h>

struct stage {
    chan_t *in, *out;
};

static void generate(void *arg)
{
    chan_t *out = arg;

    for (int n = 1; n <= 5; n++)
        chan_send(out, &n);
    chan_close(out);
}

static void square(void *arg)
{
    struct stage *s = arg;

    chan_range(int, n, s->in)
        chan_send_value(s->out, n * n);
}

int main(void)
{
    chan_t *numbers = chan_make(int, 0), *squares = chan_make(int, 0);

    task_spawn(generate, numbers);
    task_go(square, (struct stage){ numbers, squares });
    chan_range(int, n, squares)
        printf("%d\n", n);
    return 0;
}
