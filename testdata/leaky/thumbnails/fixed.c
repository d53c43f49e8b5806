/* thumbnails: all are started, and then waited for.
 */
#include <chanrt.h>

#define PICTURES 3

struct picture {
	int width, height;
};

struct job {
	const struct picture *picture;
	int                  *pixels;	/* its own element */
	wait_group_t         *busy;
};

static int shrink(int length)
{
	while (length > 128)
		length /= 2;
	return length;
}

static void make_thumbnail(void *arg)
{
	struct job *job = arg;

	*job->pixels = shrink(job->picture->width) * shrink(job->picture->height);
	wait_group_done(job->busy);
}

static void make_all(const struct picture *pictures, int *pixels)
{
	wait_group_t busy = { 0 };

	wait_group_add(&busy, PICTURES);
	for (int i = 0; i < PICTURES; i++)
		task_go(make_thumbnail, (struct job){ &pictures[i], &pixels[i], &busy });
	wait_group_wait(&busy);
}

int main(void)
{
	static const struct picture pictures[PICTURES] = {
		{ 640, 480 }, { 1024, 768 }, { 100, 100 },
	};
	int pixels[PICTURES] = { 0 };

	make_all(pictures, pixels);
	for (int i = 0; i < PICTURES; i++)
		printf("%d\n", pixels[i]);
	return 0;
}
