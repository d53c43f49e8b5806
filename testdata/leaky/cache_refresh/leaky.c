/* cache_refresh: get asks the refresher for a new value while it holds the lock
 * that the refresher needs to store it.
 */
#include <stdlib.h>

#include <chanrt.h>

struct cache {
	task_mutex_t lock;
	int          value;		/* under lock */
	bool         fresh;		/* under lock */
	chan_t      *refresh;		/* signals: please refresh */
	chan_t      *refreshed;		/* signals: done so */
};

static void cache_store(struct cache *c, int value)
{
	task_mutex_lock(&c->lock); // leak: circular-wait
	c->value = value;
	c->fresh = true;
	task_mutex_unlock(&c->lock);
}

static void refresher(void *arg)
{
	struct cache *c = arg;
	int generation = 0;

	while (chan_recv(c->refresh, NULL)) {
		cache_store(c, ++generation);
		chan_send(c->refreshed, NULL);
	}
}

static int cache_get(struct cache *c)
{
	int value;

	task_mutex_lock(&c->lock);
	if (!c->fresh) {
		chan_send(c->refresh, NULL);
		chan_recv(c->refreshed, NULL); // leak: circular-wait
	}
	value = c->value;
	task_mutex_unlock(&c->lock);
	return value;
}

static struct cache *cache_start(void)
{
	struct cache *c = calloc(1, sizeof(*c));

	if (!c)
		abort();
	c->refresh = chan_create(0, 0);
	c->refreshed = chan_create(0, 0);
	task_spawn(refresher, c);
	return c;
}

static void cache_stop(struct cache *c)
{
	chan_close(c->refresh);
}

int main(void)
{
	struct cache *c = cache_start();

	printf("value %d\n", cache_get(c));
	printf("value %d\n", cache_get(c));
	cache_stop(c);
	return 0;
}
