/* upload_pool: an upload that fails leaves through the error path, which skips the
 * wait_group_done.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <chanrt.h>

struct upload {
	const char   *name;
	char         *buffer;
	int           err;
	wait_group_t *pending;
};

static int upload_open(struct upload *u)
{
	if (u->name[0] == '/')
		return EACCES;
	u->buffer = calloc(1, 4096);
	return u->buffer ? 0 : ENOMEM;
}

static int upload_send(struct upload *u)
{
	task_yield();
	return strlen(u->name) > 16 ? ENAMETOOLONG : 0;
}

static void upload_task(void *arg)
{
	struct upload *u = arg;
	int err;

	err = upload_open(u);
	if (err)
		goto out_err;
	err = upload_send(u);
	free(u->buffer);
	if (err)
		goto out_err;

	wait_group_done(u->pending);
	return;

out_err:
	u->err = err;
	fprintf(stderr, "%s: %s\n", u->name, strerror(err));
}

/* How many of the uploads failed. */
static int upload_all(struct upload *uploads, int count)
{
	wait_group_t pending = { 0 };
	int failed = 0;

	wait_group_add(&pending, count);
	for (int i = 0; i < count; i++) {
		uploads[i].pending = &pending;
		task_spawn(upload_task, &uploads[i]);
	}
	wait_group_wait(&pending); // leak: stuck-wait

	for (int i = 0; i < count; i++)
		failed += uploads[i].err != 0;
	return failed;
}

int main(void)
{
	static struct upload uploads[] = {
		{ .name = "notes.txt" }, { .name = "/etc/shadow" }, { .name = "photo.jpg" },
	};

	printf("%d failed\n", upload_all(uploads, 3));
	return 0;
}
