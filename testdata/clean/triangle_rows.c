/* triangle_rows: row i of a triangle has i cells, 4,950 in all; the receiver knows the formula.
 */
#include <chanrt.h>

enum { ROWS = 100 };

struct distance {
	int from, to;
	int metres;
};

static void row_send(chan_t *cells, int from)
{
	for (int to = 0; to < from; to++) {
		struct distance d = { from, to, (from - to) * 12 };

		chan_send(cells, &d);
	}
}

static void table_send(void *arg)
{
	chan_t *cells = arg;

	for (int from = 0; from < ROWS; from++)
		row_send(cells, from);
}

int main(void)
{
	chan_t *cells = chan_make(struct distance, 50);
	long sum = 0;

	task_spawn(table_send, cells);
	for (int i = 0; i < ROWS * (ROWS - 1) / 2; i++) {
		struct distance d;

		chan_recv(cells, &d);
		sum += d.metres;
	}
	printf("%ld metres\n", sum);
	return 0;
}
