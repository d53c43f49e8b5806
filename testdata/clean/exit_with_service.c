/* exit_with_service: the program ends by exit while its log task waits for the next
 * line, which ends the task on purpose.
 *
 * run: without leak check (at run time a task that waits when exit is called cannot
 * be told from one that was forgotten)
 */
#include <stdlib.h>

#include <chanrt.h>

struct line {
	char    text[48];
	chan_t *written;		/* a signal; rendezvous */
};

static chan_t *lines;			/* struct line; the log task takes them for ever */

static void log_main(void *unused)
{
	struct line line;

	(void)unused;
	for (;;) {
		chan_recv(lines, &line);
		fprintf(stderr, "%s\n", line.text);
		chan_send(line.written, NULL);
	}
}

/* Returns when the line is written. */
static void log_line(const char *text)
{
	struct line line = { .written = chan_create(0, 0) };

	snprintf(line.text, sizeof(line.text), "%s", text);
	chan_send(lines, &line);
	chan_recv(line.written, NULL);
	chan_release(line.written);
}

static _Noreturn void leave(int status, const char *why)
{
	log_line(why);
	exit(status);
}

int main(int argc, char **argv)
{
	lines = chan_make(struct line, 0);
	task_spawn(log_main, NULL);

	log_line("starting");
	if (argc > 1)
		leave(0, argv[1]);
	log_line("nothing to do");
	leave(0, "done");
}
