/* matrix_cells: 100 rows of 100 cells, sent one by one in two loops and received in one
 * of 10,000. Each count alone says nothing.
 */
#include <chanrt.h>

enum { ROWS = 100, COLUMNS = 100 };

struct cell {
	int row, column;
	int value;
};

struct matrix {
	chan_t *cells;			/* struct cell */
};

static void row_send(struct matrix *m, int row)
{
	for (int column = 0; column < COLUMNS; column++) {
		struct cell c = { row, column, row * column };

		chan_send(m->cells, &c);
	}
}

static void producer(void *arg)
{
	struct matrix *m = arg;

	for (int row = 0; row < ROWS; row++)
		row_send(m, row);
}

int main(void)
{
	struct matrix m = { chan_make(struct cell, 64) };
	long trace = 0;

	task_spawn(producer, &m);
	for (int i = 0; i < ROWS * COLUMNS; i++) {
		struct cell c;

		chan_recv(m.cells, &c);
		if (c.row == c.column)
			trace += c.value;
	}
	printf("%ld\n", trace);
	return 0;
}
