/* perform.c - rows: the three methods of the article "Leaky Go Channels", one job each.
 *
 * Their counting loop is only there to take time: an empty asm that may change the
 * counter keeps the compiler from computing its end. Go's compiler keeps such loops as
 * they are, one addition, comparison and jump a turn like these.
 */
#include "bench.h"

static void count_to(size_t n)
{
    for (size_t i = 0; i != n; i++)
        __asm__ volatile("" : "+r"(i));
}

BENCH(selecting)
{
    chan_t *parent = chan_create(0, 0);

    for (size_t i = 0; i != n; i++) {
        if (chan_poll(CHAN_RECV(parent, NULL)) == 0)
            return;
        __asm__ volatile("" : "+r"(i));
    }
    chan_release(parent);
}

static void wait_for_parent(void *arg)
{
    chan_recv(arg, NULL);
    chan_release(arg);
}

BENCH(leaky_async)
{
    chan_t *parent = chan_create(0, 0);

    task_spawn(wait_for_parent, chan_retain(parent));
    count_to(n);
    chan_release(parent);
}

static void wait_for_context(void *arg)
{
    chan_recv(ctx_done(arg), NULL);
    ctx_release(arg);
}

BENCH(context_async)
{
    ctx_t *ctx ctx_scoped = ctx_with_cancel(ctx_background());

    task_spawn(wait_for_context, ctx_retain(ctx));
    count_to(n);
}
