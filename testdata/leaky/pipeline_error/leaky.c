/* pipeline_error: numbers are read, doubled and summed by three stages. The sum
 * stops at the first number out of range, and both stages before it are stuck.
 */
#include <errno.h>
#include <string.h>

#include <chanrt.h>

struct stage {
	chan_t *in;			/* long; NULL in the first stage */
	chan_t *out;			/* long, closed by the stage */
	long    limit;
};

/* False when nobody wants the number any more. */
static bool stage_emit(const struct stage *s, long n)
{
	chan_send(s->out, &n); // leak: forgotten-sender
	return true;
}

static void count_stage(void *arg)
{
	struct stage *s = arg;

	for (long n = 1; n <= s->limit; n++)
		if (!stage_emit(s, n))
			break;
	chan_close(s->out);
}

static void double_stage(void *arg)
{
	struct stage *s = arg;

	chan_range(long, n, s->in)
		if (!stage_emit(s, 2 * n))
			break;
	chan_close(s->out);
}

static int sum(chan_t *in, long max, long *total)
{
	*total = 0;
	chan_range(long, n, in) {
		if (n > max)
			return ERANGE;
		*total += n;
	}
	return 0;
}

static int sum_of_doubles(long limit, long max, long *total)
{
	chan_t *counted = chan_make(long, 0);
	chan_t *doubled = chan_make(long, 0);

	task_go(count_stage, (struct stage){ .out = counted, .limit = limit });
	task_go(double_stage, (struct stage){ .in = counted, .out = doubled });
	return sum(doubled, max, total);
}

int main(void)
{
	long total;
	int err = sum_of_doubles(100, 20, &total);

	if (err)
		fprintf(stderr, "sum: %s\n", strerror(err));
	printf("%ld\n", total);
	return 0;
}
