/* lazy_table: the table is made by whoever needs it first, under task_once; the task
 * that the maker starts answers all and ends when the last user has left.
 */
#include <chanrt.h>

struct table {
	task_once_t  made;
	chan_t      *squares;		/* int, rendezvous */
	chan_t      *no_more;		/* closed by the last user */
	task_mutex_t mu;
	int          users;		/* under mu */
};

static void table_serve(void *arg)
{
	struct table *t = arg;

	for (int n = 1;; n++) {
		int square = n * n;

		if (chan_select(CHAN_SEND(t->squares, &square), CHAN_RECV(t->no_more, NULL)))
			return;
	}
}

static void table_make(void *arg)
{
	struct table *t = arg;

	t->squares = chan_make(int, 0);
	t->no_more = chan_create(0, 0);
	task_spawn(table_serve, t);
}

static int table_next(struct table *t)
{
	int square;

	task_once(&t->made, table_make, t);
	chan_recv(t->squares, &square);
	return square;
}

static void table_leave(struct table *t)
{
	bool last;

	task_mutex_lock(&t->mu);
	last = --t->users == 0;
	task_mutex_unlock(&t->mu);
	if (last)
		chan_close(t->no_more);
}

static void use(void *arg)
{
	struct table *t = arg;
	int sum = table_next(t) + table_next(t);

	printf("%d\n", sum);
	table_leave(t);
}

int main(void)
{
	static struct table table = { .users = 3 };

	for (int i = 0; i < 3; i++)
		task_spawn(use, &table);
	task_sleep(5 * TASK_MILLISECOND);
	return 0;
}
