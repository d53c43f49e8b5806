/* stock_room: one task owns the shelves; it is sent tagged messages, and what belongs to a tag lies
 * in an anonymous union. Whoever takes from empty shelves is never answered.
 */
#include <chanrt.h>

enum tag { STORE, TAKE, CLOSE };

struct message {
	enum tag tag;
	int      count;
	union {
		int     shelf;			/* STORE */
		chan_t *taken;			/* TAKE: int */
	};
};

static void shelves_run(void *arg)
{
	chan_t *messages = arg;
	int stock = 0;

	for (;;) {
		struct message m;

		if (!chan_recv(messages, &m) || m.tag == CLOSE)	// leak-secondary
			return;
		if (m.tag == STORE) {
			stock += m.count;
		} else if (!stock) {
			continue;
		} else {
			int taken = m.count < stock ? m.count : stock;

			stock -= taken;
			chan_send(m.taken, &taken);
		}
	}
}

static void put(chan_t *shelves, int shelf, int count)
{
	chan_send(shelves, &(struct message){ .tag = STORE, .count = count, .shelf = shelf });
}

static int take(chan_t *shelves, int count)
{
	chan_t *taken = chan_make(int, 0);
	struct message m = { .tag = TAKE, .count = count };
	int n = 0;

	m.taken = taken;
	chan_send(shelves, &m);
	chan_recv(taken, &n);		// leak: forgotten-receiver
	return n;
}

static void customer_run(void *shelves)
{
	struct message last = { .tag = CLOSE };

	for (int i = 0; i < 2; i++)
		printf("taken: %d\n", take(shelves, 2));
	last.shelf = 0;
	chan_send(shelves, &last);
}

int main(void)
{
	chan_t *shelves = chan_make(struct message, 0);

	task_spawn(shelves_run, shelves);
	put(shelves, 1, 2);
	task_spawn(customer_run, shelves);
	return 0;
}
