/* turn_by_turn: a loop's variables are lent to a task of each turn, which says when it has
 * read them; an array has an element for each; a record of the block is waited for in the block.
 */
#include <chanrt.h>

enum { TURNS = 3 };

struct turn {
	int     number;
	chan_t *taken;			/* int */
};

struct square {
	int           side, area;
	wait_group_t *pending;
};

static void take(void *arg)
{
	struct turn *t = arg;
	int number = t->number;

	chan_send(t->taken, &number);
}

static void measure(void *arg)
{
	struct square *s = arg;

	s->area = s->side * s->side;
	wait_group_done(s->pending);
}

static int areas(int n)
{
	struct square squares[TURNS];
	wait_group_t pending = { 0 };
	int sum = 0;

	for (int i = 0; i < n && i < TURNS; i++) {
		squares[i] = (struct square){ i + 1, 0, &pending };
		wait_group_add(&pending, 1);
		task_spawn(measure, &squares[i]);
	}
	wait_group_wait(&pending);
	for (int i = 0; i < n && i < TURNS; i++)
		sum += squares[i].area;
	return sum;
}

int main(void)
{
	struct turn turn = { 0, chan_make(int, 0) };
	int taken, sum = 0;

	for (turn.number = 0; turn.number < TURNS; turn.number++) {
		task_spawn(take, &turn);
		chan_recv(turn.taken, &taken);
		sum += taken;
	}
	for (int round = 0; round < 2; round++) {
		wait_group_t pending = { 0 };
		struct square square = { round, 0, &pending };

		wait_group_add(&pending, 1);
		task_spawn(measure, &square);
		wait_group_wait(&pending);
		sum += square.area;
	}
	return sum == 4 && areas(TURNS) == 14 ? 0 : 1;
}
