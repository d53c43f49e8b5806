/* gate_pass: the gate keeper lets cars through until who sends them closes the lane.
 */
#include <stdlib.h>

#include <chanrt.h>

struct gate {
	chan_t *lane;			/* int: a car's number */
	chan_t *report;			/* int: how many, capacity 1 */
};

static void keep(void *arg)
{
	struct gate *g = arg;
	int cars = 0;

	chan_range(int, car, g->lane) {
		printf("car %d\n", car);
		cars++;
	}
	chan_send(g->report, &cars);
}

static struct gate *gate_open(void)
{
	struct gate *g = malloc(sizeof(*g));

	if (!g)
		abort();
	g->lane = chan_make(int, 0);
	g->report = chan_make(int, 1);
	task_spawn(keep, g);
	return g;
}

static void arrive(struct gate *g, int car)
{
	chan_send(g->lane, &car);
}

int main(void)
{
	struct gate *g = gate_open();
	int cars;

	arrive(g, 17);
	arrive(g, 23);
	chan_close(g->lane);
	chan_recv(g->report, &cars);
	printf("%d cars\n", cars);
	return 0;
}
