/* argv_workers: as many workers as the command line says, and at least one; the
 * queue is closed whatever the number, and the results fit the channel.
 */
#include <stdlib.h>

#include <chanrt.h>

#define JOBS 6

struct pool {
	chan_t      *jobs;		/* int, rendezvous */
	chan_t      *results;		/* long, a slot per job */
	wait_group_t busy;
};

static long collatz_length(long n)
{
	long length = 1;

	for (; n != 1; length++)
		n = n % 2 ? 3 * n + 1 : n / 2;
	return length;
}

static void worker(void *arg)
{
	struct pool *p = arg;
	int n;

	while (chan_recv(p->jobs, &n)) {
		long length = collatz_length(n);

		chan_send(p->results, &length);
	}
	wait_group_done(&p->busy);
}

static int worker_count(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 3;

	return n < 1 ? 1 : n;
}

int main(int argc, char **argv)
{
	static struct pool pool;
	int workers = worker_count(argc, argv);
	long total = 0;

	pool.jobs = chan_make(int, 0);
	pool.results = chan_make(long, JOBS);
	wait_group_add(&pool.busy, workers);
	for (int i = 0; i < workers; i++)
		task_spawn(worker, &pool);

	for (int n = 1; n <= JOBS; n++)
		chan_send(pool.jobs, &n);
	chan_close(pool.jobs);
	wait_group_wait(&pool.busy);

	chan_close(pool.results);
	chan_range(long, length, pool.results)
		total += length;
	printf("%ld\n", total);
	return 0;
}
