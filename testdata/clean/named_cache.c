/* named_cache: each cache begins with the text it is known by, and what guards it comes
 * right behind: filling in the text leaves the lock, the wait group and the count alone,
 * whoever does it and however it is handed on.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <chanrt.h>

enum { USERS = 2 };

struct cache {
	char         name[32];
	task_mutex_t lock;
	wait_group_t users;
	int          tag, rounds;
	struct tm    since;
	bool         shut;
	chan_t      *entries;		/* int */
};

/* Somewhere in the text, never beyond its end. */
static void put_text(char *to, size_t room, int number)
{
	snprintf(to, room, "cache %d", number);
}

static void rename_cache(struct cache *c, const char *suffix)
{
	size_t used;

	task_mutex_lock(&c->lock);
	used = strlen(c->name);
	if (used < sizeof c->name - 1)
		snprintf(c->name + used, sizeof c->name - used, "/%s", suffix);
	task_mutex_unlock(&c->lock);
}

static void user(void *arg)
{
	struct cache *c = arg;

	rename_cache(c, "used");
	task_mutex_lock(&c->lock);
	strncpy(c->name, "renamed", sizeof c->name - 1);
	task_mutex_unlock(&c->lock);
	wait_group_done(&c->users);
}

/* As many entries as there are rounds, which no text says. */
static void filler(void *arg)
{
	struct cache *c = arg;

	for (int i = 0; i < c->rounds; i++)
		chan_send(c->entries, &i);
}

static struct cache *cache_open(int number, const char *tag)
{
	struct cache *c = calloc(1, sizeof *c);
	time_t now = time(NULL);

	if (!c)
		exit(EXIT_FAILURE);
	c->entries = chan_make(int, 0);
	c->rounds = USERS;
	put_text(c->name, sizeof c->name, number);
	localtime_r(&now, &c->since);
	if (sscanf(tag, "%d", &c->tag) != 1)
		memset(&c->tag, -1, sizeof c->tag);
	return c;
}

static void cache_close(struct cache *c)
{
	chan_release(c->entries);
	free(c);
}

int main(int argc, char **argv)
{
	struct cache *c = cache_open(argc, argc > 1 ? argv[1] : "7");
	int entry;

	wait_group_add(&c->users, USERS);
	for (int i = 0; i < USERS; i++)
		task_spawn(user, c);
	wait_group_wait(&c->users);
	task_spawn(filler, c);
	for (int i = 0; i < USERS && !c->shut; i++)
		chan_recv(c->entries, &entry);
	printf("%s %d %d\n", c->name, c->tag, c->since.tm_year);
	cache_close(c);
	return EXIT_SUCCESS;
}
