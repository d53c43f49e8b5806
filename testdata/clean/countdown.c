/* countdown: the loop's own variable is what is sent, and the receiver knows which
 * value is the last.
 */
#include <chanrt.h>

enum { FROM = 5 };

static void count_down(void *arg)
{
	chan_t *ch = arg;

	for (int i = FROM; i >= 0; i--)
		chan_send(ch, &i);
}

static void count_up(void *arg)
{
	chan_t *ch = arg;

	for (int i = 0; i <= FROM; ++i)
		chan_send(ch, &i);
}

static void until_zero(chan_t *ch)
{
	int n;

	do {
		chan_recv(ch, &n);
		printf("%d\n", n);
	} while (n);
}

static void until(chan_t *ch, int last)
{
	for (int n = -1; n != last;) {
		chan_recv(ch, &n);
		if (n < last)
			printf("%d of %d\n", n, last);
	}
}

int main(void)
{
	chan_t *down = chan_make(int, 0);
	chan_t *up = chan_make(int, 2);

	task_spawn(count_down, down);
	until_zero(down);
	task_spawn(count_up, up);
	until(up, FROM);

	chan_release(down);
	chan_release(up);
	return 0;
}
