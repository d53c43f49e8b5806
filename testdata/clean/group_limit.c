/* group_limit: a group of at most two tasks at a time; its context stops those that
 * wait for their turn to write when another has failed.
 */
#include <errno.h>
#include <string.h>

#include <chanrt.h>

enum { PAGES = 5, AT_ONCE = 2 };

struct page {
	ctx_t  *ctx;
	chan_t *printer;		/* int, rendezvous */
	int     number;
};

static int print_page(void *arg)
{
	struct page *p = arg;

	if (p->number == 3)
		return EIO;
	switch (chan_select(CHAN_SEND(p->printer, &p->number), CHAN_RECV(ctx_done(p->ctx), NULL))) {
	case 0:
		return 0;
	default:
		return ctx_err(p->ctx);
	}
}

static void printer_main(void *arg)
{
	chan_t *pages = arg;

	chan_range(int, number, pages)
		printf("page %d\n", number);
	chan_release(pages);
}

int main(void)
{
	task_group_t *g = task_group_create(ctx_background(), AT_ONCE);
	chan_t *printer = chan_make(int, 0);
	struct page pages[PAGES];
	int err;

	task_spawn(printer_main, chan_retain(printer));
	for (int i = 0; i < PAGES; i++) {
		pages[i] = (struct page){ task_group_ctx(g), printer, i };
		task_group_spawn(g, print_page, &pages[i]);
	}
	err = task_group_wait(g);
	chan_close(printer);
	chan_release(printer);
	printf("%s\n", strerror(err));
	return err == EIO ? 0 : 1;
}
