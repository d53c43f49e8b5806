/* bad_arguments: the tasks are started before the arguments are looked at; wrong ones
 * end the process on the spot, whoever waits.
 *
 * usage: bad_arguments [count]
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include <chanrt.h>

struct printer {
	chan_t *lines;			/* int, closed after the last */
	chan_t *finished;		/* closed */
};

static struct printer printer;

static void print_lines(void *arg)
{
	struct printer *p = arg;

	chan_range(int, line, p->lines)
		printf("line %d\n", line);
	chan_close(p->finished);
}

static void usage(const char *name)
{
	fprintf(stderr, "usage: %s [count]\n", name);
	exit(1);
}

static int parse_count(const char *text, const char *name)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	if (errno || *end || end == text)
		usage(name);
	if (n < 0 || n > INT_MAX) {
		fprintf(stderr, "%s: %ld is out of range\n", name, n);
		exit(1);
	}
	return (int)n;
}

int main(int argc, char **argv)
{
	int count = 2;

	printer.lines = chan_make(int, 0);
	printer.finished = chan_create(0, 0);
	task_spawn(print_lines, &printer);

	if (argc > 2)
		usage(argv[0]);
	if (argc == 2)
		count = parse_count(argv[1], argv[0]);
	for (int i = 0; i < count; i++)
		chan_send(printer.lines, &i);
	chan_close(printer.lines);
	chan_recv(printer.finished, NULL);
	return 0;
}
