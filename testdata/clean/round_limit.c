/* round_limit: the loop of the player ends when the bell is closed; the bell is closed
 * in the loop of the referee, which ends by itself a little later. The counter passes
 * its limit only once.
 */
#include <chanrt.h>

enum { LIMIT = 3, TURNS = 5 };

struct match {
	chan_t *bell;		/* closed after LIMIT rounds */
	chan_t *blows;		/* int */
};

static void player(void *arg)
{
	struct match *m = arg;
	int blow = 0;

	for (;;) {
		switch (chan_select(CHAN_SEND(m->blows, &blow), CHAN_RECV(m->bell, NULL))) {
		case 0:
			blow++;
			break;
		case 1:
			return;
		}
	}
}

static void referee(struct match *m)
{
	int round = 0, turn = 0, blow;

	while (turn++ < TURNS) {
		if (round < LIMIT)
			chan_recv(m->blows, &blow);
		if (++round == LIMIT)
			chan_close(m->bell);
	}
	printf("%d rounds, last blow %d\n", round, blow);
}

int main(void)
{
	static struct match match;

	match.bell = chan_create(0, 0);
	match.blows = chan_make(int, 0);
	task_spawn(player, &match);
	referee(&match);
	chan_recv(match.bell, NULL);
	return 0;
}
