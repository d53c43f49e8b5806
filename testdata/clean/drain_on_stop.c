/* drain_on_stop: told to stop, the writer takes what is still in the queue without waiting,
 * and leaves both loops by a flag.
 */
#include <chanrt.h>

struct writer {
	chan_t *lines;			/* const char *, capacity 4 */
	chan_t *stop;			/* closed */
	chan_t *stopped;		/* int: lines written, capacity 1 */
};

static int write_rest(struct writer *w)
{
	const char *line;
	int n = 0;

	while (chan_try_recv(w->lines, &line)) {
		printf("late %s\n", line);
		n++;
	}
	return n;
}

static void writer_run(void *arg)
{
	struct writer *w = arg;
	bool over = false;
	int written = 0;

	while (!over) {
		const char *line;

		switch (chan_select(CHAN_RECV(w->stop, NULL), CHAN_RECV(w->lines, &line))) {
		case 0:
			written += write_rest(w);
			over = true;
			break;
		case 1:
			printf("%s\n", line);
			written++;
			break;
		}
	}
	chan_send(w->stopped, &written);
}

int main(void)
{
	struct writer w = { chan_make(const char *, 4), chan_create(0, 0), chan_make(int, 1) };
	const char *lines[] = { "one", "two", "three" };
	int written;

	task_spawn(writer_run, &w);
	for (int i = 0; i < 3; i++)
		chan_send(w.lines, &lines[i]);
	chan_close(w.stop);
	chan_recv(w.stopped, &written);
	return written == 3 ? 0 : 1;
}
