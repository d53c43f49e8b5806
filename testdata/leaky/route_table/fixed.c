/* route_table: the walk over the table holds the lock for reading, and the check that
 * it makes for each entry is one for callers that hold it.
 */
#include <chanrt.h>

#define ROUTES 3

struct route {
	unsigned network, gateway;
};

struct table {
	task_rwlock_t lock;
	struct route  routes[ROUTES];	/* under lock */
	int           count;		/* under lock */
};

static struct table table;
static wait_group_t done;

/* Under the lock. */
static bool reachable(unsigned address)
{
	bool found = false;

	for (int i = 0; i < table.count && !found; i++)
		found = table.routes[i].network == (address & 0xffffff00u);
	return found;
}

static void for_each(void (*visit)(const struct route *, void *), void *arg)
{
	task_rwlock_rdlock(&table.lock);
	for (int i = 0; i < table.count; i++) {
		task_sleep(TASK_MILLISECOND);
		visit(&table.routes[i], arg);
	}
	task_rwlock_rdunlock(&table.lock);
}

static void count_dead(const struct route *r, void *arg)
{
	int *dead = arg;

	if (!reachable(r->gateway))
		++*dead;
}

static void monitor(void *arg)
{
	int dead = 0;

	(void)arg;
	for_each(count_dead, &dead);
	printf("%d dead routes\n", dead);
	wait_group_done(&done);
}

static void announce(void *arg)
{
	const struct route *r = arg;

	task_rwlock_wrlock(&table.lock);
	if (table.count < ROUTES)
		table.routes[table.count++] = *r;
	task_rwlock_wrunlock(&table.lock);
	wait_group_done(&done);
}

int main(void)
{
	static struct route late = { 0x0a000200u, 0x0a000101u };

	table.routes[0] = (struct route){ 0x0a000000u, 0x0a000001u };
	table.routes[1] = (struct route){ 0x0a000100u, 0x0b000001u };
	table.count = 2;
	wait_group_add(&done, 2);
	task_spawn(monitor, NULL);
	task_spawn(announce, &late);
	wait_group_wait(&done);
	return 0;
}
