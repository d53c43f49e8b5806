/* gauge_reading: the readings have become records with a time, and one receiver still has
 * room for a number only.
 *
 * schedule: rare - what lies behind the number is overwritten, which does not show
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
	int value;

	chan_recv(readings, &value); // leak: element-size; unseen: a receive of the wrong size takes what comes
	return value > 90;
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
