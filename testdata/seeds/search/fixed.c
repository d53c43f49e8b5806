/* Article "Goroutine Leaks - The Forgotten Sender", listing 5: the channel has
 * room for the one result, so the task can send and end although process has
 * given up.
 */
#include <errno.h>
#include <string.h>

#include <chanrt.h>

struct result {
	const char *record;
	int         err;
};

struct search_args {
	const char *term;
	chan_t     *ch;		/* struct result; a reference of the task's own */
};

/* Simulates a function that finds a record by a search term: 200 ms of work. */
static int search(const char *term, const char **record)
{
	(void)term;
	task_sleep(200 * TASK_MILLISECOND);
	*record = "some value";
	return 0;
}

static void search_task(void *arg)
{
	struct search_args *a = arg;
	struct result r;

	r.err = search(a->term, &r.record);
	chan_send(a->ch, &r);
	chan_release(a->ch);
}

/* Finds a record and prints it. Fails if that takes more than 100 ms. */
static int process(const char *term)
{
	ctx_t *ctx ctx_scoped = ctx_with_timeout(ctx_background(), 100 * TASK_MILLISECOND);
	/* Room for the result, so that sending it never blocks. */
	chan_t *ch = chan_make(struct result, 1);
	struct result r;
	int err = 0;

	task_go(search_task, (struct search_args){ term, chan_retain(ch) });

	switch (chan_select(CHAN_RECV(ctx_done(ctx), NULL), CHAN_RECV(ch, &r))) {
	case 0:
		err = ctx_err(ctx);
		break;
	case 1:
		err = r.err;
		if (err == 0)
			printf("Received: %s\n", r.record);
		break;
	}
	chan_release(ch);
	return err;
}

int main(void)
{
	int err = process("term");

	if (err)
		printf("search: %s\n", strerror(err));
	return 0;
}
