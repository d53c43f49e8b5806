/* long_table: six guests, a fork between each two. The fork of the lower number is taken first, so
 * the last guest begins with the right one, and there is no circle.
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
	task_mutex_lock(&f->mu);
	f->used++;
}

static void fork_put_back(struct fork *f)
{
	task_mutex_unlock(&f->mu);
}

static void dine(void *arg)
{
	struct guest *g = arg;
	int next = (g->seat + 1) % SEATS;
	struct fork *first = &g->table->forks[g->seat < next ? g->seat : next];
	struct fork *second = &g->table->forks[g->seat < next ? next : g->seat];

	for (int meal = 0; meal < MEALS; meal++) {
		fork_take(first);
		fork_take(second);
		printf("%d eats\n", g->seat);
		fork_put_back(second);
		fork_put_back(first);
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
	wait_group_wait(&table.seated);
	for (int i = 0; i < SEATS; i++)
		used += table.forks[i].used;
	printf("forks were used %d times\n", used);
	return 0;
}
