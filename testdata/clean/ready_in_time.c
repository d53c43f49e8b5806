/* ready_in_time: a request carries its ticket in a buffer, so that who looks for the
 * ticket finds it whatever the clock says: a timeout is for when nothing is ready.
 */
#include <stdlib.h>

#include <chanrt.h>

struct gate {
	chan_t *tickets;		/* int, capacity 1 */
	chan_t *audit;			/* int, unbuffered: each ticket that was taken */
	ctx_t  *shift;
};

static struct gate *gate_open(void)
{
	struct gate *g = calloc(1, sizeof *g);

	if (!g)
		exit(EXIT_FAILURE);
	g->tickets = chan_make(int, 1);
	g->audit = chan_make(int, 0);
	g->shift = ctx_with_cancel(ctx_background());
	return g;
}

static void gate_free(struct gate *g)
{
	ctx_release(g->shift);
	chan_release(g->tickets);
	chan_release(g->audit);
	free(g);
}

/* Hears of every ticket that was put in: each of them is taken. */
static void auditor(void *arg)
{
	struct gate *g = arg;
	int ticket;

	chan_recv(g->audit, &ticket);
	printf("ticket %d\n", ticket);
	chan_recv(g->audit, &ticket);
	printf("ticket %d\n", ticket);
}

/* The ticket was there before anybody looked. */
static void enter(struct gate *g, int number)
{
	int ticket;

	chan_send(g->tickets, &number);
	if (chan_select_timeout(TASK_MILLISECOND, CHAN_RECV(g->tickets, &ticket)) == 0)
		chan_send(g->audit, &ticket);
}

/* So is the end of a shift that is over. */
static bool is_over(struct gate *g)
{
	return chan_select_timeout(1, CHAN_RECV(ctx_done(g->shift), NULL)) == 0;
}

static void closer(void *arg)
{
	chan_t *closed = arg;

	chan_send(closed, &(int){ 0 });
}

int main(void)
{
	struct gate *g = gate_open();
	chan_t *closed = chan_make(int, 0);

	task_spawn(auditor, g);
	for (int i = 1; i <= 2; i++)
		enter(g, i);
	ctx_cancel(g->shift);
	task_spawn(closer, closed);
	if (is_over(g))
		chan_recv(closed, NULL);
	chan_release(closed);
	gate_free(g);
	return EXIT_SUCCESS;
}
