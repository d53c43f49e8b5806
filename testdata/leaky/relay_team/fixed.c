/* relay_team: the runner that comes last closes the finish line.
 */
#include <stdatomic.h>

#include <chanrt.h>

enum { RUNNERS = 3 };

struct arrival {
	int runner;
	int seconds;
};

struct race {
	chan_t    *finish;		/* struct arrival */
	atomic_int running;
};

struct runner {
	struct race *race;
	int          number;
};

static void race_leave(struct race *race)
{
	if (atomic_fetch_sub(&race->running, 1) == 1)
		chan_close(race->finish);
}

static void race_arrive(struct race *race, const struct arrival *a)
{
	chan_send(race->finish, a);
}

static void run(void *arg)
{
	struct runner *r = arg;
	struct arrival a = { .runner = r->number, .seconds = 50 + r->number };

	task_sleep(r->number * TASK_MILLISECOND);
	race_arrive(r->race, &a);
	race_leave(r->race);
}

int main(void)
{
	static struct race race;
	int arrived = 0;

	race.finish = chan_make(struct arrival, RUNNERS);
	atomic_init(&race.running, RUNNERS);
	for (int i = 1; i <= RUNNERS; i++)
		task_go(run, (struct runner){ &race, i });

	chan_range(struct arrival, a, race.finish) {
		arrived++;
		printf("runner %d: %d s\n", a.runner, a.seconds);
	}
	task_sleep(5 * TASK_MILLISECOND);
	return arrived == RUNNERS ? 0 : 1;
}
