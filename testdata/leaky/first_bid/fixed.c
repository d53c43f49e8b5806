/* first_bid: the auction takes the first bid; there is room for the other, and nobody
 * needs to close.
 */
#include <chanrt.h>

struct bidder {
	chan_t *bids;			/* int */
	int     amount;
};

static void bid(void *arg)
{
	struct bidder *b = arg;

	chan_send(b->bids, &b->amount);
	chan_release(b->bids);
}

static void join(chan_t *bids, int amount)
{
	task_go(bid, (struct bidder){ chan_retain(bids), amount });
}

static int auction_run(chan_t *bids)
{
	int amount;

	chan_recv(bids, &amount);
	return amount;
}

int main(void)
{
	chan_t *bids = chan_make(int, 2);

	join(bids, 120);
	join(bids, 150);
	printf("sold for %d\n", auction_run(bids));
	chan_release(bids);
	task_sleep(5 * TASK_MILLISECOND);
	return 0;
}
