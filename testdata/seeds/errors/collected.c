/* Article on goroutine patterns, "proper error handling", the good way: errors are
 * collected through a channel with a slot for each job, closed when all are done.
 */
#include <errno.h>
#include <string.h>

#include <chanrt.h>

enum { JOBS = 4 };

struct job {
	int           id;
	chan_t       *errors;	/* int */
	wait_group_t *wg;
};

struct closer {
	chan_t       *errors;
	wait_group_t *wg;
};

static int process(int id)
{
	return id % 2 ? EIO : 0;
}

static void run(void *arg)
{
	struct job *job = arg;
	int err = process(job->id);

	if (err)
		chan_send(job->errors, &err);
	wait_group_done(job->wg);
}

static void close_errors(void *arg)
{
	struct closer *c = arg;

	wait_group_wait(c->wg);
	chan_close(c->errors);
}

/* The number of jobs that failed; the first error in *first. */
static int good_error_handling(int jobs, int *first)
{
	chan_t *errors = chan_make(int, (size_t)jobs);
	wait_group_t wg = { 0 };
	int failed = 0;

	for (int id = 0; id < jobs; id++) {
		wait_group_add(&wg, 1);
		task_go(run, (struct job){ id, errors, &wg });
	}
	task_go(close_errors, (struct closer){ errors, &wg });

	chan_range(int, err, errors)
		if (failed++ == 0)
			*first = err;
	chan_release(errors);
	return failed;
}

int main(void)
{
	int first = 0;
	int failed = good_error_handling(JOBS, &first);

	if (failed)
		printf("%d jobs failed, first: %s\n", failed, strerror(first));
	return 0;
}
