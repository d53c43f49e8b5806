/* bank_transfer: whatever the direction, the account with the lower number is
 * locked first.
 */
#include <chanrt.h>

enum { ACCOUNTS = 2 };

struct account {
	int          number;
	task_mutex_t lock;
	long         balance;		/* under lock */
};

struct transfer {
	struct account *from, *to;
	long            amount;
	wait_group_t   *wg;
};

/* Stands for the check of a limit with some other service. */
static bool limit_allows(long amount)
{
	task_sleep(TASK_MILLISECOND);
	return amount < 1000;
}

static void lock_both(struct account *a, struct account *b)
{
	struct account *first = a->number < b->number ? a : b;
	struct account *second = first == a ? b : a;

	task_mutex_lock(&first->lock);
	task_mutex_lock(&second->lock);
}

static bool transfer_run(struct transfer *t)
{
	bool done = false;

	lock_both(t->from, t->to);
	if (!limit_allows(t->amount))
		goto unlock;
	if (t->from->balance >= t->amount) {
		t->from->balance -= t->amount;
		t->to->balance += t->amount;
		done = true;
	}
unlock:
	task_mutex_unlock(&t->to->lock);
	task_mutex_unlock(&t->from->lock);
	return done;
}

static void transfer_task(void *arg)
{
	struct transfer *t = arg;

	if (!transfer_run(t))
		fprintf(stderr, "transfer of %ld refused\n", t->amount);
	wait_group_done(t->wg);
}

int main(void)
{
	static struct account accounts[ACCOUNTS];
	wait_group_t wg = { 0 };

	for (int i = 0; i < ACCOUNTS; i++) {
		accounts[i].number = i;
		accounts[i].balance = 100;
	}
	wait_group_add(&wg, 2);
	task_go(transfer_task, (struct transfer){ &accounts[0], &accounts[1], 30, &wg });
	task_go(transfer_task, (struct transfer){ &accounts[1], &accounts[0], 20, &wg });
	wait_group_wait(&wg);

	printf("%ld and %ld\n", accounts[0].balance, accounts[1].balance);
	return 0;
}
