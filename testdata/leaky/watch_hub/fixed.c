/* watch_hub: watchers live in a hash table by key; cancelling one sends to its control channel after its task has gone */
#include "chanrt.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS 8

struct watcher {
	char            key[16];
	chan_t         *control;    /* int: 0 cancels */
	chan_t         *done;
	struct watcher *chain;
};

struct hub {
	task_mutex_t    mu;
	struct watcher *bucket[BUCKETS];
	chan_t         *events;     /* long */
};

static unsigned hash(const char *s)
{
	unsigned h = 2166136261u;

	while (*s)
		h = (h ^ (unsigned char)*s++) * 16777619u;
	return h % BUCKETS;
}

static struct watcher **hub_find(struct hub *h, const char *key)
{
	struct watcher **w = &h->bucket[hash(key)];

	while (*w != NULL && strcmp((*w)->key, key) != 0)
		w = &(*w)->chain;
	return w;
}

struct watch_args { struct hub *hub; struct watcher *w; long until; };

static void watch_task(void *arg)
{
	struct watch_args *a = arg;
	long rev;
	int cmd;

	for (;;) {
		switch (chan_select(CHAN_RECV(a->hub->events, &rev), CHAN_RECV(a->w->control, &cmd))) {
		case 0:
			if (rev >= a->until)
				goto out;
			break;
		case 1:
			goto out;
		}
	}
out:
	chan_close(a->w->done);
}

static struct watcher *hub_watch(struct hub *h, const char *key, long until)
{
	struct watcher *w = calloc(1, sizeof *w), **at;

	if (w == NULL)
		abort();
	strncpy(w->key, key, sizeof w->key - 1);
	w->control = chan_make(int, 0);
	w->done = chan_make(char, 0);
	task_mutex_lock(&h->mu);
	at = hub_find(h, key);
	*at = w;
	task_mutex_unlock(&h->mu);
	task_go(watch_task, (struct watch_args){ h, w, until });
	return w;
}

static bool hub_cancel(struct hub *h, const char *key)
{
	struct watcher **at, *w;
	int cancel = 0;

	task_mutex_lock(&h->mu);
	at = hub_find(h, key);
	w = *at;
	if (w != NULL)
		*at = w->chain;
	task_mutex_unlock(&h->mu);
	if (w == NULL)
		return false;
	chan_select(CHAN_SEND(w->control, &cancel), CHAN_RECV(w->done, NULL));
	chan_recv(w->done, NULL);
	free(w);
	return true;
}

int main(void)
{
	static struct hub hub;
	long rev;

	hub.events = chan_make(long, 0);
	hub_watch(&hub, "/registry/pods", 7);
	hub_watch(&hub, "/registry/nodes", 9);
	for (rev = 6; rev < 8; rev++)
		if (chan_select_timeout(TASK_MILLISECOND, CHAN_SEND(hub.events, &rev)) < 0)
			break;
	printf("%d\n", hub_cancel(&hub, "/registry/pods"));
	printf("%d\n", hub_cancel(&hub, "/registry/nodes"));
	printf("%d\n", hub_cancel(&hub, "/registry/nodes"));
	return 0;
}
