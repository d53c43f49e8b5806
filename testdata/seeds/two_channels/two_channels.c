/* Article on goroutine patterns, "select pattern": wait for the first message of
 * two channels, a timeout, or a cancellation. A channel found closed becomes NULL,
 * which takes it out of the select.
 */
#include <errno.h>
#include <string.h>

#include <chanrt.h>

struct message {
	char text[32];
};

struct source {
	chan_t     *out;	/* struct message, closed at the end; owned */
	const char *text;	/* NULL: nothing to say */
	int64_t     delay;
};

static void source_main(void *arg)
{
	struct source *s = arg;

	task_sleep(s->delay);
	if (s->text) {
		struct message m;

		snprintf(m.text, sizeof(m.text), "%s", s->text);
		chan_send(s->out, &m);
	}
	chan_close(s->out);
	chan_release(s->out);
}

/* 0 with the message in *m, ETIMEDOUT or ECANCELED. */
static int handle_multiple_channels(ctx_t *ctx, chan_t *ch1, chan_t *ch2, int64_t timeout,
				    struct message *m)
{
	chan_t *expired = chan_after(timeout);
	int err = 0;
	bool ok;

	for (;;) {
		switch (chan_select(CHAN_RECV(ctx_done(ctx), NULL),
				    CHAN_RECV_OK(ch1, m, &ok),
				    CHAN_RECV_OK(ch2, m, &ok),
				    CHAN_RECV(expired, NULL))) {
		case 0:
			err = ctx_err(ctx);
			goto out;
		case 1:
			if (!ok) {
				ch1 = NULL;	/* no repeated selects on a closed channel */
				continue;
			}
			goto out;
		case 2:
			if (!ok) {
				ch2 = NULL;
				continue;
			}
			goto out;
		case 3:
			err = ETIMEDOUT;
			goto out;
		}
	}
out:
	chan_release(expired);
	return err;
}

static void try_with(const char *text1, const char *text2)
{
	ctx_t *ctx ctx_scoped = ctx_with_cancel(ctx_background());
	chan_t *ch1 = chan_make(struct message, 1);
	chan_t *ch2 = chan_make(struct message, 1);
	struct message m;
	int err;

	task_go(source_main, (struct source){ chan_retain(ch1), text1, 5 * TASK_MILLISECOND });
	task_go(source_main, (struct source){ chan_retain(ch2), text2, 10 * TASK_MILLISECOND });

	err = handle_multiple_channels(ctx, ch1, ch2, 50 * TASK_MILLISECOND, &m);
	printf("%s\n", err ? strerror(err) : m.text);

	chan_release(ch2);
	chan_release(ch1);
}

int main(void)
{
	try_with("first", "second");
	try_with(NULL, "second");
	try_with(NULL, NULL);
	return 0;
}
