/* select_exits: the result of the select goes through a variable and a function, and
 * each way out of the loop is the right one.
 */
#include <chanrt.h>

enum outcome { GOT_WORK, GOT_PAUSE, GOT_QUIT, GOT_NOTHING };

struct unit {
	chan_t *work;			/* int */
	chan_t *pause;			/* bool: pause or go on */
	chan_t *quit;			/* closed */
	chan_t *report;			/* int, capacity 1 */
};

static enum outcome wait_for(const struct unit *u, bool paused, int *item, bool *pause)
{
	chan_case_t cases[] = {
		CHAN_RECV(paused ? NULL : u->work, item),
		CHAN_RECV(u->pause, pause),
		CHAN_RECV(u->quit, NULL),
	};
	int ready = chan_select_timeout_n(cases, 3, 5 * TASK_MILLISECOND);

	return ready < 0 ? GOT_NOTHING : (enum outcome)ready;
}

static int unit_loop(const struct unit *u)
{
	bool paused = false;
	int item, done = 0;

	while (1) {
		enum outcome o = wait_for(u, paused, &item, &paused);

		if (o == GOT_QUIT)
			break;
		switch (o) {
		case GOT_WORK:
			done += item;
			break;
		case GOT_PAUSE:
			if (paused)
				printf("paused\n");
			continue;
		case GOT_NOTHING:
			continue;
		case GOT_QUIT:
			return -1;
		}
	}
	return done;
}

static void unit_main(void *arg)
{
	struct unit *u = arg;
	int done = unit_loop(u);

	chan_send(u->report, &done);
}

int main(void)
{
	struct unit u = { chan_make(int, 0), chan_make(bool, 0), chan_create(0, 0),
			  chan_make(int, 1) };
	int done;

	task_spawn(unit_main, &u);
	for (int item = 1; item <= 3; item++)
		chan_send(u.work, &item);
	chan_send_value(u.pause, (bool)true);
	chan_send_value(u.pause, (bool)false);
	chan_send_value(u.work, 4);
	chan_close(u.quit);
	chan_recv(u.report, &done);
	return done == 10 ? 0 : 1;
}
