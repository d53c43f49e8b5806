/* till_commands: a till does what its first argument says, as a table tells, which ends by a row without a
 * name; what is rare stands last. A refund asks the bank and leaves before the answer when the
 * sum is small.
 */
#include <chanrt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct request {
	long    sum;
	chan_t *answer;			/* of bool */
};

static void bank(void *arg)
{
	struct request *r = arg;
	bool granted = r->sum < 10000;

	chan_send(r->answer, &granted); // leak: forgotten-sender
}

static bool ask_bank(long sum, bool wait)
{
	chan_t *answer = chan_make(bool, 0);
	bool granted = true;

	task_go(bank, (struct request){ sum, answer });
	if (wait) {
		chan_recv(answer, &granted);
		chan_release(answer);
	}
	return granted;
}

static int till_open(long sum)   { printf("open with %ld\n", sum); return 0; }
static int till_sell(long sum)   { return !ask_bank(sum, true); }
static int till_count(long sum)  { return sum < 0; }
static int till_close(long sum)  { printf("closed at %ld\n", sum); return 0; }
static int till_report(long sum) { printf("%ld so far\n", sum); return 0; }
static int till_lock(long sum)   { return sum != 0; }
static int till_refund(long sum) { return !ask_bank(sum, sum >= 100); }

static const struct command {
	const char *name;
	int       (*run)(long sum);
} commands[] = {
	{ "open", till_open }, { "sell", till_sell }, { "count", till_count }, { "close", till_close },
	{ "report", till_report }, { "lock", till_lock }, { "refund", till_refund }, { NULL, NULL },
};

static const struct command *find(const char *name)
{
	for (const struct command *c = commands; c->name; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

int main(int argc, char **argv)
{
	const struct command *c = find(argc > 1 ? argv[1] : "refund");
	long sum = argc > 2 ? strtol(argv[2], NULL, 10) : 50;

	if (!c) {
		fprintf(stderr, "usage: %s COMMAND [SUM]\n", argv[0]);
		return 2;
	}
	return c->run(sum);
}
