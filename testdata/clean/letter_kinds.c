/* letter_kinds: what a letter says decides whether an answer is due and whether it is
 * the last one: an enum, a flag and a number in one struct.
 */
#include <chanrt.h>

enum kind { DEPOSIT, BALANCE, LEAVE };

struct letter {
	enum kind kind;
	bool      wants_receipt;
	long      amount;
	chan_t   *reply;		/* long; NULL when nothing comes back */
};

struct account {
	chan_t *letters;		/* struct letter */
	long    balance;
};

static bool account_answer(struct account *a, const struct letter *l)
{
	switch (l->kind) {
	case DEPOSIT:
		a->balance += l->amount;
		if (!l->wants_receipt)
			return true;
		break;
	case BALANCE:
		break;
	case LEAVE:
		return false;
	}
	chan_send(l->reply, &a->balance);
	return true;
}

static void account_run(void *arg)
{
	struct account *a = arg;
	struct letter l;

	do
		chan_recv(a->letters, &l);
	while (account_answer(a, &l));
}

static void deposit(struct account *a, long amount)
{
	chan_send(a->letters, &(struct letter){ .kind = DEPOSIT, .amount = amount });
}

static long deposit_with_receipt(struct account *a, long amount)
{
	chan_t *reply = chan_make(long, 0);
	long balance;

	chan_send(a->letters, &(struct letter){ DEPOSIT, true, amount, reply });
	chan_recv(reply, &balance);
	chan_release(reply);
	return balance;
}

static long balance(struct account *a)
{
	chan_t *reply = chan_make(long, 0);
	struct letter l = { .kind = BALANCE, .reply = reply };
	long result;

	chan_send(a->letters, &l);
	chan_recv(reply, &result);
	chan_release(reply);
	return result;
}

int main(void)
{
	static struct account account;

	account.letters = chan_make(struct letter, 0);
	task_spawn(account_run, &account);

	deposit(&account, 40);
	printf("receipt: %ld\n", deposit_with_receipt(&account, 2));
	deposit(&account, 8);
	printf("balance: %ld\n", balance(&account));
	chan_send(account.letters, &(struct letter){ .kind = LEAVE });
	return 0;
}
