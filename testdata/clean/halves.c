/* halves: a sum by halves, down to single numbers. Each task is lent a part on the stack of the task
 * that started it, which waits for both; a wait group lies beside the parts.
 */
#include <chanrt.h>
#include <stdio.h>

struct part {
	const int    *number;
	int           count;
	long          sum;
	wait_group_t *both;
};

static long sum_of(const int *number, int count);

static void part_run(void *arg)
{
	struct part *p = arg;

	p->sum = sum_of(p->number, p->count);
	wait_group_done(p->both);
}

static long sum_of(const int *number, int count)
{
	wait_group_t both = { 0 };
	struct part part[2] = {
		{ number, count / 2, 0, &both },
		{ number + count / 2, count - count / 2, 0, &both },
	};

	if (count <= 1)
		return count ? number[0] : 0;
	wait_group_add(&both, 2);
	for (int i = 0; i < 2; i++)
		task_spawn(part_run, &part[i]);
	wait_group_wait(&both);
	return part[0].sum + part[1].sum;
}

int main(void)
{
	static const int number[] = { 3, 1, 4, 1 };
	long sum = sum_of(number, 4);

	printf("%ld\n", sum);
	return sum != 9;
}
