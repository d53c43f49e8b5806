/* Article on goroutine patterns, "worker pool": a bounded number of workers take
 * jobs from one buffered channel and put results into another. Each of
 * the two is closed by the side that sends, when nothing more will come.
 */
#include <stdlib.h>

#include <chanrt.h>

enum { JOBS = 8, WORKERS = 3 };

struct job {
	int  id;
	char data[16];
};

struct result {
	int  job_id;
	char processed[32];
	int  error;
};

struct pool {
	wait_group_t      workers;
	chan_t           *jobs;		/* struct job */
	chan_t           *results;	/* struct result */
	const struct job *list;
	size_t            count;
};

static void process_job(const struct job *job, struct result *r)
{
	r->job_id = job->id;
	r->error = 0;
	snprintf(r->processed, sizeof(r->processed), "processed %s", job->data);
}

static void worker(void *arg)
{
	struct pool *p = arg;

	chan_range(struct job, job, p->jobs) {
		struct result r;

		process_job(&job, &r);
		chan_send(p->results, &r);
	}
	wait_group_done(&p->workers);
}

static void send_jobs(void *arg)
{
	struct pool *p = arg;

	for (size_t i = 0; i < p->count; i++)
		chan_send(p->jobs, &p->list[i]);
	chan_close(p->jobs);		/* after all jobs are sent */
}

static void close_results(void *arg)
{
	struct pool *p = arg;

	wait_group_wait(&p->workers);
	chan_close(p->results);		/* after all workers are done */
}

/* Processes count jobs; results has room for as many. Returns how many came. */
static size_t worker_pool(const struct job *jobs, size_t count, int workers,
			  struct result *results)
{
	struct pool *p = calloc(1, sizeof(*p));
	size_t n = 0;

	if (!p)
		abort();
	p->jobs = chan_make(struct job, count);
	p->results = chan_make(struct result, count);
	p->list = jobs;
	p->count = count;

	for (int i = 0; i < workers; i++) {
		wait_group_add(&p->workers, 1);
		task_spawn(worker, p);
	}
	task_spawn(send_jobs, p);
	task_spawn(close_results, p);

	chan_range(struct result, r, p->results)
		results[n++] = r;

	chan_release(p->jobs);
	chan_release(p->results);
	free(p);
	return n;
}

int main(void)
{
	static struct job jobs[JOBS];
	struct result results[JOBS];
	size_t n;

	for (int i = 0; i < JOBS; i++) {
		jobs[i].id = i;
		snprintf(jobs[i].data, sizeof(jobs[i].data), "data %d", i);
	}
	n = worker_pool(jobs, JOBS, WORKERS, results);
	for (size_t i = 0; i < n; i++)
		printf("job %d: %s\n", results[i].job_id, results[i].processed);
	return 0;
}
