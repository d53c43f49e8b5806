/* codec_rows: a text through every codec there is. The table of codecs is empty until main begins,
 * but for what constructors have put there; the pipes and their end are here.
 */
#include <stdio.h>
#include <string.h>

#include "codec.h"

static struct codec *codecs;
static chan_t *journal;			/* of const char *: names of codecs */
static chan_t *journal_over;

void codec_add(struct codec *codec)
{
	codec->next = codecs;
	codecs = codec;
}

/* One of low priority comes before those that name none. */
__attribute__((constructor(200))) static void journal_open(void)
{
	journal = chan_make(const char *, 4);
	journal_over = chan_create(0, 0);
}

static void journal_keep(void *arg)
{
	const char *name;
	int lines = 0;

	(void)arg;
	while (chan_recv(journal, &name))
		printf("%d: %s\n", ++lines, name);
	chan_close(journal_over);
}

__attribute__((constructor)) static void journal_start(void)
{
	task_spawn(journal_keep, NULL);
}

/* The last entry may be written after main. */
__attribute__((destructor)) static void journal_end(void)
{
	chan_close(journal);
	chan_recv(journal_over, NULL);
}

static void feed(void *arg)
{
	struct pipe *p = arg;

	for (const char *s = "rows"; *s; s++)
		chan_send(p->in, s);
	chan_close(p->in);
}

static size_t run(const struct codec *codec)
{
	struct pipe p = { chan_make(char, 0), chan_make(char, 2) };
	size_t count = 0;
	char c;

	task_go(codec->run, p);
	task_go(feed, p);
	while (chan_recv(p.out, &c))
		count++;
	chan_release(p.in);
	chan_release(p.out);
	return count;
}

int main(void)
{
	size_t all = 0;

	for (const struct codec *c = codecs; c; c = c->next) {
		chan_send(journal, &c->name);
		all += run(c);
	}
	return all != 3 * strlen("rows");
}
