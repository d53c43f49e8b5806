/* ledger: clerks move money between accounts, two locks at a time, the lower number first. An account that
 * runs low is reported while its lock is held: to a channel with room for all reports there can be.
 */
#include <chanrt.h>

enum { ACCOUNTS = 6, CLERKS = 4, MOVES = 3, LOW = 20 };

struct account {
	task_mutex_t mu;
	long         balance;		/* under mu, like this: */
	bool         reported;
};

struct ledger {
	struct account accounts[ACCOUNTS];
	chan_t        *low;		/* int: a number, once for each account at most */
	wait_group_t   clerks;
};

struct clerk {
	struct ledger *ledger;
	int            number;
};

static void report(struct ledger *l, int number)
{
	struct account *a = &l->accounts[number];

	if (a->balance >= LOW || a->reported)
		return;
	a->reported = true;
	chan_send(l->low, &number);
}

static void move(struct ledger *l, int from, int to, long amount)
{
	struct account *first = &l->accounts[from < to ? from : to];
	struct account *second = &l->accounts[from < to ? to : from];

	task_mutex_lock(&first->mu);
	task_mutex_lock(&second->mu);
	if (l->accounts[from].balance >= amount) {
		l->accounts[from].balance -= amount;
		l->accounts[to].balance += amount;
	}
	report(l, from);
	task_mutex_unlock(&second->mu);
	task_mutex_unlock(&first->mu);
}

static void clerk_main(void *arg)
{
	struct clerk *c = arg;

	for (int i = 0; i < MOVES; i++)
		move(c->ledger, c->number, (c->number + i + 1) % ACCOUNTS, 15 + i);
	wait_group_done(&c->ledger->clerks);
}

int main(void)
{
	static struct ledger l;
	int number;

	l.low = chan_make(int, ACCOUNTS);
	for (int i = 0; i < ACCOUNTS; i++)
		l.accounts[i].balance = 50;
	for (int i = 0; i < CLERKS; i++) {
		wait_group_add(&l.clerks, 1);
		task_go(clerk_main, (struct clerk){ &l, i });
	}
	wait_group_wait(&l.clerks);
	chan_close(l.low);
	while (chan_recv(l.low, &number))
		printf("account %d is low\n", number);
	chan_release(l.low);
	return 0;
}
