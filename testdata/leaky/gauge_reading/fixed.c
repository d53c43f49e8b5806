/* gauge_reading: the readings are records with a time, for each of their receivers.
 */
#include <chanrt.h>

struct reading {
	int64_t at;
	int     value;
};

struct gauge {
	chan_t *readings;		/* struct reading, capacity 2 */
	int     first;
};

static void measure(void *arg)
{
	struct gauge *g = arg;

	for (int i = 0; i < 2; i++) {
		struct reading r = { .at = i, .value = g->first + i };

		chan_send(g->readings, &r);
	}
}

static bool is_alarming(chan_t *readings)
{
	struct reading r;

	chan_recv(readings, &r);
	return r.value > 90;
}

int main(int argc, char **argv)
{
	chan_t *readings = chan_make(struct reading, 2);
	struct reading last;

	(void)argv;
	task_go(measure, (struct gauge){ readings, 80 });
	chan_recv(readings, &last);
	if (argc > 1 && is_alarming(readings))
		printf("alarm\n");
	printf("%d\n", last.value);
	return 0;
}
