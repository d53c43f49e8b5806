/* retry_chain: a name is looked up by a task that, when no server answers, starts itself
 * again for the next attempt, as event loops re-arm a timer. Whoever is the last says how
 * it went.
 */
#include <chanrt.h>
#include <stdio.h>

#define ATTEMPTS 4

struct lookup {
	const char *name;
	int         attempt;
	chan_t     *answer;		/* of int: an address, or -1 */
};

static int ask_server(const char *name, int attempt)
{
	task_sleep(attempt * 1000000L);
	return name[attempt] == '.' ? (unsigned char)name[0] : -1;
}

static void look_up(void *arg)
{
	struct lookup *l = arg;
	int address = ask_server(l->name, l->attempt);

	if (address < 0 && l->name[l->attempt] && ++l->attempt < ATTEMPTS) {
		task_spawn(look_up, l);		/* the next attempt, on a fresh stack */
		return;
	}
	if (address < 0) {
		fprintf(stderr, "%s: no answer\n", l->name);
		return;
	}
	chan_send(l->answer, &address);
}

int main(int argc, char **argv)
{
	struct lookup l = { argc > 1 ? argv[1] : "localhost", 0, chan_make(int, 0) };
	int address;

	task_spawn(look_up, &l);
	chan_recv(l.answer, &address); // leak: forgotten-receiver
	chan_release(l.answer);
	printf("%s: %d\n", l.name, address);
	return 0;
}
