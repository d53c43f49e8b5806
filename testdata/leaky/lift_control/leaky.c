/* lift_control: when the key is turned the lift breaks, which leaves the switch only; in
 * the next round it offers a floor to nobody.
 */
#include <chanrt.h>

enum { TOP = 4 };

enum command { CARRY_ON, REVERSE, TURN_OFF };

struct lift {
	chan_t *commands;		/* enum command */
	chan_t *floors;			/* int: where it stops */
	chan_t *off;			/* closed */
};

static void lift_run(void *arg)
{
	struct lift *l = arg;
	enum command command;
	int floor = 0, up = 1;

	for (;;) {
		switch (chan_select(CHAN_SEND(l->floors, &floor), // leak: stuck-select
				    CHAN_RECV(l->commands, &command))) {
		case 0:
			floor += up;
			break;
		case 1:
			if (command == TURN_OFF)
				break;
			if (command == REVERSE)
				up = -up;
		}
		if (floor == 0)
			up = 1;
		else if (floor == TOP)
			up = -1;
	}
	chan_close(l->off);
}

static void ride(struct lift *l, int stops)
{
	for (int floor; stops > 0; stops--) {
		chan_recv(l->floors, &floor);
		printf("floor %d\n", floor);
	}
}

static void tell(struct lift *l, enum command command)
{
	chan_send(l->commands, &command);
}

int main(void)
{
	static struct lift lift;

	lift.commands = chan_make(enum command, 0);
	lift.floors = chan_make(int, 0);
	lift.off = chan_create(0, 0);
	task_spawn(lift_run, &lift);
	ride(&lift, 2);
	tell(&lift, REVERSE);
	ride(&lift, 1);
	tell(&lift, CARRY_ON);
	tell(&lift, TURN_OFF);
	chan_recv(lift.off, NULL); // leak-secondary
	return 0;
}
