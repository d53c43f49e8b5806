/* import_header: the importer's error path returns without a word, and whoever
 * waits for the header waits for ever. Every run takes that path: the first line
 * is malformed.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <chanrt.h>

struct header {
	int  columns;
	char separator;
};

struct import {
	const char *text;
	char       *line;
	chan_t     *header;		/* struct header; closed without one on error */
	int         err;
};

static int parse_header(const char *line, struct header *h)
{
	h->separator = ';';
	h->columns = 1;
	for (const char *p = line; *p; p++) {
		if (*p == '\t')
			return EINVAL;
		h->columns += *p == h->separator;
	}
	return 0;
}

static void import_task(void *arg)
{
	struct import *im = arg;
	struct header h;
	size_t len = strcspn(im->text, "\n");

	im->line = strndup(im->text, len);
	if (!im->line) {
		im->err = ENOMEM;
		goto fail;
	}
	im->err = parse_header(im->line, &h);
	if (im->err)
		goto fail_line;

	chan_send(im->header, &h);
	free(im->line);
	return;

fail_line:
	free(im->line);
fail:
	im->line = NULL;
	fprintf(stderr, "import: %s\n", strerror(im->err));
}

static bool import_wait_header(struct import *im, struct header *h)
{
	return chan_recv(im->header, h); // leak: forgotten-receiver
}

static void show_columns(void *arg)
{
	struct import *im = arg;
	struct header h;

	if (import_wait_header(im, &h))
		printf("%d columns\n", h.columns);
	else
		printf("no header\n");
}

int main(void)
{
	static struct import im = { .text = "name\tprice\nbread;2\n" };

	im.header = chan_make(struct header, 1);
	task_spawn(import_task, &im);
	task_spawn(show_columns, &im);
	task_sleep(10 * TASK_MILLISECOND);
	return 0;
}
