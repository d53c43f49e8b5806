/* ticker_stop: a clock ticks until it is told to stop, in the same select; the stop
 * waits until the clock has stopped its ticker.
 */
#include <stdlib.h>

#include <chanrt.h>

typedef struct Clock Clock;

struct Clock {
	chan_t *stop;
	chan_t *stopped;
	int     ticks;
	int64_t period;
};

static void
clockmain(void *arg)
{
	Clock *c;
	ticker_t *t;
	int64_t now;
	bool running;

	c = arg;
	t = ticker_create(c->period);
	for(running = true; running; )
		switch(chan_select(CHAN_RECV(ticker_chan(t), &now), CHAN_RECV(c->stop, NULL))){
		case 0:
			c->ticks++;
			break;
		case 1:
			running = false;
			break;
		}
	ticker_stop(t);
	chan_close(c->stopped);
}

static Clock*
clockstart(int64_t period)
{
	Clock *c;

	c = calloc(1, sizeof *c);
	if(c == NULL)
		abort();
	c->period = period;
	c->stop = chan_create(0, 0);
	c->stopped = chan_create(0, 0);
	task_spawn(clockmain, c);
	return c;
}

static int
clockstop(Clock *c)
{
	int ticks;

	chan_send(c->stop, NULL);
	chan_recv(c->stopped, NULL);
	ticks = c->ticks;
	chan_release(c->stop);
	chan_release(c->stopped);
	free(c);
	return ticks;
}

int
main(void)
{
	Clock *c;

	c = clockstart(2*TASK_MILLISECOND);
	task_sleep(11*TASK_MILLISECOND);
	printf("%d ticks\n", clockstop(c));
	return 0;
}
