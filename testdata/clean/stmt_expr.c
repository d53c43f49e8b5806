/* stmt_expr: the channel operations hide in GNU statement expressions; the macro
 * loop ends with the close, as any other range does.
 */
#include <chanrt.h>

/* The next int of ch, or otherwise when it is closed. */
#define RECV_OR(ch, otherwise)                            \
    ({                                                    \
        int recv_or_value_;                               \
        chan_recv((ch), &recv_or_value_) ? recv_or_value_ \
                                         : (otherwise);   \
    })

/* Sends the value of an expression, and is that value. */
#define SEND_TEE(ch, expr)                       \
    ({                                           \
        __typeof__(expr) send_tee_value_ = (expr); \
        chan_send((ch), &send_tee_value_);       \
        send_tee_value_;                         \
    })

#define FOREVER for (;;)

struct doubling {
    chan_t *in;
    chan_t *out;
};

static void double_all(void *arg)
{
    struct doubling *d = arg;

    FOREVER {
        int n = RECV_OR(d->in, -1);

        if (n < 0)
            break;
        (void)SEND_TEE(d->out, 2 * n);
    }
    chan_close(d->out);
}

static void count_to(void *arg)
{
    chan_t *out = arg;
    int n = 0;

    while (SEND_TEE(out, n) < 5)
        n++;
    chan_close(out);
}

int main(void)
{
    chan_t *numbers = chan_make(int, 0);
    chan_t *doubled = chan_make(int, 0);
    int sum = 0, n;

    task_spawn(count_to, numbers);
    task_go(double_all, (struct doubling){ .in = numbers, .out = doubled });

    while ((n = RECV_OR(doubled, -1)) >= 0)
        sum += n;
    printf("%d\n", sum);
    return sum == 30 ? 0 : 1;
}
