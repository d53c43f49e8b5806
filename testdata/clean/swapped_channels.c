/* swapped_channels: both partners run the same function, each with the other's
 * channels the other way round; one of them begins with the send, the other with
 * the receive.
 */
#include <chanrt.h>

#define EXCHANGES 3

struct partner {
	const char *name;
	chan_t     *in, *out;		/* int */
	bool        begins;
	chan_t     *left;		/* signals */
};

static void exchange(const struct partner *me, int mine, int *yours)
{
	if (me->begins)
		chan_send(me->out, &mine);
	chan_recv(me->in, yours);
	if (!me->begins)
		chan_send(me->out, &mine);
}

static void run_partner(void *arg)
{
	struct partner *me = arg;
	int yours = 0;

	for (int i = 0; i < EXCHANGES; i++) {
		exchange(me, i, &yours);
		printf("%s gets %d\n", me->name, yours);
	}
	chan_send(me->left, NULL);
}

int main(void)
{
	chan_t *east = chan_make(int, 0);
	chan_t *west = chan_make(int, 0);
	chan_t *left = chan_create(0, 0);

	task_go(run_partner, (struct partner){ "a", east, west, true, left });
	task_go(run_partner, (struct partner){ "b", west, east, false, left });
	for (int i = 0; i < 2; i++)
		chan_recv(left, NULL);
	chan_release(left);
	chan_release(west);
	chan_release(east);
	return 0;
}
