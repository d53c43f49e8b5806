/* root_context: the context of the whole program is made in main and never cancelled;
 * every task that looks at it ends by itself, and the process with main.
 */
#include <chanrt.h>

enum { STEPS = 3, WALKERS = 2 };

struct walk {
	ctx_t        *ctx;
	int           number;
	wait_group_t *home;
};

static bool step(ctx_t *ctx)
{
	return chan_poll(CHAN_RECV(ctx_done(ctx), NULL)) < 0;
}

static void walk(void *arg)
{
	struct walk *w = arg;
	int steps = 0;

	while (steps < STEPS && step(w->ctx))
		steps++;
	printf("walker %d: %d steps\n", w->number, steps);
	wait_group_done(w->home);
}

int main(void)
{
	ctx_t *ctx = ctx_with_cancel(ctx_background());
	wait_group_t home = { 0 };

	for (int i = 0; i < WALKERS; i++) {
		wait_group_add(&home, 1);
		task_go(walk, (struct walk){ ctx, i, &home });
	}
	wait_group_wait(&home);
	return ctx_err(ctx);
}
