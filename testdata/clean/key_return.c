/* key_return: one channel for two steps. The tenant takes the key out of it and closes it
 * when the flat is left; the landlord, who gave the key, waits for that.
 */
#include <chanrt.h>

struct flat {
	chan_t *key;			/* int, then closed */
	int     visits;
};

static void tenant(void *arg)
{
	struct flat *f = arg;
	int key;

	chan_recv(f->key, &key);
	f->visits++;
	chan_close(f->key);
}

static bool let(struct flat *f)
{
	int key = 7;

	f->key = chan_make(int, 0);
	task_spawn(tenant, f);
	chan_send(f->key, &key);
	return !chan_recv(f->key, &key);
}

int main(void)
{
	static struct flat flat;

	return let(&flat) && flat.visits == 1 ? 0 : 1;
}
