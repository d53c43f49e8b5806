/* row_sentinel: the reader sends NULL as the last row. The worker who gets it closes the
 * channel, so that the others end too: a receiver that knows nothing more will come.
 */
#include <chanrt.h>

enum { WORKERS = 2 };

struct table {
	chan_t      *rows;		/* const char * */
	wait_group_t working;
};

static void work(void *arg)
{
	struct table *t = arg;

	chan_range(const char *, row, t->rows) {
		if (!row) {
			chan_close(t->rows);
			break;
		}
		printf("%s\n", row);
	}
	wait_group_done(&t->working);
}

int main(void)
{
	static struct table table;
	const char *rows[] = { "north", "south", "west", NULL };

	table.rows = chan_make(const char *, 0);
	wait_group_add(&table.working, WORKERS);
	for (int i = 0; i < WORKERS; i++)
		task_spawn(work, &table);
	for (int i = 0; i < 4; i++)
		chan_send(table.rows, &rows[i]);
	wait_group_wait(&table.working);
	return 0;
}
