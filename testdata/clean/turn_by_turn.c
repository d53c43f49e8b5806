/* turn_by_turn: each turn of a loop lends a variable of its own, and ends when the task has given
 * it back: through a channel of answers that lies in what was lent, or by a send that
 * the select of the loop takes. A context's end is waited for as well.
 */
#include <chanrt.h>
#include <stdio.h>

struct turn {
	int     number;
	int     square;
	chan_t *done;
	ctx_t  *ctx;
};

static void square(void *arg)
{
	struct turn *t = arg;

	if (!ctx_err(t->ctx))
		t->square = t->number * t->number;
	chan_send(t->done, NULL);
}

static int squares(int turns)
{
	chan_t *never = chan_create(0, 0);
	ctx_t *ctx = ctx_with_cancel(ctx_background());
	int sum = 0;

	for (int i = 1; i <= turns; i++) {
		struct turn t = { i, 0, chan_create(0, i % 2), ctx };

		task_spawn(square, &t);
		switch (chan_select(CHAN_RECV(t.done, NULL), CHAN_RECV(never, NULL))) {
		case 0:
			sum += t.square;
			break;
		case 1:
			return -1;
		}
		chan_release(t.done);
	}
	ctx_cancel(ctx);
	ctx_release(ctx);
	chan_release(never);
	return sum;
}

static void watch(void *arg)
{
	struct turn *t = arg;

	chan_recv(ctx_done(t->ctx), NULL);
	t->square = -t->number;
	chan_close(t->done);
}

static int watched(int number)
{
	struct turn t = { number, 0, chan_create(0, 0), ctx_with_cancel(ctx_background()) };

	task_spawn(watch, &t);
	ctx_cancel(t.ctx);
	chan_recv(t.done, NULL);
	ctx_release(t.ctx);
	chan_release(t.done);
	return t.square;
}

int main(void)
{
	int sum = squares(3) + watched(4);

	printf("%d\n", sum);
	return sum != 10;
}
