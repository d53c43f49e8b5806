/* page_flush: rows are gathered to pages of 500 and handed to a writer, who knows how many
 * pages 10,100 rows make: 20, and one of what is left.
 */
#include <chanrt.h>

enum { ROWS = 10100, PAGE = 500 };

struct page {
	int first, count;
};

struct table {
	chan_t *pages;			/* struct page */
	chan_t *written;		/* int: rows */
};

static void writer(void *arg)
{
	struct table *t = arg;
	struct page page;
	int rows = 0;

	for (int i = 0; i < (ROWS + PAGE - 1) / PAGE; i++) {
		chan_recv(t->pages, &page);
		rows += page.count;
	}
	chan_send(t->written, &rows);
}

static void flush(struct table *t, struct page *page)
{
	chan_send(t->pages, page);
	page->first += page->count;
	page->count = 0;
}

static void table_fill(struct table *t)
{
	struct page page = { 0, 0 };

	for (int i = 0; i < ROWS; i++) {
		page.count++;
		if (page.count == PAGE)
			flush(t, &page);
	}
	if (page.count)
		flush(t, &page);
}

int main(void)
{
	struct table t = { chan_make(struct page, 0), chan_make(int, 1) };
	int rows;

	task_spawn(writer, &t);
	table_fill(&t);
	chan_recv(t.written, &rows);
	printf("%d rows\n", rows);
	return 0;
}
