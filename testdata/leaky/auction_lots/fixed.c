/* Eight lots are sold from the cheapest to the dearest, each to its owner's knowledge. All of them cost
 * enough. */
#include <chanrt.h>
#include <stdlib.h>

enum { LOTS = 8 };

struct lot {
    int     price;
    chan_t *sold;               /* int: at which place */
};

static int by_price(const void *a, const void *b)
{
    const struct lot *x = a, *y = b;

    return (x->price > y->price) - (x->price < y->price);
}

static void owner(void *arg)
{
    struct lot *l = arg;
    int place;

    chan_recv(l->sold, &place);
}

int main(void)
{
    static struct lot lots[LOTS] = {
        { .price = 30 }, { .price = 20 }, { .price = 80 }, { .price = 10 },
        { .price = 50 }, { .price = 70 }, { .price = 60 }, { .price = 40 },
    };

    for (int i = 0; i < LOTS; i++) {
        lots[i].sold = chan_make(int, 1);
        task_go(owner, lots[i]);
    }
    qsort(lots, LOTS, sizeof lots[0], by_price);
    for (int i = 0; i < LOTS; i++)
        if (lots[i].price >= 10)
            chan_send(lots[i].sold, &i);
    return 0;
}
