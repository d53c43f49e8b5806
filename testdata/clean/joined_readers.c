/* joined_readers: readers share a table on the stack of the function that starts them, guarded by a
 * read-write lock there; a group joins them, and another function lends the same way through one more
 * call. The group's end is what ends the loan, however much is read after the last unlock.
 */
#include <chanrt.h>
#include <stdio.h>

enum { ROWS = 4 };

struct table {
	task_rwlock_t lock;
	int           row[ROWS];
	int           limit;
};

struct reader {
	struct table *table;
	int           row;
	int           seen;
};

static int read_row(void *arg)
{
	struct reader *r = arg;

	task_rwlock_rdlock(&r->table->lock);
	r->seen = r->table->row[r->row];
	task_rwlock_rdunlock(&r->table->lock);
	return r->seen > r->table->limit;
}

static int write_rows(void *arg)
{
	struct table *t = arg;

	task_rwlock_wrlock(&t->lock);
	for (int i = 0; i < ROWS; i++)
		t->row[i] = i;
	task_rwlock_wrunlock(&t->lock);
	return t->limit < 0;
}

static void start_all(task_group_t *g, struct table *t, struct reader *r)
{
	task_group_spawn(g, write_rows, t);
	for (int i = 0; i < 2; i++)
		task_group_spawn(g, read_row, &r[i]);
}

static int read_all(int limit)
{
	struct table t = { .limit = limit };
	struct reader r[2] = { { &t, 1, 0 }, { &t, 3, 0 } };
	task_group_t *g = task_group_create(ctx_background(), 0);

	start_all(g, &t, r);
	return task_group_wait(g) ? -1 : r[0].seen + r[1].seen;
}

int main(void)
{
	int sum = read_all(ROWS);

	printf("%d\n", sum);
	return sum < 0;
}
