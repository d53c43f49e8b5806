/* price_cache: a lookup that finds nothing gives the lock back before it asks the
 * supplier and stores the price.
 */
#include <string.h>

#include <chanrt.h>

#define SLOTS 4

struct cache {
	task_mutex_t mu;
	const char  *name[SLOTS];	/* under mu */
	int          price[SLOTS];	/* under mu */
	int          used;		/* under mu */
};

struct shopper {
	struct cache *cache;
	const char   *wants;
	chan_t       *paid;		/* int */
};

static void cache_put(struct cache *c, const char *name, int price)
{
	task_mutex_lock(&c->mu);
	if (c->used < SLOTS) {
		c->name[c->used] = name;
		c->price[c->used++] = price;
	}
	task_mutex_unlock(&c->mu);
}

static int ask_supplier(const char *name)
{
	return (int)strlen(name) * 10;
}

static int cache_get(struct cache *c, const char *name)
{
	int price = -1;

	task_mutex_lock(&c->mu);
	for (int i = 0; i < c->used; i++)
		if (strcmp(c->name[i], name) == 0)
			price = c->price[i];
	task_mutex_unlock(&c->mu);
	if (price < 0) {
		price = ask_supplier(name);
		cache_put(c, name, price);
	}
	return price;
}

static void shop(void *arg)
{
	struct shopper *s = arg;
	int price = cache_get(s->cache, s->wants);

	chan_send(s->paid, &price);
}

int main(void)
{
	static struct cache cache;
	chan_t *paid = chan_make(int, 0);
	int price;

	cache_put(&cache, "bread", 3);
	task_go(shop, (struct shopper){ &cache, "bread", paid });
	chan_recv(paid, &price);
	printf("%d\n", price);
	task_go(shop, (struct shopper){ &cache, "butter", paid });
	chan_recv(paid, &price);
	printf("%d\n", price);
	return 0;
}
