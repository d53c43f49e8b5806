/* job_deadline: each job gets a context with a deadline, released on every path.
 */
#include <errno.h>
#include <string.h>

#include <chanrt.h>

struct job {
	const char *input;
	int         rounds;
};

static int check(const struct job *job)
{
	return strlen(job->input) == 0 ? EINVAL : 0;
}

/* One step of the work; false when the deadline came first. */
static bool step(ctx_t *ctx)
{
	return chan_select_timeout(TASK_MILLISECOND, CHAN_RECV(ctx_done(ctx), NULL)) == -1;
}

static int job_run(const struct job *job, ctx_t *parent)
{
	ctx_t *ctx = ctx_with_timeout(parent, 20 * TASK_MILLISECOND);
	int err;

	err = check(job);
	if (err)
		goto out;
	for (int i = 0; i < job->rounds; i++) {
		if (!step(ctx)) {
			err = ctx_err(ctx);
			break;
		}
	}
out:
	ctx_release(ctx);
	return err;
}

int main(void)
{
	static const struct job jobs[] = {
		{ "first", 2 }, { "", 5 }, { "third", 1 }, { "fourth", 100 },
	};
	ctx_t *ctx ctx_scoped = ctx_with_cancel(ctx_background());

	for (int i = 0; i < 4; i++) {
		int err = job_run(&jobs[i], ctx);

		printf("job %d: %s\n", i, err ? strerror(err) : "done");
	}
	return 0;
}
