/* few_tries: an answer is looked for a few times only, with a pause in between, and waited
 * for with a deadline after that. Two locks are taken by giving way, which is no poll of a channel.
 */
#include <chanrt.h>

enum { TRIES = 4 };

struct pair {
	task_mutex_t left, right;
	int          moved;
};

static struct pair pair;

static void lock_both(task_mutex_t *a, task_mutex_t *b)
{
	for (;;) {
		task_mutex_lock(a);
		if (task_mutex_trylock(b))
			return;
		task_mutex_unlock(a);
		task_yield();
	}
}

static void move_right(void *arg)
{
	chan_t *done = arg;
	int one = 1;

	lock_both(&pair.left, &pair.right);
	pair.moved++;
	task_mutex_unlock(&pair.right);
	task_mutex_unlock(&pair.left);
	chan_send(done, &one);
}

static bool soon(chan_t *done)
{
	int n;

	for (int i = 0; i < TRIES; i++) {
		if (chan_try_recv(done, &n))
			return true;
		task_sleep(TASK_MICROSECOND);
	}
	return chan_select_timeout(TASK_SECOND, CHAN_RECV(done, &n)) == 0;
}

int main(void)
{
	chan_t *done = chan_make(int, 1);

	task_spawn(move_right, done);
	lock_both(&pair.right, &pair.left);
	pair.moved++;
	task_mutex_unlock(&pair.left);
	task_mutex_unlock(&pair.right);
	printf(soon(done) ? "moved\n" : "late\n");
	return 0;
}
