/* philosophers: the forks are channels with one signal in them. Everybody takes the
 * left fork first but the last one, so there is no circle.
 */
#include <chanrt.h>

#define SEATS 3
#define MEALS 2

struct philosopher {
	chan_t       *first, *second;	/* signals, capacity 1: a fork lies there */
	int           seat;
	wait_group_t *table;
};

static void take(chan_t *fork)
{
	chan_recv(fork, NULL);
}

static void put_back(chan_t *fork)
{
	chan_send(fork, NULL);
}

static void dine(void *arg)
{
	struct philosopher *p = arg;

	for (int meal = 0; meal < MEALS; meal++) {
		take(p->first);
		take(p->second);
		printf("philosopher %d eats\n", p->seat);
		put_back(p->second);
		put_back(p->first);
	}
	wait_group_done(p->table);
}

int main(void)
{
	chan_t *forks[SEATS];
	wait_group_t table = { 0 };

	for (int i = 0; i < SEATS; i++) {
		forks[i] = chan_create(0, 1);
		put_back(forks[i]);
	}
	for (int seat = 0; seat < SEATS; seat++) {
		chan_t *left = forks[seat];
		chan_t *right = forks[(seat + 1) % SEATS];
		bool last = seat == SEATS - 1;

		wait_group_add(&table, 1);
		task_go(dine, (struct philosopher){
			last ? right : left, last ? left : right, seat, &table });
	}
	wait_group_wait(&table);
	for (int i = 0; i < SEATS; i++)
		chan_release(forks[i]);
	return 0;
}
