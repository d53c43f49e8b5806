/* mirrors: the first mirror to answer wins. The others find room in the channel and
 * end; nobody ever reads what they sent.
 */
#include <stdlib.h>

#include <chanrt.h>

static const char *const mirrors[] = { "de", "se", "us", "jp" };
#define NMIRRORS (sizeof mirrors / sizeof mirrors[0])

typedef struct fetch {
    const char *mirror;
    chan_t     *pages;          /* struct page */
} fetch_t;

struct page {
    const char *mirror;
    int         bytes;
};

static void fetch_page(void *arg)
{
    fetch_t *f = arg;
    struct page page = { f->mirror, 1000 + f->mirror[0] };

    task_yield();
    chan_send(f->pages, &page);
}

static struct page fetch_fastest(const char *const *from, size_t n)
{
    chan_t *pages = chan_make(struct page, n);
    struct page page = { "none", 0 };

    for (size_t i = 0; i < n; i++)
        task_go(fetch_page, (fetch_t){ from[i], pages });
    if (n > 0)
        chan_recv(pages, &page);
    return page;
}

int main(int argc, char **argv)
{
    size_t n = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : NMIRRORS;
    struct page page;

    if (n > NMIRRORS)
        n = NMIRRORS;
    page = fetch_fastest(mirrors, n);
    printf("%d bytes from %s\n", page.bytes, page.mirror);
    return 0;
}
