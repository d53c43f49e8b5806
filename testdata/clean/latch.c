/* latch: a count under a mutex on the caller's stack; the caller waits on the condition until
 * all have counted down, holding the mutex when it leaves. A flag there is set late, and waited for.
 */
#include <stdatomic.h>

#include <chanrt.h>

struct latch {
	task_mutex_t lock;
	task_cond_t  open;
	int          left, sum;
};

struct lamp {
	atomic_bool off;
	chan_t     *dark;		/* closed */
	int         blinks;
};

static void count_down(void *arg)
{
	struct latch *l = arg;

	task_mutex_lock(&l->lock);
	l->sum++;
	if (--l->left == 0)
		task_cond_signal(&l->open);
	task_mutex_unlock(&l->lock);
}

static int pass(void)
{
	struct latch latch = { .left = 2 };
	int sum;

	task_spawn(count_down, &latch);
	task_spawn(count_down, &latch);
	task_mutex_lock(&latch.lock);
	while (latch.left > 0)
		task_cond_wait(&latch.open, &latch.lock);
	sum = latch.sum;
	task_mutex_unlock(&latch.lock);
	return sum;
}

static void blink(void *arg)
{
	struct lamp *l = arg;

	while (!atomic_load(&l->off)) {
		l->blinks++;
		task_sleep(10 * TASK_MICROSECOND);
	}
	chan_close(l->dark);
}

static int light(void)
{
	struct lamp lamp = { .dark = chan_create(0, 0) };

	task_spawn(blink, &lamp);
	task_sleep(100 * TASK_MICROSECOND);
	atomic_store(&lamp.off, true);
	chan_recv(lamp.dark, NULL);
	chan_release(lamp.dark);
	return lamp.blinks;
}

int main(void)
{
	printf("%d\n", light());
	return pass() == 2 ? 0 : 1;
}
