/* address_order: two accounts are locked in the order of their addresses, so that
 * transfers there and back never wait for each other.
 */
#include <chanrt.h>

#define TRANSFERS 3

typedef struct account {
	task_mutex_t lock;
	long         cents;		/* under lock */
} account;

typedef struct order {
	account      *from, *to;
	long          cents;
	wait_group_t *done;
} order;

static void lock_both(account *a, account *b)
{
	account *first = a < b ? a : b;
	account *second = a < b ? b : a;

	task_mutex_lock(&first->lock);
	if (second != first)
		task_mutex_lock(&second->lock);
}

static void unlock_both(account *a, account *b)
{
	task_mutex_unlock(&a->lock);
	if (a != b)
		task_mutex_unlock(&b->lock);
}

static void transfer(account *from, account *to, long cents)
{
	lock_both(from, to);
	from->cents -= cents;
	task_yield();
	to->cents += cents;
	unlock_both(from, to);
}

static void carry_out(void *arg)
{
	order *o = arg;

	for (int i = 0; i < TRANSFERS; i++)
		transfer(o->from, o->to, o->cents);
	wait_group_done(o->done);
}

int main(void)
{
	account pair[2] = { { .cents = 1000 }, { .cents = 1000 } };
	wait_group_t done = { 0 };

	wait_group_add(&done, 2);
	task_go(carry_out, (order){ &pair[0], &pair[1], 10, &done });
	task_go(carry_out, (order){ &pair[1], &pair[0], 25, &done });
	wait_group_wait(&done);
	transfer(&pair[0], &pair[0], 5);
	return pair[0].cents + pair[1].cents == 2000 ? 0 : 1;
}
