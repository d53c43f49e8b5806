/* null_sentinel: the channel is never closed; a NULL says that nothing follows, and
 * every consumer puts it back for the next one.
 */
#include <stdlib.h>
#include <string.h>

#include <chanrt.h>

struct word {
	size_t length;
	char   text[];
};

struct reader {
	chan_t       *words;		/* struct word *; NULL: the end */
	wait_group_t *wg;
};

static struct word *word_new(const char *text)
{
	size_t length = strlen(text);
	struct word *w = malloc(sizeof(*w) + length + 1);

	if (!w)
		abort();
	w->length = length;
	memcpy(w->text, text, length + 1);
	return w;
}

static void read_words(void *arg)
{
	struct reader *r = arg;
	struct word *w;

	for (;;) {
		chan_recv(r->words, &w);
		if (!w)
			break;
		printf("%zu %s\n", w->length, w->text);
		free(w);
	}
	chan_send(r->words, &w);	/* for the next reader: there is room, it was taken out */
	wait_group_done(r->wg);
}

int main(void)
{
	static const char *const text[] = { "the", "quick", "brown", "fox" };
	enum { READERS = 3, WORDS = sizeof(text) / sizeof(text[0]) };
	chan_t *words = chan_make(struct word *, WORDS + 1);
	wait_group_t wg = { 0 };
	struct word *end = NULL;

	wait_group_add(&wg, READERS);
	for (int i = 0; i < READERS; i++)
		task_go(read_words, (struct reader){ words, &wg });

	for (int i = 0; i < WORDS; i++) {
		struct word *w = word_new(text[i]);

		chan_send(words, &w);
	}
	chan_send(words, &end);
	wait_group_wait(&wg);
	chan_release(words);
	return 0;
}
