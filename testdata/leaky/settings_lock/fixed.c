/* settings_lock: describe and the public getter share one that wants the lock held.
 */
#include <stdlib.h>

#include <chanrt.h>

struct settings {
	task_rwlock_t lock;
	int           width, height;
};

struct user {
	struct settings *settings;
	wait_group_t    *wg;
};

/* With the lock held. */
static int area(const struct settings *s)
{
	return s->width * s->height;
}

static int settings_area(struct settings *s)
{
	int n;

	task_rwlock_rdlock(&s->lock);
	n = area(s);
	task_rwlock_rdunlock(&s->lock);
	return n;
}

static void settings_describe(struct settings *s, char *text, size_t size)
{
	task_rwlock_rdlock(&s->lock);
	task_sleep(TASK_MILLISECOND);	/* formatting takes its time */
	snprintf(text, size, "%d x %d = %d", s->width, s->height,
		 area(s));
	task_rwlock_rdunlock(&s->lock);
}

static void settings_resize(struct settings *s, int width, int height)
{
	task_rwlock_wrlock(&s->lock);
	s->width = width;
	s->height = height;
	task_rwlock_wrunlock(&s->lock);
}

static void viewer(void *arg)
{
	struct user *u = arg;
	char text[64];

	for (int i = 0; i < 5; i++)
		settings_describe(u->settings, text, sizeof(text));
	puts(text);
	wait_group_done(u->wg);
}

static void resizer(void *arg)
{
	struct user *u = arg;

	for (int i = 1; i <= 5; i++) {
		settings_resize(u->settings, 10 * i, 5 * i);
		task_sleep(TASK_MILLISECOND);
	}
	wait_group_done(u->wg);
}

int main(void)
{
	static struct settings settings;
	wait_group_t wg = { 0 };

	wait_group_add(&wg, 2);
	task_go(viewer, (struct user){ &settings, &wg });
	task_go(resizer, (struct user){ &settings, &wg });
	wait_group_wait(&wg);
	printf("%d\n", settings_area(&settings));
	return 0;
}
