/* echo_line: lines go back and forth between two tasks a given number of times. The partner reads
 * its orders before the first line, and when the last has come back the caller's variable
 * goes. Another partner is told to stop by a close, and says itself that it has.
 */
#include <chanrt.h>
#include <stdio.h>

struct orders {
	chan_t *there, *back, *over;
	size_t  times;
	int     raise;
};

static void echo(void *arg)
{
	const struct orders *o = arg;
	chan_t *there = o->there, *back = o->back;
	size_t times = o->times;
	int line, raise = o->raise;

	for (size_t i = 0; i < times; i++) {
		chan_recv(there, &line);
		line += raise;
		chan_send(back, &line);
	}
}

static int back_and_forth(size_t times, int raise)
{
	struct orders o = { .there = chan_make(int, 0), .back = chan_make(int, 0), .times = times, .raise = raise };
	int line = 0;

	task_spawn(echo, &o);
	for (size_t i = 0; i < times; i++) {
		chan_send(o.there, &line);
		chan_recv(o.back, &line);
	}
	return line;
}

/* Reads its orders to the end, and closes when it has. */
static void echo_until_closed(void *arg)
{
	const struct orders *o = arg;
	int line;

	while (chan_recv(o->there, &line)) {
		line += o->raise;
		chan_send(o->back, &line);
	}
	chan_close(o->over);
}

static int until_tired(int most)
{
	struct orders o = { chan_make(int, 0), chan_make(int, 1), chan_create(0, 0), 0, 3 };
	int line = 0;

	task_spawn(echo_until_closed, &o);
	while (line < most) {
		chan_send(o.there, &line);
		chan_recv(o.back, &line);
	}
	chan_close(o.there);
	chan_recv(o.over, NULL);
	return line;
}

int main(int argc, char **argv)
{
	(void)argv;
	printf("%d %d\n", back_and_forth((size_t)argc, 2), until_tired(10));
	return 0;
}
