/* error_paths: whatever goes wrong while a report is written, the writer is sent the
 * end of it, by one label that all paths go through.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <chanrt.h>

struct report {
	chan_t *rows;			/* int, closed at the end on every path */
	chan_t *written;		/* int: how many rows, capacity 1 */
};

static void writer(void *arg)
{
	struct report *r = arg;
	int count = 0;

	chan_range(int, row, r->rows)
		count += row >= 0;
	chan_send(r->written, &count);
}

static int row_value(int row, int limit)
{
	return row < limit ? row * 2 : -EIO;
}

static int report_write(int rows, int limit, int *written)
{
	struct report *r = malloc(sizeof(*r));
	int *cache = NULL;
	int ret = 0;

	if (!r)
		return -ENOMEM;
	r->rows = chan_make(int, 0);
	r->written = chan_make(int, 1);
	task_spawn(writer, r);

	if (rows < 0) {
		ret = -EINVAL;
		goto out_close;
	}
	cache = calloc((size_t)rows + 1, sizeof(*cache));
	if (!cache) {
		ret = -ENOMEM;
		goto out_close;
	}
	for (int i = 0; i < rows; i++) {
		cache[i] = row_value(i, limit);
		if (cache[i] < 0) {
			ret = cache[i];
			goto out_free;
		}
		chan_send(r->rows, &cache[i]);
	}

out_free:
	free(cache);
out_close:
	chan_close(r->rows);
	chan_recv(r->written, written);
	chan_release(r->written);
	chan_release(r->rows);
	free(r);
	return ret;
}

int main(int argc, char **argv)
{
	int limit = argc > 1 ? atoi(argv[1]) : 3;

	for (int rows = -1; rows < 5; rows++) {
		int written = 0;
		int err = report_write(rows, limit, &written);

		printf("%d rows: %s, %d written\n", rows, err ? strerror(-err) : "done", written);
	}
	return 0;
}
