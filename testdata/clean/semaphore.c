/* semaphore: a buffered channel of signals lets three downloads run at a time. Each
 * task gives back what it took, on the error path as well, so nobody waits for ever
 * although nothing is ever closed.
 */
#include <errno.h>

#include <chanrt.h>

enum { AT_ONCE = 3, DOWNLOADS = 8 };

typedef struct {
	chan_t *slots;
} semaphore;

static void semaphore_acquire(semaphore *s)
{
	chan_send(s->slots, NULL);
}

static void semaphore_release(semaphore *s)
{
	chan_recv(s->slots, NULL);
}

struct download {
	semaphore    *limit;
	wait_group_t *all;
	int           id;
	int          *failed;		/* under lock */
	task_mutex_t *lock;
};

static int fetch(int id)
{
	task_yield();
	return id % 3 == 0 ? ENETUNREACH : 0;
}

static void download_main(void *arg)
{
	struct download *d = arg;
	int err;

	semaphore_acquire(d->limit);
	err = fetch(d->id);
	if (err) {
		task_mutex_lock(d->lock);
		++*d->failed;
		task_mutex_unlock(d->lock);
		goto out;
	}
	printf("download %d\n", d->id);
out:
	semaphore_release(d->limit);
	wait_group_done(d->all);
}

int main(void)
{
	semaphore limit = { chan_create(0, AT_ONCE) };
	task_mutex_t lock = { { 0 } };
	wait_group_t all = { { 0 } };
	int failed = 0;

	for (int id = 0; id < DOWNLOADS; id++) {
		wait_group_add(&all, 1);
		task_go(download_main, (struct download){ &limit, &all, id, &failed, &lock });
	}
	wait_group_wait(&all);
	printf("%d failed\n", failed);
	chan_release(limit.slots);
	return 0;
}
