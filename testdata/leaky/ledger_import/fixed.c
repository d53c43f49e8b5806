/* ledger_import: a bad line jumps to the end of the parser, and the close stands there.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <chanrt.h>

struct entry {
	char account[8];
	long cents;
};

struct import {
	const char *const *lines;	/* ended by NULL */
	chan_t            *entries;	/* struct entry, closed after the last */
	chan_t            *status;	/* int, capacity 1 */
};

static int parse_line(const char *line, struct entry *e)
{
	size_t length = strcspn(line, "=");

	if (!line[length] || length >= sizeof(e->account))
		return EINVAL;
	memcpy(e->account, line, length);
	e->account[length] = '\0';
	e->cents = atol(line + length + 1);
	return 0;
}

static void parse(void *arg)
{
	struct import *im = arg;
	struct entry *e = malloc(sizeof(*e));
	int err = ENOMEM;

	if (!e)
		goto fail;
	for (const char *const *line = im->lines; *line; line++) {
		err = parse_line(*line, e);
		if (err)
			goto fail;
		chan_send(im->entries, e);
	}
fail:
	free(e);
	chan_close(im->entries);
	chan_send(im->status, &err);
}

static int import(const char *const *lines, long *sum)
{
	struct import im = { lines, chan_make(struct entry, 0), chan_make(int, 1) };
	int err;

	task_spawn_copy(parse, &im, sizeof(im));
	chan_range(struct entry, e, im.entries)
		*sum += e.cents;
	chan_recv(im.status, &err);
	chan_release(im.entries);
	chan_release(im.status);
	return err;
}

int main(void)
{
	static const char *const good[] = { "rent=-70000", "wage=250000", NULL };
	static const char *const bad[] = { "rent=-70000", "remember the milk", NULL };
	long sum = 0;

	printf("%d\n", import(good, &sum));
	printf("%d\n", import(bad, &sum));
	printf("%ld\n", sum);
	return 0;
}
