/* build_steps: a step announces itself to the build when it begins. A build of two steps
 * may have been waited for before either began.
 */
#include <stdlib.h>

#include <chanrt.h>

struct build {
	wait_group_t running;
	chan_t      *log;		/* const char *, capacity 8 */
};

struct step {
	struct build *build;
	const char   *name;
};

static void build_enter(struct build *b)
{
	wait_group_add(&b->running, 1); // leak: add-in-task
}

static void build_leave(struct build *b)
{
	wait_group_done(&b->running);
}

static void step_run(void *arg)
{
	struct step *s = arg;
	struct build *b = s->build;

	build_enter(b);
	chan_try_send(b->log, &s->name);
	free(s);
	build_leave(b);
}

static void build_start(struct build *b, const char *name)
{
	struct step *s = malloc(sizeof(*s));

	if (!s)
		abort();
	s->build = b;
	s->name = name;
	task_spawn(step_run, s);
}

int main(void)
{
	static struct build build;
	const char *name;

	build.log = chan_make(const char *, 8);
	build_start(&build, "compile");
	build_start(&build, "link");
	wait_group_wait(&build.running);
	while (chan_try_recv(build.log, &name))
		printf("%s\n", name);
	return 0;
}
