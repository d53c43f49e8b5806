/* bulk_load: 20,000 rows go through four workers, each row is acknowledged. The loader
 * counts its acknowledgements from 1, as rows are numbered, up to the last.
 */
#include <chanrt.h>

enum { ROWS = 20000, WORKERS = 4, BACKLOG = 16 };

struct row {
	int number;
	int cents;
};

struct ack {
	int  number;
	bool accepted;
};

struct load {
	chan_t *rows;			/* struct row, closed after the last */
	chan_t *acks;			/* struct ack */
};

static struct row row_make(int number)
{
	return (struct row){ .number = number, .cents = number * 7 % 1000 };
}

static bool row_is_good(const struct row *row)
{
	return row->cents != 13;
}

static void worker(void *arg)
{
	struct load *l = arg;
	struct row row;

	while (chan_recv(l->rows, &row)) {
		struct ack ack = { row.number, row_is_good(&row) };

		chan_send(l->acks, &ack);
	}
}

static void reader(void *arg)
{
	struct load *l = arg;

	for (int i = 0; i < ROWS; i++) {
		struct row row = row_make(i + 1);

		chan_send(l->rows, &row);
	}
	chan_close(l->rows);
}

static int collect(struct load *l)
{
	int good = 0;

	for (int i = 1; i <= ROWS; i++) {
		struct ack ack;

		chan_recv(l->acks, &ack);
		good += ack.accepted;
	}
	return good;
}

int main(void)
{
	static struct load l;		/* the workers may outlive main */

	l.rows = chan_make(struct row, BACKLOG);
	l.acks = chan_make(struct ack, 0);
	for (int i = 0; i < WORKERS; i++)
		task_spawn(worker, &l);
	task_spawn(reader, &l);
	printf("%d good rows\n", collect(&l));
	return 0;
}
