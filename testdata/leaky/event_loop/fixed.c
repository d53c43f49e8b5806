/* event_loop: on quit the loop is left by a goto.
 */
#include <chanrt.h>

enum event_kind { EVENT_KEY, EVENT_RESIZE };

struct event {
	enum event_kind kind;
	int             value;
};

struct loop {
	chan_t *events;			/* struct event */
	chan_t *quit;			/* a signal */
	int     handled;
};

static void handle(struct loop *loop, const struct event *ev)
{
	switch (ev->kind) {
	case EVENT_KEY:
		printf("key %d\n", ev->value);
		break;
	case EVENT_RESIZE:
		printf("%d columns\n", ev->value);
		break;
	}
	loop->handled++;
}

static void loop_run(void *arg)
{
	struct loop *loop = arg;
	struct event ev;

	for (;;) {
		switch (chan_select(CHAN_RECV(loop->events, &ev),
				    CHAN_RECV(loop->quit, NULL))) {
		case 0:
			handle(loop, &ev);
			break;
		case 1:
			printf("%d events\n", loop->handled);
			goto out;
		}
	}
out:
	return;
}

static void keyboard(void *arg)
{
	struct loop *loop = arg;

	for (int key = 'a'; key <= 'c'; key++)
		chan_send(loop->events, &(struct event){ EVENT_KEY, key });
	chan_send(loop->quit, NULL);
}

int main(void)
{
	static struct loop loop;

	loop.events = chan_make(struct event, 0);
	loop.quit = chan_create(0, 0);
	task_spawn(loop_run, &loop);
	task_spawn(keyboard, &loop);
	task_sleep(10 * TASK_MILLISECOND);
	return 0;
}
