/* lanes: a channel for each of several lanes in an array; cars choose a lane by
 * their number, and all lanes are closed in a loop.
 */
#include <chanrt.h>

enum { LANES = 3, CARS = 8 };

struct lane {
	int     number;
	chan_t *cars;			/* int */
	chan_t *total;			/* int, capacity 1 */
};

static void lane_main(void *arg)
{
	struct lane *lane = arg;
	int passed = 0;

	chan_range(int, car, lane->cars) {
		printf("lane %d: car %d\n", lane->number, car);
		passed++;
	}
	chan_send(lane->total, &passed);
}

static void lanes_open(struct lane *lanes, int n)
{
	for (int i = 0; i < n; i++) {
		lanes[i].number = i;
		lanes[i].cars = chan_make(int, i);
		lanes[i].total = chan_make(int, 1);
		task_spawn(lane_main, &lanes[i]);
	}
}

static int lanes_close(struct lane *lanes, int n)
{
	int total = 0;

	for (int i = 0; i < n; i++)
		chan_close(lanes[i].cars);
	while (n-- > 0) {
		int passed;

		chan_recv(lanes[n].total, &passed);
		total += passed;
	}
	return total;
}

int main(void)
{
	static struct lane lanes[LANES];

	lanes_open(lanes, LANES);
	for (int car = 0; car < CARS; car++)
		chan_send(lanes[car % LANES].cars, &car);
	return lanes_close(lanes, LANES) == CARS ? 0 : 1;
}
