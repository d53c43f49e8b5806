/* lent_and_awaited: locals are lent to tasks in many ways, and each time the function waits
 * until nobody can need them any more: for a group, for answers, for a count, for
 * the copy to be taken.
 */
#include <chanrt.h>

struct half {
	int  low, high;
	long sum;
};

struct call {
	int     number, result;
	chan_t *reply;			/* signals */
};

struct order {
	int     table, dish;
	chan_t *noted;			/* closed */
};

static int add_up(void *arg)
{
	struct half *h = arg;

	for (int i = h->low; i < h->high; i++)
		h->sum += i;
	return 0;
}

static long sum_below(int n)
{
	struct half left = { 0, n / 2, 0 }, right = { n / 2, n, 0 };
	task_group_t *g = task_group_create(ctx_background(), 0);

	task_group_spawn(g, add_up, &left);
	task_group_spawn(g, add_up, &right);
	return task_group_wait(g) ? -1 : left.sum + right.sum;
}

static void serve(void *arg)
{
	chan_range(struct call *, call, (chan_t *)arg) {
		call->result = call->number + 1;
		chan_send(call->reply, NULL);
	}
}

static int call(chan_t *calls, int number)
{
	struct call call = { number, 0, chan_create(0, 0) };
	struct call *message = &call;

	chan_send(calls, &message);
	chan_recv(call.reply, NULL);
	chan_release(call.reply);
	return call.result;
}

static void cook(void *arg)
{
	struct order own = *(struct order *)arg;

	chan_close(own.noted);
	printf("dish %d for table %d\n", own.dish, own.table);
}

static void take_order(int table, int dish)
{
	struct order order = { table, dish, chan_create(0, 0) };

	task_spawn(cook, &order);
	chan_recv(order.noted, NULL);
	chan_release(order.noted);
}

int main(void)
{
	chan_t *calls = chan_make(struct call *, 0);
	int sum;

	task_spawn(serve, calls);
	sum = call(calls, 1) + call(calls, 2);
	chan_close(calls);
	for (int table = 1; table < 3; table++)
		take_order(table, 7);
	return sum_below(10) == 45 && sum == 5 ? 0 : 1;
}
