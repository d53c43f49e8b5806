/* A program outside the tree. With DEBUG_LIBRARY it also serves its tasks. */
#include <chanrt.h>

#include <string.h>

struct args { chan_t *ch; int n; };

static void count(void *arg)
{
    struct args *a = arg;

    for (int i = 1; i <= a->n; i++)
        chan_send(a->ch, &i);
    chan_close(a->ch);
}

int main(void)
{
    chan_t *ch = chan_make(int, 0);
    int sum = 0;

#ifdef DEBUG_LIBRARY
    if (task_debug_serve("127.0.0.1:0") != 0)
        return 2;
    task_debug_stop();
#endif
    task_go(count, (struct args){ ch, 10 });
    chan_range(int, i, ch)
        sum += i;
    chan_release(ch);
    printf("%d\n", sum);
    return sum == 55 ? 0 : 1;
}
