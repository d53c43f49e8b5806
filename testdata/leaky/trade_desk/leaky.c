/* trade_desk: each of two traders offers before it looks at the other's offer, so
 * both wait for the other to listen.
 */
#include <chanrt.h>

struct offer {
	int amount;
	int price;
};

struct trader {
	const char   *name;
	chan_t       *to;		/* struct offer, rendezvous */
	chan_t       *from;		/* struct offer, rendezvous */
	struct offer  offer;
	wait_group_t *floor;
};

static void offer_make(struct trader *t)
{
	chan_send(t->to, &t->offer); // leak: circular-wait
}

static struct offer offer_take(struct trader *t)
{
	struct offer o;

	chan_recv(t->from, &o);
	return o;
}

static void trade(void *arg)
{
	struct trader *t = arg;
	struct offer theirs;

	offer_make(t);
	theirs = offer_take(t);
	printf("%s is offered %d at %d\n", t->name, theirs.amount, theirs.price);
	wait_group_done(t->floor);
}

int main(void)
{
	chan_t *east = chan_make(struct offer, 0);
	chan_t *west = chan_make(struct offer, 0);
	wait_group_t floor = { 0 };

	wait_group_add(&floor, 2);
	task_go(trade, (struct trader){ .name = "ada", .to = east, .from = west,
					.offer = { 10, 3 }, .floor = &floor });
	task_go(trade, (struct trader){ .name = "bob", .to = west, .from = east,
					.offer = { 5, 6 }, .floor = &floor });
	wait_group_wait(&floor); // leak-secondary
	return 0;
}
