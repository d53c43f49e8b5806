/* Article on goroutine patterns, "proper error handling", the bad way: each task
 * prints its error, and nobody ever learns of it. No task stays behind, though.
 */
#include <errno.h>
#include <string.h>

#include <chanrt.h>

enum { JOBS = 4 };

static int process(int job)
{
	return job % 2 ? EIO : 0;
}

static void run(void *arg)
{
	const int *job = arg;
	int err = process(*job);

	if (err)
		printf("job %d: %s\n", *job, strerror(err));	/* error lost! */
}

static void bad_error_handling(void)
{
	for (int job = 0; job < JOBS; job++)
		task_spawn_copy(run, &job, sizeof(job));
}

int main(void)
{
	bad_error_handling();
	task_sleep(10 * TASK_MILLISECOND);
	return 0;
}
