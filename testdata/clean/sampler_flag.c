/* sampler_flag: a sampler that sleeps and looks is ended by a flag, one that ticks by its
 * channel; both were started by functions that have long returned.
 */
#include <stdatomic.h>

#include <chanrt.h>

struct sampler {
	atomic_bool  over;
	chan_t      *halt;		/* closed */
	wait_group_t running;
	int          samples, ticks;
};

static void sample(void *arg)
{
	struct sampler *s = arg;

	while (!atomic_load(&s->over)) {
		s->samples++;
		task_sleep(100 * TASK_MICROSECOND);
	}
	wait_group_done(&s->running);
}

static void tick(void *arg)
{
	struct sampler *s = arg;
	ticker_t *ticker = ticker_create(100 * TASK_MICROSECOND);

	for (;;) {
		switch (chan_select(CHAN_RECV(ticker_chan(ticker), NULL), CHAN_RECV(s->halt, NULL))) {
		case 0:
			s->ticks++;
			continue;
		}
		break;
	}
	ticker_stop(ticker);
	wait_group_done(&s->running);
}

static void sampler_start(struct sampler *s)
{
	s->halt = chan_create(0, 0);
	wait_group_add(&s->running, 2);
	task_spawn(sample, s);
	task_spawn(tick, s);
}

static void sampler_stop(struct sampler *s)
{
	atomic_store(&s->over, true);
	chan_close(s->halt);
	wait_group_wait(&s->running);
}

int main(void)
{
	static struct sampler sampler;

	sampler_start(&sampler);
	task_sleep(TASK_MILLISECOND);
	sampler_stop(&sampler);
	printf("%d samples, %d ticks\n", sampler.samples, sampler.ticks);
	return 0;
}
