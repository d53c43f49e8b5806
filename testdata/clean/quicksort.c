/* quicksort: each half is sorted by a task that starts tasks for its halves; a task
 * tells its parent once, and the parent listens twice.
 */
#include <chanrt.h>

struct range {
	int    *first;
	int     count;
	chan_t *sorted;			/* signals: one for each task that was given it */
};

static void swap(int *a, int *b)
{
	int t = *a;

	*a = *b;
	*b = t;
}

/* How many are less than the last, which is put behind them. */
static int partition(int *first, int count)
{
	int pivot = first[count - 1], less = 0;

	for (int i = 0; i < count - 1; i++)
		if (first[i] < pivot)
			swap(&first[i], &first[less++]);
	swap(&first[less], &first[count - 1]);
	return less;
}

static void sort_task(void *arg);

static void sort(int *first, int count)
{
	chan_t *halves;
	int less;

	if (count < 2)
		return;
	less = partition(first, count);
	halves = chan_create(0, 0);
	task_go(sort_task, (struct range){ first, less, halves });
	task_go(sort_task, (struct range){ first + less + 1, count - less - 1, halves });
	chan_recv(halves, NULL);
	chan_recv(halves, NULL);
	chan_release(halves);
}

static void sort_task(void *arg)
{
	struct range *r = arg;

	sort(r->first, r->count);
	chan_send(r->sorted, NULL);
}

int main(void)
{
	int numbers[] = { 5, 3, 4 };
	const int count = sizeof(numbers) / sizeof(numbers[0]);

	sort(numbers, count);
	for (int i = 1; i < count; i++)
		if (numbers[i - 1] > numbers[i])
			return 1;
	return 0;
}
