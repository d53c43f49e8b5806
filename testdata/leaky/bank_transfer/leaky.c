/* bank_transfer: each transfer locks the account it takes from and then the one it
 * gives to; two transfers in opposite directions lock each other out.
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

static bool transfer_run(struct transfer *t)
{
	bool done = false;

	task_mutex_lock(&t->from->lock);
	if (!limit_allows(t->amount))
		goto unlock_from;
	task_mutex_lock(&t->to->lock); // leak: lock-deadlock
	if (t->from->balance >= t->amount) {
		t->from->balance -= t->amount;
		t->to->balance += t->amount;
		done = true;
	}
	task_mutex_unlock(&t->to->lock);
unlock_from:
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
	wait_group_wait(&wg); // leak-secondary

	printf("%ld and %ld\n", accounts[0].balance, accounts[1].balance);
	return 0;
}
