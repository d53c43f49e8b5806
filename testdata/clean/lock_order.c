/* lock_order: friends are made in both directions at once; of the two locks the one
 * at the lower address is always taken first, and somebody's own lock only once.
 */
#include <stdint.h>

#include <chanrt.h>

struct person {
	const char   *name;
	task_mutex_t  lock;
	int           friends;		/* under lock */
	struct person *best;		/* under lock */
};

struct meeting {
	struct person *a, *b;
	wait_group_t  *party;
};

static void lock_pair(struct person *a, struct person *b)
{
	if (a == b) {
		task_mutex_lock(&a->lock);
		return;
	}
	if ((uintptr_t)a > (uintptr_t)b) {
		struct person *swap = a;

		a = b;
		b = swap;
	}
	task_mutex_lock(&a->lock);
	task_mutex_lock(&b->lock);
}

static void unlock_pair(struct person *a, struct person *b)
{
	task_mutex_unlock(&a->lock);
	if (a != b)
		task_mutex_unlock(&b->lock);
}

static void befriend(struct person *a, struct person *b)
{
	lock_pair(a, b);
	if (a != b) {
		a->friends++;
		b->friends++;
	}
	a->best = b;
	unlock_pair(a, b);
}

static void meet(void *arg)
{
	struct meeting *m = arg;

	befriend(m->a, m->b);
	befriend(m->b, m->a);
	wait_group_done(m->party);
}

int main(void)
{
	static struct person ann = { .name = "ann" }, ben = { .name = "ben" };
	wait_group_t party = { 0 };

	wait_group_add(&party, 3);
	task_go(meet, (struct meeting){ &ann, &ben, &party });
	task_go(meet, (struct meeting){ &ben, &ann, &party });
	task_go(meet, (struct meeting){ &ann, &ann, &party });
	wait_group_wait(&party);

	printf("%s: %d, %s: %d\n", ann.name, ann.friends, ben.name, ben.friends);
	return ann.friends == ben.friends ? 0 : 1;
}
