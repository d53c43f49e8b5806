/* mailbox: nobody but these wrappers touches the channel; the protocol is that
 * mailbox_hang_up comes once, from the only writer.
 */
#include <stdlib.h>

#include <chanrt.h>

/* ---- mailbox ---- */

struct mailbox {
	chan_t *letters;		/* struct letter */
	chan_t *read;			/* closed by the reader as its last act */
};

struct letter {
	char subject[24];
	int  stamps;
};

static struct mailbox *mailbox_open(void)
{
	struct mailbox *mb = malloc(sizeof *mb);

	if (mb == NULL)
		abort();
	mb->letters = chan_make(struct letter, 2);
	mb->read = chan_create(0, 0);
	return mb;
}

static inline void mailbox_put(struct mailbox *mb, const struct letter *letter)
{
	chan_send(mb->letters, letter);
}

static inline bool mailbox_get(struct mailbox *mb, struct letter *letter)
{
	return chan_recv(mb->letters, letter);
}

static inline void mailbox_hang_up(struct mailbox *mb)
{
	chan_close(mb->letters);
}

/* Waits for the reader. */
static void mailbox_free(struct mailbox *mb)
{
	chan_recv(mb->read, NULL);
	chan_release(mb->read);
	chan_release(mb->letters);
	free(mb);
}

/* ---- users ---- */

static void read_letters(void *arg)
{
	struct mailbox *mb = arg;
	struct letter letter;

	while (mailbox_get(mb, &letter)) {
		if (letter.stamps == 0)
			continue;
		printf("%s\n", letter.subject);
	}
	chan_close(mb->read);
}

static void write_letter(struct mailbox *mb, int number)
{
	struct letter letter = { .stamps = number % 3 };

	snprintf(letter.subject, sizeof(letter.subject), "letter %d", number);
	mailbox_put(mb, &letter);
}

int main(void)
{
	struct mailbox *mb = mailbox_open();

	task_spawn(read_letters, mb);
	for (int number = 0; number < 7; number++)
		write_letter(mb, number);
	mailbox_hang_up(mb);
	mailbox_free(mb);
	return 0;
}
