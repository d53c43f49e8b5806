/* session_watch, the server: its own check after the sessions finds a task left for
 * each of them. The shutdown at the end lets them go.
 */
#include "watch.h"

enum { SESSIONS = 3 };

static void serve(chan_t *shutdown, int id)
{
	struct session s;

	session_begin(&s, id, shutdown);
	printf("session %d: hello\n", s.id);
	session_end(&s);
}

int main(void)
{
	chan_t *shutdown = chan_create(0, 0);
	leak_check_t check = leak_check_begin();
	size_t left;

	for (int id = 0; id < SESSIONS; id++)
		serve(shutdown, id);
	left = leak_check_end(check, 200 * TASK_MILLISECOND, stderr);

	chan_close(shutdown);
	return left == 0 ? 0 : 1;
}
