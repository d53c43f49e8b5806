/* flag_watch: no channel says that the probe is over: the last thing it does is to set an atomic
 * flag in what it was lent, which the function looks at until it is set. In between a
 * semaphore of the probe's own kind: a counter that is taken down to zero by whoever is last.
 */
#include <chanrt.h>
#include <stdatomic.h>
#include <stdio.h>

enum { PROBES = 2 };

struct probe {
	int         depth;
	int         found;
	chan_t     *signal;
	atomic_bool over;
};

static void probe_run(void *arg)
{
	struct probe *p = arg;

	chan_recv(p->signal, NULL);
	for (int i = 0; i < p->depth; i++)
		p->found += i;
	atomic_store(&p->over, true);
}

static int probe(int depth)
{
	struct probe p = { .depth = depth, .signal = chan_create(0, 0) };

	task_spawn(probe_run, &p);
	chan_send(p.signal, NULL);
	while (!atomic_load(&p.over))
		task_yield();
	chan_release(p.signal);
	return p.found;
}

struct crew {
	atomic_int left;
	int        size;
	chan_t    *last;
};

static void hand_in(void *arg)
{
	struct crew *c = arg;
	chan_t *last = c->last;
	bool alone = c->size == 1;

	if (atomic_fetch_sub(&c->left, 1) == 1 || alone)
		chan_close(last);
}

static void crew_work(int size)
{
	struct crew c = { size, size, chan_create(0, 0) };

	for (int i = 0; i < size; i++)
		task_spawn(hand_in, &c);
	chan_recv(c.last, NULL);
	chan_release(c.last);
}

int main(void)
{
	int sum = 0;

	for (int i = 1; i <= PROBES; i++)
		sum += probe(i);
	crew_work(PROBES);
	printf("%d\n", sum);
	return sum != 1;
}
