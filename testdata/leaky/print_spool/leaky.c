/* print_spool: the printer waits for the paper without looking whether it is there
 * already. When the paper comes before the printer is ready, nobody tells it again.
 */
#include <chanrt.h>

#define JOBS 3

struct spool {
	chan_t      *jobs;		/* int, closed after the last */
	chan_t      *printed;		/* int */
	task_mutex_t mu;
	task_cond_t  loaded;		/* with mu */
	int          sheets;		/* under mu */
};

static void printer(void *arg)
{
	struct spool *s = arg;
	int job;

	while (chan_recv(s->jobs, &job)) {
		task_mutex_lock(&s->mu);
		task_cond_wait(&s->loaded, &s->mu); // leak: stuck-wait
		s->sheets--;
		task_mutex_unlock(&s->mu);
		chan_send(s->printed, &job);
	}
}

static void load_sheets(void *arg)
{
	struct spool *s = arg;

	for (int i = 0; i < JOBS; i++) {
		task_mutex_lock(&s->mu);
		s->sheets++;
		task_cond_signal(&s->loaded);
		task_mutex_unlock(&s->mu);
	}
}

int main(void)
{
	static struct spool spool;
	int printed;

	spool.jobs = chan_make(int, 1);
	spool.printed = chan_make(int, 1);
	task_spawn(printer, &spool);
	task_spawn(load_sheets, &spool);

	for (int job = 1; job <= JOBS; job++) {
		chan_send(spool.jobs, &job);
		chan_recv(spool.printed, &printed); // leak-secondary
		printf("job %d\n", printed);
	}
	chan_close(spool.jobs);
	return 0;
}
