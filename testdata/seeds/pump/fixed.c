/* Article on goroutine leaks, "channel not accepted by", repaired: the receiver
 * tells the pump when it wants no more.
 */
#include <chanrt.h>

struct pump_args {
	chan_t *out;		/* int */
	chan_t *stop;		/* closed when nobody will receive any more */
};

static void pump(void *arg)
{
	struct pump_args *a = arg;

	for (int i = 0;; i++) {
		switch (chan_select(CHAN_SEND(a->out, &i), CHAN_RECV(a->stop, NULL))) {
		case 0:
			break;
		case 1:
			return;
		}
	}
}

int main(void)
{
	chan_t *ch1 = chan_make(int, 0);
	chan_t *stop = chan_create(0, 0);
	int first;

	task_go(pump, (struct pump_args){ .out = ch1, .stop = stop });
	chan_recv(ch1, &first);
	printf("%d\n", first);
	chan_close(stop);
	return 0;
}
