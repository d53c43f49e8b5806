/* Article on goroutine patterns, "error group": items are processed at once, the
 * first failure cancels the rest, and results are collected through a channel
 * without room. The group is waited for first and the channel read afterwards, so
 * the two wait for each other.
 */
#include <errno.h>
#include <string.h>

#include <chanrt.h>

enum { ITEMS = 5 };

struct item_job {
	ctx_t      *ctx;
	chan_t     *results;	/* const char * */
	const char *item;
};

static int process_item(const char *item)
{
	return item[0] == '\0' ? EINVAL : 0;
}

static int process_job(void *arg)
{
	struct item_job *job = arg;
	int err;

	switch (chan_poll(CHAN_RECV(ctx_done(job->ctx), NULL))) {
	case 0:
		return ctx_err(job->ctx);
	default:
		err = process_item(job->item);
		if (err)
			return err;
		chan_send(job->results, &job->item); // leak: circular-wait
		return 0;
	}
}

static int process_items(ctx_t *ctx, const char *const items[], size_t count)
{
	task_group_t *g = task_group_create(ctx, 0);
	chan_t *results = chan_make(const char *, 0);
	struct item_job jobs[ITEMS];
	int err;

	for (size_t i = 0; i < count; i++) {
		jobs[i] = (struct item_job){ task_group_ctx(g), results, items[i] };
		task_group_spawn(g, process_job, &jobs[i]);
	}
	err = task_group_wait(g); // leak: circular-wait
	chan_close(results);

	chan_range(const char *, result, results)
		printf("Processed: %s\n", result);
	chan_release(results);
	return err;
}

int main(void)
{
	static const char *const items[ITEMS] = { "ash", "birch", "cedar", "", "elm" };
	int err = process_items(ctx_background(), items, ITEMS);

	printf("%s\n", err ? strerror(err) : "all processed");
	return 0;
}
