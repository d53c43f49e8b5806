/* compile_farm, the farm: workers range over the channel of files, which
 * farm_finish closes. See main.c.
 */
#include "farm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct farm {
	chan_t      *files;		/* const char * */
	wait_group_t workers;
};

static bool farm_next(struct farm *f, const char **file)
{
	return chan_recv(f->files, file); // leak: unclosed-range
}

static void farm_worker(void *arg)
{
	struct farm *f = arg;
	const char *file;

	while (farm_next(f, &file))
		printf("cc -c %s\n", file);
	wait_group_done(&f->workers);
}

struct farm *farm_start(int workers)
{
	struct farm *f = calloc(1, sizeof(*f));

	if (!f)
		abort();
	f->files = chan_make(const char *, 0);
	wait_group_add(&f->workers, workers);
	for (int i = 0; i < workers; i++)
		task_spawn(farm_worker, f);
	return f;
}

int farm_submit(struct farm *f, const char *file)
{
	size_t len = strlen(file);

	if (len < 2 || strcmp(file + len - 2, ".c") != 0)
		return EINVAL;
	chan_send(f->files, &file);
	return 0;
}

void farm_finish(struct farm *f)
{
	chan_close(f->files);
	wait_group_wait(&f->workers);
	chan_release(f->files);
	free(f);
}
