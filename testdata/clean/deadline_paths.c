/* deadline_paths: a context with a timeout is released on every path out of the
 * function, by hand in one and by its scope in the other.
 */
#include <errno.h>
#include <string.h>

#include <chanrt.h>

struct fetch {
	ctx_t      *ctx;		/* a reference of its own */
	const char *page;
	chan_t     *out;		/* size_t, capacity 1; a reference of its own */
};

static void fetch(void *arg)
{
	struct fetch *f = arg;
	size_t size = strlen(f->page);

	if (chan_select_timeout(3 * TASK_MILLISECOND, CHAN_RECV(ctx_done(f->ctx), NULL)) < 0)
		chan_send(f->out, &size);
	chan_release(f->out);
	ctx_release(f->ctx);
}

static int page_size(ctx_t *parent, const char *page, int64_t timeout, size_t *size)
{
	ctx_t *ctx;
	chan_t *out;
	int err = 0;

	if (!*page)
		return EINVAL;
	ctx = ctx_with_timeout(parent, timeout);
	out = chan_make(size_t, 1);
	task_go(fetch, (struct fetch){ ctx_retain(ctx), page, chan_retain(out) });
	switch (chan_select(CHAN_RECV(out, size), CHAN_RECV(ctx_done(ctx), NULL))) {
	case 0:
		break;
	case 1:
		err = ctx_err(ctx);
		if (err != ETIMEDOUT)
			goto cancelled;
		fprintf(stderr, "%s takes too long\n", page);
		break;
	}
	ctx_cancel(ctx);
	chan_release(out);
	ctx_release(ctx);
	return err;
cancelled:
	chan_release(out);
	ctx_release(ctx);
	return err;
}

static int all_sizes(const char *const *pages, size_t *total)
{
	ctx_t *ctx ctx_scoped = ctx_with_timeout(ctx_background(), TASK_SECOND);

	for (; *pages; pages++) {
		size_t size = 0;
		int err = page_size(ctx, *pages, 50 * TASK_MILLISECOND, &size);

		if (err && err != ETIMEDOUT)
			return err;
		*total += size;
	}
	return 0;
}

int main(void)
{
	static const char *const pages[] = { "index", "about", NULL };
	size_t total = 0;
	int err = all_sizes(pages, &total);

	printf("%zu bytes\n", total);
	return err ? 1 : 0;
}
