/* try_send_losers: players press their buttons, the first press is kept in the only
 * slot, and the others find it full and go home.
 */
#include <chanrt.h>

#define PLAYERS 5
#define ROUNDS  3

struct buzzer {
	chan_t *pressed;		/* int, capacity 1 */
};

struct player {
	struct buzzer *buzzer;
	int            number;
	wait_group_t  *wg;
};

static bool buzzer_press(struct buzzer *b, int player)
{
	return chan_try_send(b->pressed, &player);
}

static int buzzer_winner(struct buzzer *b)
{
	int player = -1;

	chan_try_recv(b->pressed, &player);
	return player;
}

static void play(void *arg)
{
	struct player *p = arg;

	if (p->number % 2)
		task_yield();
	if (!buzzer_press(p->buzzer, p->number))
		printf("player %d: too late\n", p->number);
	wait_group_done(p->wg);
}

static int play_round(struct buzzer *b)
{
	wait_group_t wg = { 0 };

	wait_group_add(&wg, PLAYERS);
	for (int number = 0; number < PLAYERS; number++)
		task_go(play, (struct player){ b, number, &wg });
	wait_group_wait(&wg);
	return buzzer_winner(b);
}

int main(void)
{
	struct buzzer b = { .pressed = chan_make(int, 1) };

	for (int round = 0; round < ROUNDS; round++) {
		int winner = play_round(&b);

		if (winner < 0)
			return 1;
		printf("round %d: player %d\n", round, winner);
	}
	chan_release(b.pressed);
	return 0;
}
