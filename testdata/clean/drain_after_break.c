/* drain_after_break: the reader has seen enough and leaves its loop, but then reads
 * on without looking, so that the writer gets rid of the rest and closes.
 */
#include <string.h>

#include <chanrt.h>

struct entry {
	char name[16];
	int  size;
};

struct listing {
	chan_t *entries;		/* struct entry */
	int     count;
};

static void list_directory(void *arg)
{
	struct listing *l = arg;

	for (int i = 0; i < l->count; i++) {
		struct entry e = { .size = 100 * i };

		snprintf(e.name, sizeof(e.name), "file%d", i);
		chan_send(l->entries, &e);
	}
	chan_close(l->entries);
}

static void drain(chan_t *entries)
{
	while (chan_recv(entries, NULL))
		continue;
}

static int find(const char *name, int count)
{
	chan_t *entries = chan_make(struct entry, 0);
	struct entry e;
	int size = -1;

	task_go(list_directory, (struct listing){ entries, count });
	while (chan_recv(entries, &e)) {
		if (strcmp(e.name, name) == 0) {
			size = e.size;
			break;
		}
	}
	drain(entries);
	chan_release(entries);
	return size;
}

int main(void)
{
	printf("%d %d\n", find("file3", 8), find("missing", 8));
	return 0;
}
