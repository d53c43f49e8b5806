/* catalog: readers and writers share a read-write lock. Nobody takes it twice: the
 * functions that want it held are called *_locked and never lock.
 */
#include <string.h>

#include <chanrt.h>

#define TITLES_MAX 16

struct catalog {
	task_rwlock_t lock;
	const char   *titles[TITLES_MAX];
	int           count;
};

static bool catalog_has_locked(const struct catalog *c, const char *title)
{
	for (int i = 0; i < c->count; i++)
		if (strcmp(c->titles[i], title) == 0)
			return true;
	return false;
}

static bool catalog_has(struct catalog *c, const char *title)
{
	bool has;

	task_rwlock_rdlock(&c->lock);
	has = catalog_has_locked(c, title);
	task_rwlock_rdunlock(&c->lock);
	return has;
}

static bool catalog_add(struct catalog *c, const char *title)
{
	bool added = false;

	/* Looks before it locks others out, and once more afterwards. */
	if (catalog_has(c, title))
		return false;
	task_rwlock_wrlock(&c->lock);
	if (c->count < TITLES_MAX && !catalog_has_locked(c, title)) {
		c->titles[c->count++] = title;
		added = true;
	}
	task_rwlock_wrunlock(&c->lock);
	return added;
}

struct librarian {
	struct catalog *catalog;
	chan_t         *added;		/* int, a slot for each librarian */
};

static void librarian(void *arg)
{
	static const char *const titles[] = { "Emma", "Ulysses", "Faust", "Emma" };
	struct librarian *l = arg;
	int added = 0;

	for (int i = 0; i < 4; i++)
		added += catalog_add(l->catalog, titles[i]);
	chan_send(l->added, &added);
}

int main(void)
{
	enum { LIBRARIANS = 3 };
	static struct catalog catalog;
	chan_t *added = chan_make(int, LIBRARIANS);
	int total = 0;

	for (int i = 0; i < LIBRARIANS; i++)
		task_go(librarian, (struct librarian){ &catalog, added });
	for (int i = 0; i < LIBRARIANS; i++) {
		int n;

		chan_recv(added, &n);
		total += n;
	}
	chan_release(added);
	return total == 3 ? 0 : 1;
}
