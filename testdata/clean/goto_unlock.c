/* goto_unlock: a critical section with many ways out, all of them through one label;
 * only one path lets go for a while, and takes the lock again.
 */
#include <errno.h>
#include <string.h>

#include <chanrt.h>

#define ROOMS 2

struct hotel {
	task_mutex_t mu;
	task_cond_t  left;		/* with mu: a room is free again */
	const char  *guest[ROOMS];	/* under mu */
	int          turned_away;	/* under mu */
};

struct visit {
	struct hotel *hotel;
	const char   *name;
	wait_group_t *gone;
};

static int hotel_enter(struct hotel *h, const char *name, bool patient)
{
	int err = 0, room;

	if (!name)
		return EINVAL;
	task_mutex_lock(&h->mu);
again:
	for (room = 0; room < ROOMS; room++) {
		if (!h->guest[room])
			goto found;
		if (h->guest[room] == name) {
			err = EEXIST;
			goto out;
		}
	}
	if (patient) {
		task_cond_wait(&h->left, &h->mu);
		goto again;
	}
	h->turned_away++;
	err = EBUSY;
	goto out;
found:
	h->guest[room] = name;
out:
	task_mutex_unlock(&h->mu);
	return err;
}

static void hotel_leave(struct hotel *h, const char *name)
{
	task_mutex_lock(&h->mu);
	for (int room = 0; room < ROOMS; room++) {
		if (h->guest[room] != name)
			continue;
		h->guest[room] = NULL;
		task_cond_signal(&h->left);
		break;
	}
	task_mutex_unlock(&h->mu);
}

static void stay(void *arg)
{
	struct visit *v = arg;
	int err = hotel_enter(v->hotel, v->name, true);

	if (!err) {
		task_yield();
		hotel_leave(v->hotel, v->name);
	} else {
		fprintf(stderr, "%s: %s\n", v->name, strerror(err));
	}
	wait_group_done(v->gone);
}

int main(void)
{
	static const char *const names[] = { "ann", "bob", "cid" };
	static struct hotel hotel;
	static wait_group_t gone;

	wait_group_add(&gone, 3);
	for (int i = 0; i < 3; i++)
		task_go(stay, (struct visit){ &hotel, names[i], &gone });
	if (hotel_enter(&hotel, "dan", false) == 0)
		hotel_leave(&hotel, "dan");
	wait_group_wait(&gone);
	return 0;
}
