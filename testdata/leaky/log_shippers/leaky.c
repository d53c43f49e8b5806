/* log_shippers: the shipper that finishes last closes the archive's channel, but
 * the count they go by starts one too high, so none of them thinks it is the last.
 */
#include <stdlib.h>

#include <chanrt.h>

#define SHIPPERS 3

struct record {
	int  host;
	long bytes;
};

struct archive {
	chan_t      *records;		/* struct record */
	task_mutex_t lock;
	int          shipping;		/* shippers at work, under lock */
};

struct shipper {
	struct archive *archive;
	int             host;
};

static void archive_leave(struct archive *a)
{
	bool last;

	task_mutex_lock(&a->lock);
	last = --a->shipping == 0;
	task_mutex_unlock(&a->lock);
	if (last)
		chan_close(a->records);
}

static void ship(void *arg)
{
	struct shipper *s = arg;

	for (int i = 1; i <= 2; i++) {
		struct record r = { .host = s->host, .bytes = 100L * i };

		chan_send(s->archive->records, &r);
	}
	archive_leave(s->archive);
}

static void archive_task(void *arg)
{
	struct archive *a = arg;
	long total = 0;
	struct record r;

	while (chan_recv(a->records, &r)) { // leak: unclosed-range
		total += r.bytes;
		printf("host %d: %ld bytes\n", r.host, r.bytes);
	}
	printf("%ld bytes in all\n", total);
}

static struct archive *archive_start(int shippers)
{
	struct archive *a = calloc(1, sizeof(*a));

	if (!a)
		abort();
	a->records = chan_make(struct record, 4);
	a->shipping = 1;		/* as if main shipped, too */
	for (int i = 0; i < shippers; i++)
		a->shipping++;
	return a;
}

int main(void)
{
	struct archive *a = archive_start(SHIPPERS);

	for (int host = 0; host < SHIPPERS; host++)
		task_go(ship, (struct shipper){ a, host });
	task_spawn(archive_task, a);
	task_sleep(10 * TASK_MILLISECOND);
	return 0;
}
