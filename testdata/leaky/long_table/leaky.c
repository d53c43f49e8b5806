/* long_table: six guests, a fork between each two. Everybody takes the left one first, through
 * small functions; when all of them have it, nobody gets a second.
 *
 * schedule: rare - all six have to be interrupted between their two forks
 */
#include <chanrt.h>

#define SEATS  6
#define MEALS  2

struct fork {
	task_mutex_t mu;
	int          used;		/* how often, under mu */
};

struct table {
	struct fork  forks[SEATS];
	wait_group_t seated;
};

struct guest {
	struct table *table;
	int           seat;
};

static void fork_take(struct fork *f)
{
	task_mutex_lock(&f->mu); // leak: lock-deadlock
	f->used++;
}

static void fork_put_back(struct fork *f)
{
	task_mutex_unlock(&f->mu);
}

static void dine(void *arg)
{
	struct guest *g = arg;
	struct fork *left = &g->table->forks[g->seat];
	struct fork *right = &g->table->forks[(g->seat + 1) % SEATS];

	for (int meal = 0; meal < MEALS; meal++) {
		fork_take(left);
		fork_take(right);
		printf("%d eats\n", g->seat);
		fork_put_back(right);
		fork_put_back(left);
	}
	wait_group_done(&g->table->seated);
}

int main(void)
{
	static struct table table;
	int used = 0;

	for (int seat = 0; seat < SEATS; seat++) {
		wait_group_add(&table.seated, 1);
		task_go(dine, (struct guest){ &table, seat });
	}
	wait_group_wait(&table.seated); // leak-secondary
	for (int i = 0; i < SEATS; i++)
		used += table.forks[i].used;
	printf("forks were used %d times\n", used);
	return 0;
}
