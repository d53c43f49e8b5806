/* site_crawl: each fetch is counted before it is started.
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

	printf("%s\n", f->url);
	crawl_note(f->crawl);
	wait_group_done(&f->crawl->pending);
}

int main(void)
{
	static struct crawl crawl;
	static const char *urls[] = { "/", "/about", "/jobs" };

	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		wait_group_add(&crawl.pending, 1);
		task_go(fetch_run, (struct fetch){ &crawl, urls[i] });
	}
	wait_group_wait(&crawl.pending);
	task_mutex_lock(&crawl.lock);
	printf("%d pages\n", crawl.pages);
	task_mutex_unlock(&crawl.lock);
	return 0;
}
