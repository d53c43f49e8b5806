/* prime_sieve: the famous chain of filters, each a task. Closing a channel that all
 * of them look at takes the chain down again.
 */
// not explored: the length of the chain, and so the number of tasks, comes from the command line
#include <stdlib.h>

#include <chanrt.h>

struct filter {
	chan_t *in;			/* int; NULL: count up from 2 */
	chan_t *out;			/* int */
	chan_t *quit;			/* closed */
	int     prime;
};

static bool put(struct filter *f, int n)
{
	return chan_select(CHAN_SEND(f->out, &n), CHAN_RECV(f->quit, NULL)) == 0;
}

static bool get(struct filter *f, int *n)
{
	return chan_select(CHAN_RECV(f->in, n), CHAN_RECV(f->quit, NULL)) == 0;
}

static void generate(void *arg)
{
	struct filter *f = arg;

	for (int n = 2; put(f, n); n++)
		;
}

static void filter(void *arg)
{
	struct filter *f = arg;
	int n;

	while (get(f, &n))
		if (n % f->prime != 0 && !put(f, n))
			return;
}

int main(int argc, char **argv)
{
	int wanted = argc > 1 ? atoi(argv[1]) : 4;
	chan_t *quit = chan_create(0, 0);
	chan_t *ch = chan_make(int, 0);

	task_go(generate, (struct filter){ .out = ch, .quit = quit });
	for (int i = 0; i < wanted; i++) {
		chan_t *next = chan_make(int, 0);
		int prime;

		chan_recv(ch, &prime);
		printf("%d\n", prime);
		task_go(filter, (struct filter){ ch, next, quit, prime });
		ch = next;
	}
	chan_close(quit);
	return 0;
}
