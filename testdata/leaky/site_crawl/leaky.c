/* site_crawl: each fetch counts itself among those the crawl waits for. The crawl may look
 * before the first of them has come that far, and says it is done.
 */
#include <chanrt.h>

struct crawl {
	wait_group_t pending;
	task_mutex_t lock;		/* protects pages */
	int          pages;
};

struct fetch {
	struct crawl *crawl;
	const char   *url;
};

static void crawl_note(struct crawl *c)
{
	task_mutex_lock(&c->lock);
	c->pages++;
	task_mutex_unlock(&c->lock);
}

static void fetch_run(void *arg)
{
	struct fetch *f = arg;

	wait_group_add(&f->crawl->pending, 1); // leak: add-in-task
	printf("%s\n", f->url);
	crawl_note(f->crawl);
	wait_group_done(&f->crawl->pending);
}

int main(void)
{
	static struct crawl crawl;
	static const char *urls[] = { "/", "/about", "/jobs" };

	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++)
		task_go(fetch_run, (struct fetch){ &crawl, urls[i] });
	wait_group_wait(&crawl.pending);
	task_mutex_lock(&crawl.lock);
	printf("%d pages\n", crawl.pages);
	task_mutex_unlock(&crawl.lock);
	return 0;
}
