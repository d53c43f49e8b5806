/* word_shards: words are counted by the task of the shard that their hash names. At the end all
 * shards are closed. */
#include "chanrt.h"

#define SHARDS 3

struct shard {
	chan_t *in;
	int     count;
};

struct counter {
	struct shard shard[SHARDS];
	wait_group_t running;
};

struct shard_args {
	struct counter *c;
	int             at;
};

static unsigned hash(const char *s)
{
	unsigned h = 5381;

	while (*s)
		h = h * 33 + (unsigned char)*s++;
	return h;
}

static void shard_task(void *arg)
{
	struct shard_args *a = arg;
	struct shard *s = &a->c->shard[a->at];
	const char *word;

	while (chan_recv(s->in, &word))
		s->count++;
	wait_group_done(&a->c->running);
}

static void counter_init(struct counter *c)
{
	for (int i = 0; i < SHARDS; i++) {
		c->shard[i].in = chan_make(const char *, 2);
		wait_group_add(&c->running, 1);
		task_go(shard_task, (struct shard_args){ c, i });
	}
}

static void counter_add(struct counter *c, const char *word)
{
	chan_send(c->shard[hash(word) % SHARDS].in, &word);
}

static int counter_finish(struct counter *c)
{
	int sum = 0;

	for (int i = 0; i < SHARDS; i++)
		chan_close(c->shard[i].in);
	wait_group_wait(&c->running);
	for (int i = 0; i < SHARDS; i++)
		sum += c->shard[i].count;
	return sum;
}

int main(int argc, char **argv)
{
	static struct counter c;

	counter_init(&c);
	for (int i = 1; i < argc && i < 2; i++)
		counter_add(&c, argv[i]);
	printf("%d\n", counter_finish(&c));
	return 0;
}
