/* any_number: functions that take any number of channels: counted, ended by NULL, and handed on as a va_list; each channel is closed and read through them */
#include "chanrt.h"
#include <stdarg.h>
#include <stdlib.h>

struct counted {
	chan_t *out;            /* of long */
	long    from, to;
};

static void count(void *arg)
{
	struct counted *c = arg;

	for (long i = c->from; i < c->to; i++)
		chan_send(c->out, &i);
}

/* n channels of long, added up until each is closed. */
static long sum_of(int n, ...)
{
	long sum = 0;
	va_list ap;

	va_start(ap, n);
	while (n-- > 0) {
		chan_t *c = va_arg(ap, chan_t *);

		chan_range(long, v, c)
			sum += v;
	}
	va_end(ap);
	return sum;
}

static void close_listed(chan_t *first, va_list ap)
{
	for (chan_t *c = first; c != NULL; c = va_arg(ap, chan_t *))
		chan_close(c);
}

/* Closes the channels up to NULL, having said why. */
static void close_all(const char *why, chan_t *first, ...)
{
	va_list ap, again;
	int n = first != NULL;

	va_start(ap, first);
	va_copy(again, ap);
	while (n > 0 && va_arg(again, chan_t *) != NULL)
		n++;
	va_end(again);
	printf("%s: %d closed\n", why, n);
	close_listed(first, ap);
	va_end(ap);
}

/* The format says what follows: 'r' a channel to read from, 'w' one to write an int to. */
static int exchange(const char *what, ...)
{
	int value = 0;
	va_list ap;

	va_start(ap, what);
	for (; *what; what++) {
		chan_t *c = va_arg(ap, chan_t *);

		if (*what == 'r')
			chan_recv(c, &value);
		else
			chan_send_value(c, va_arg(ap, int));
	}
	va_end(ap);
	return value;
}

struct echo { chan_t *in, *out; };

static void echo(void *arg)
{
	struct echo *e = arg;
	int v = exchange("r", e->in);

	exchange("w", e->out, v + 1);
}

#define SHOW(x) _Generic((x), int: show_long, long: show_long, char *: show_text, const char *: show_text)(x)

static void show_long(long v)        { printf("%ld\n", v); }
static void show_text(const char *s) { puts(s); }

int main(void)
{
	chan_t *odd = chan_make(long, 8), *even = chan_make(long, 8);
	chan_t *in = chan_make(int, 0), *out = chan_make(int, 0);

	count(&(struct counted){ odd, 1, 4 });
	count(&(struct counted){ even, 2, 6 });
	close_all("counted", odd, even, (chan_t *)NULL);
	SHOW(sum_of(2, odd, even));

	task_go(echo, (struct echo){ in, out });
	SHOW(exchange("wr", in, 41, out));
	SHOW("done");
	return 0;
}
