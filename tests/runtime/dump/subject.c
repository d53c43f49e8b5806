/* subject.c - a program whose tasks test_dump looks at. It is built in several ways. */
#include "chanrt.h"
#include "far.h"

#include <stdlib.h>
#include <string.h>

struct sending { chan_t *ch; int value; };

static inline __attribute__((always_inline)) void put(chan_t *ch, int value)
{
    chan_send(ch, &value); /* @put */
}

static __attribute__((noinline)) void middle(struct sending *s)
{
    put(s->ch, s->value); /* @middle */
    __asm__ volatile("");
}

static void sender(void *arg)
{
    middle(arg); /* @sender */
    __asm__ volatile("");
}

static void take(void *arg)
{
    chan_recv(arg, NULL); /* @take */
    __asm__ volatile("");
}

static void far_taker(void *arg)
{
    far_call(take, arg); /* @far_taker */
    __asm__ volatile("");
}

static __attribute__((noinline)) int dig(chan_t *ch, int depth)
{
    int below = depth > 0 ? dig(ch, depth - 1) : chan_recv(ch, NULL);

    __asm__ volatile("");
    return below + 1;
}

static void digger(void *arg)
{
    dig(arg, 200);
    __asm__ volatile("");
}

static void runner(void *arg)
{
    (void)arg;
    for (;;)
        task_yield();
}

static void start(void)
{
    chan_t *ch = chan_make(int, 0), *done = chan_make(int, 3);

    for (int i = 0; i < 3; i++)
        task_go(sender, (struct sending){ ch, i }); /* @three */
    task_spawn(far_taker, done); /* @far */
    task_spawn(digger, done);
}

/* Wait until a dump names all places. */
static void settle(void)
{
    char *text = NULL;
    size_t size;
    int blocked;

    do {
        FILE *out = open_memstream(&text, &size);

        task_sleep(10 * TASK_MILLISECOND);
        task_dump_full(out);
        fclose(out);
        blocked = 0;
        for (char *at = text; (at = strstr(at, "[chan ")) != NULL; at++)
            blocked++;
        free(text);
    } while (blocked < 5);
}

int main(void)
{
    leak_check_t lc = leak_check_begin();

    start();
    settle();
    task_dump(stdout);
    printf("--- full\n");
    task_dump_full(stdout);
    printf("--- leaks\n");
    leak_check_end(lc, 0, stdout);
    task_spawn(runner, NULL);
    task_dump_full(stdout);
    return 0;
}
