/* Article on goroutine patterns, "use sync.Pool": buffers are taken from a pool and
 * put back. Here the pool is a buffered channel that never blocks anybody: when it
 * is empty a buffer is allocated, when it is full one is freed.
 */
#include <stdlib.h>
#include <string.h>

#include <chanrt.h>

enum { BUFFER_SIZE = 256, POOL_SIZE = 2, TASKS = 4 };

struct buffer {
	size_t used;
	char   bytes[BUFFER_SIZE];
};

static chan_t *pool;			/* struct buffer * */

static struct buffer *buffer_get(void)
{
	struct buffer *b;

	if (chan_try_recv(pool, &b))
		return b;
	b = calloc(1, sizeof(*b));
	if (!b)
		abort();
	return b;
}

static void buffer_put(struct buffer *b)
{
	b->used = 0;
	if (!chan_try_send(pool, &b))
		free(b);
}

static void buffer_write(struct buffer *b, const char *data)
{
	size_t n = strlen(data);

	if (n > BUFFER_SIZE - b->used)
		n = BUFFER_SIZE - b->used;
	memcpy(b->bytes + b->used, data, n);
	b->used += n;
}

struct job {
	const char   *data;
	wait_group_t *wg;
};

static void process_data(void *arg)
{
	struct job *job = arg;
	struct buffer *b = buffer_get();

	buffer_write(b, job->data);
	task_yield();
	printf("%.*s\n", (int)b->used, b->bytes);
	buffer_put(b);
	wait_group_done(job->wg);
}

int main(void)
{
	static const char *const data[TASKS] = { "one", "two", "three", "four" };
	wait_group_t wg = { 0 };
	struct buffer *b;

	pool = chan_make(struct buffer *, POOL_SIZE);
	for (int i = 0; i < TASKS; i++) {
		wait_group_add(&wg, 1);
		task_go(process_data, (struct job){ data[i], &wg });
	}
	wait_group_wait(&wg);

	while (chan_try_recv(pool, &b))
		free(b);
	chan_release(pool);
	return 0;
}
