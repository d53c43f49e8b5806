/* byte_stream: bytes travel as ints, as with getc, so that one more value is left to
 * say that there are no more. Who reads stops there, and nothing is ever closed.
 */
#include <ctype.h>

#include <chanrt.h>

#define END_OF_TEXT (-1)

typedef struct {
	const char *text;
	chan_t     *bytes;	/* int: a byte, or END_OF_TEXT once and last */
} source_t;

typedef struct {
	chan_t *bytes;
	chan_t *words;		/* int, how many there were */
} counter_t;

static void read_all(void *arg)
{
	source_t *source = arg;
	const char *at = source->text;
	int byte;

	do {
		byte = *at ? (unsigned char)*at++ : END_OF_TEXT;
		chan_send(source->bytes, &byte);
	} while (byte != END_OF_TEXT);
}

static int next_byte(const counter_t *counter)
{
	int byte;

	chan_recv(counter->bytes, &byte);
	return byte;
}

static void count_words(void *arg)
{
	counter_t *counter = arg;
	int words = 0, before = ' ', byte;

	while ((byte = next_byte(counter)) != END_OF_TEXT) {
		if (!isspace(byte) && isspace(before))
			words++;
		before = byte;
	}
	chan_send(counter->words, &words);
}

int main(void)
{
	chan_t *bytes = chan_make(int, 0);
	chan_t *words = chan_make(int, 0);
	int n;

	task_go(read_all, (source_t){ "to be or", bytes });
	task_go(count_words, (counter_t){ bytes, words });
	chan_recv(words, &n);
	printf("%d words\n", n);
	return n == 3 ? 0 : 1;
}
