/* as_many_receives: how many tasks are started is not known before the text is read;
 * whoever has started them takes as many results.
 */
#include <chanrt.h>

struct word {
	const char *from;
	int         length;
	chan_t     *out;		/* int */
};

static void count_vowels(void *arg)
{
	struct word *w = arg;
	int vowels = 0;

	for (int i = 0; i < w->length; i++)
		switch (w->from[i]) {
		case 'a': case 'e': case 'i': case 'o': case 'u':
			vowels++;
		}
	chan_send(w->out, &vowels);
}

static int start(const char *text, chan_t *out)
{
	int started = 0;

	while (*text) {
		int length = 0;

		while (text[length] && text[length] != ' ')
			length++;
		if (length > 0) {
			task_go(count_vowels, (struct word){ text, length, out });
			started++;
		}
		text += length + (text[length] == ' ');
	}
	return started;
}

static int collect(chan_t *out, int count)
{
	int total = 0;

	while (count-- > 0) {
		int vowels;

		chan_recv(out, &vowels);
		total += vowels;
	}
	return total;
}

int main(int argc, char **argv)
{
	chan_t *out = chan_make(int, 0);
	int started = start(argc > 1 ? argv[1] : "under the hood", out);

	printf("%d vowels in %d words\n", collect(out, started), started);
	chan_release(out);
	return 0;
}
