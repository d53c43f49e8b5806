/* ping_pong: two tasks play a fixed number of strokes over two rendezvous channels;
 * who makes the last stroke does not wait for another.
 */
#include <chanrt.h>

struct player {
	const char   *name;
	chan_t       *in, *out;		/* int: the number of the stroke */
	int           strokes;		/* in all */
	wait_group_t *game;
};

static void play(void *arg)
{
	struct player *p = arg;
	int ball;

	do {
		chan_recv(p->in, &ball);
		ball++;
		if (ball > p->strokes)
			break;
		printf("%s %d\n", p->name, ball);
		chan_send(p->out, &ball);
	} while (ball < p->strokes);
	wait_group_done(p->game);
}

/* The player who does not make the last stroke gets it and lets it lie. */
static void game(int strokes)
{
	chan_t *east = chan_make(int, 0);
	chan_t *west = chan_make(int, 0);
	wait_group_t over = { 0 };
	int serve = 0;

	wait_group_add(&over, 2);
	task_go(play, (struct player){ "ping", east, west, strokes, &over });
	task_go(play, (struct player){ "pong", west, east, strokes, &over });
	chan_send(east, &serve);
	wait_group_wait(&over);
	chan_release(east);
	chan_release(west);
}

int main(void)
{
	game(6);
	game(3);
	return 0;
}
