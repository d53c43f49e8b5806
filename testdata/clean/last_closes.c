/* last_closes: the producers count down an atomic, and the one that reaches zero
 * closes; whoever claims the prize first closes the other channel.
 */
#include <stdatomic.h>

#include <chanrt.h>

#define PRODUCERS 3

static struct {
	chan_t     *items;		/* int, closed by the last producer */
	chan_t     *claimed;		/* closed by the first claim */
	atomic_int  working;
	atomic_flag taken;
} shop = { .working = PRODUCERS, .taken = ATOMIC_FLAG_INIT };

static void claim(void)
{
	if (!atomic_flag_test_and_set(&shop.taken))
		chan_close(shop.claimed);
}

static void produce(void *arg)
{
	const int *item = arg;

	chan_send(shop.items, item);
	claim();
	if (atomic_fetch_sub(&shop.working, 1) == 1)
		chan_close(shop.items);
}

int main(void)
{
	static const int prices[PRODUCERS] = { 5, 7, 11 };
	int sum = 0;

	shop.items = chan_make(int, 0);
	shop.claimed = chan_create(0, 0);
	for (int i = 0; i < PRODUCERS; i++)
		task_spawn(produce, (void *)&prices[i]);

	chan_range(int, price, shop.items)
		sum += price;
	chan_recv(shop.claimed, NULL);
	return sum == 23 ? 0 : 1;
}
