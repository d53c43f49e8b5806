/* Article "Leaky Go Channels", Selecting: the parent channel is polled on every
 * iteration. Slow, but there is no second task that could leak.
 */
#include "../perform.h"

void selecting(chan_t *parent)
{
	int i = 0;

	for (;;) {
		switch (chan_poll(CHAN_RECV(parent, NULL))) { // polling-select
		case 0:
			return;		/* cancelled or closed by the parent */
		default:
			break;		/* leaves the switch, not the loop */
		}

		i++;
		if (i == ITERATIONS)
			break;		/* the simulated error */
	}
}
