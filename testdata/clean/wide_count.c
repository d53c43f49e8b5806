/* wide_count: as many samplers as the command line asks for. The count is a size_t, as sizes are;
 * the wait group wants an int, and gets the same number.
 */
#include <chanrt.h>
#include <stdio.h>
#include <stdlib.h>

struct sampler {
	size_t        number;
	uint64_t     *sum;
	task_mutex_t *lock;
	wait_group_t *running;
};

static uint64_t sample(size_t number)
{
	return number * 2654435761u % 97;
}

static void sampler_run(void *arg)
{
	struct sampler *s = arg;
	uint64_t value = sample(s->number);

	task_mutex_lock(s->lock);
	*s->sum += value;
	task_mutex_unlock(s->lock);
	wait_group_done(s->running);
}

static uint64_t sum_of_samples(size_t count)
{
	wait_group_t running = { 0 };
	task_mutex_t lock = { 0 };
	uint64_t sum = 0;

	wait_group_add(&running, (int)count);
	for (size_t i = 0; i < count; i++)
		task_go(sampler_run, (struct sampler){ i, &sum, &lock, &running });
	wait_group_wait(&running);
	return sum;
}

int main(int argc, char **argv)
{
	size_t count = argc == 2 ? strtoull(argv[1], NULL, 10) : 4;

	if (count == 0 || count > 1000) {
		fprintf(stderr, "usage: %s [1..1000]\n", argv[0]);
		return 2;
	}
	printf("%llu\n", (unsigned long long)sum_of_samples(count));
	return 0;
}
