/* block_sums: the sums of a million blocks, with a report every 1,000 of them. The bar
 * on the screen is 1,000 wide, so 1,000 reports are read; there are 49 more.
 */
#include <stdint.h>

#include <chanrt.h>

#define BLOCKS (1 << 20)

enum { EVERY = 1000, BAR = 1000 };

struct job {
	chan_t *progress;		/* int: blocks so far */
	chan_t *result;			/* uint32_t */
};

static uint32_t block_sum(uint32_t sum, int block)
{
	return (sum << 1 | sum >> 31) ^ (uint32_t)block;
}

static void summer(void *arg)
{
	struct job *job = arg;
	uint32_t sum = 0;

	for (int i = 0; i < BLOCKS; i++) {
		sum = block_sum(sum, i);
		if (i % EVERY == 0)
			chan_send(job->progress, &i); // leak: forgotten-sender
	}
	chan_close(job->progress);
	chan_send(job->result, &sum);
}

static void bar_draw(chan_t *progress)
{
	int blocks;

	for (int width = 0; width < BAR; width++) {
		if (!chan_recv(progress, &blocks))
			return;
		if (width % 100 == 0)
			printf("%d\n", blocks);
	}
}

int main(void)
{
	static struct job job;		/* the summer may outlive main */

	job.progress = chan_make(int, 8);
	job.result = chan_make(uint32_t, 1);
	task_spawn(summer, &job);
	bar_draw(job.progress);
	task_sleep(TASK_MILLISECOND);
	return 0;
}
