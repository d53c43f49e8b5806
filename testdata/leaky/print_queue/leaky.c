/* print_queue: when the printer is switched off its task notes that and takes care of
 * the paper, but the break leaves the switch only: the loop goes on hearing that
 * the printer is off.
 *
 * schedule: rare - a loop that spins is running, and a run may meet it between two operations
 */
#include <stdlib.h>

#include <chanrt.h>

struct page {
	int number;
};

struct printer {
	chan_t *pages;			/* struct page * */
	chan_t *off;			/* closed */
	bool    paper_out;
};

static struct printer *printer_new(void)
{
	struct printer *p = calloc(1, sizeof(*p));

	if (!p)
		abort();
	p->pages = chan_make(struct page *, 1);
	p->off = chan_create(0, 0);
	return p;
}

static void print(struct page *page)
{
	printf("page %d\n", page->number);
	free(page);
}

static int next(struct printer *p, struct page **page)
{
	return chan_select(CHAN_RECV(p->off, NULL), CHAN_RECV(p->pages, page)); // leak: spinning-select
}

static void printer_run(void *arg)
{
	struct printer *p = arg;
	struct page *page;

	for (;;) {
		switch (next(p, &page)) {
		case 0:
			p->paper_out = true;
			break;
		case 1:
			print(page);
			break;
		}
	}
}

static void submit(struct printer *p, int number)
{
	struct page *page = malloc(sizeof(*page));

	if (!page)
		abort();
	page->number = number;
	chan_send(p->pages, &page);
}

int main(void)
{
	struct printer *p = printer_new();

	task_spawn(printer_run, p);
	submit(p, 1);
	submit(p, 2);
	chan_close(p->off);
	task_sleep(TASK_MILLISECOND);
	return 0;
}
