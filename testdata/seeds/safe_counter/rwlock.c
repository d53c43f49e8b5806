/* Article on goroutine patterns, "safe counter": counts by key behind a
 * read-write lock, so that readers do not wait for each other.
 */
#include <string.h>

#include <chanrt.h>

enum { KEYS_MAX = 8, TASKS = 4, ROUNDS = 100 };

struct counter {
	task_rwlock_t mu;
	const char   *keys[KEYS_MAX];
	int           counts[KEYS_MAX];
	int           used;
};

/* The slot of key, or -1; with the lock held. */
static int counter_find(const struct counter *c, const char *key)
{
	for (int i = 0; i < c->used; i++)
		if (strcmp(c->keys[i], key) == 0)
			return i;
	return -1;
}

static void counter_increment(struct counter *c, const char *key)
{
	int slot;

	task_rwlock_wrlock(&c->mu);
	slot = counter_find(c, key);
	if (slot < 0 && c->used < KEYS_MAX) {
		slot = c->used++;
		c->keys[slot] = key;
	}
	if (slot >= 0)
		c->counts[slot]++;
	task_rwlock_wrunlock(&c->mu);
}

static int counter_get(struct counter *c, const char *key)
{
	int slot, count;

	task_rwlock_rdlock(&c->mu);
	slot = counter_find(c, key);
	count = slot < 0 ? 0 : c->counts[slot];
	task_rwlock_rdunlock(&c->mu);
	return count;
}

struct clicker {
	struct counter *counter;
	const char     *key;
	wait_group_t   *wg;
};

static void click(void *arg)
{
	struct clicker *c = arg;

	for (int i = 0; i < ROUNDS; i++)
		counter_increment(c->counter, c->key);
	wait_group_done(c->wg);
}

int main(void)
{
	static struct counter counter;
	wait_group_t wg = { 0 };

	wait_group_add(&wg, TASKS);
	for (int i = 0; i < TASKS; i++)
		task_go(click, (struct clicker){ &counter, i % 2 ? "odd" : "even", &wg });
	wait_group_wait(&wg);

	printf("even %d, odd %d\n", counter_get(&counter, "even"), counter_get(&counter, "odd"));
	return 0;
}
