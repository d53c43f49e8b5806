/* full_buffer: 4,096 lines are logged before anybody reads them, into a buffer of 4,096:
 * not one more.
 */
#include <chanrt.h>

enum { BUFFER = 4096, HEADER = 96, LINES = 4000 };

struct log {
	chan_t *lines;			/* int */
};

static void log_lines(struct log *log, int count)
{
	for (int i = 0; i < count; i++)
		chan_send(log->lines, &i);
}

static int log_drain(struct log *log)
{
	int line, count = 0;

	while (chan_recv(log->lines, &line))
		count++;
	return count;
}

int main(void)
{
	struct log log = { chan_make(int, BUFFER) };

	log_lines(&log, HEADER);
	log_lines(&log, LINES);
	chan_close(log.lines);
	printf("%d lines\n", log_drain(&log));
	return 0;
}
