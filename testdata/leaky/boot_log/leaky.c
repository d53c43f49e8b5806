/* boot_log: modules log while they are brought up, and the task that ships the lines is the
 * last of them. The buffer was large enough for years; then the modules became 42.
 */
#include <stdio.h>

#include <chanrt.h>

enum { MODULES = 42, LINES_EACH = 100, BUFFER = 4096 };

struct line {
	int module;
	int number;
};

struct log {
	chan_t *lines;			/* struct line, closed at the end */
	chan_t *shipped;		/* int: how many */
};

static void log_line(struct log *log, int module, int number)
{
	struct line line = { module, number };

	chan_send(log->lines, &line); // leak: missing-receiver, forgotten-sender
}

static void module_start(struct log *log, int module)
{
	for (int i = 0; i < LINES_EACH; i++)
		log_line(log, module, i);
}

static void shipper(void *arg)
{
	struct log *log = arg;
	struct line line;
	int count = 0;

	while (chan_recv(log->lines, &line))
		count++;
	chan_send(log->shipped, &count);
}

int main(void)
{
	struct log log = { chan_make(struct line, BUFFER), chan_make(int, 1) };
	int count;

	for (int i = 0; i < MODULES; i++)
		module_start(&log, i);
	task_spawn(shipper, &log);
	chan_close(log.lines);
	chan_recv(log.shipped, &count);
	printf("%d lines\n", count);
	return 0;
}
