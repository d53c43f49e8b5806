/* order_desk: the answer comes through the channel, which has room for one nobody waits
 * for any more.
 */
#include <chanrt.h>

struct enquiry {
	int     article;
	chan_t *stock;			/* int, capacity 1 */
};

static void look_up(void *arg)
{
	struct enquiry *e = arg;
	int stock;

	task_sleep(TASK_MICROSECOND);
	stock = e->article % 7;
	chan_send(e->stock, &stock);
	chan_release(e->stock);
}

/* How many are left, or -1 when nobody answers in time. */
static int stock_of(int article, int64_t patience)
{
	chan_t *answer = chan_make(int, 1);
	int stock;

	task_go(look_up, (struct enquiry){ article, chan_retain(answer) });
	if (chan_select_timeout(patience, CHAN_RECV(answer, &stock)) != 0)
		stock = -1;
	chan_release(answer);
	return stock;
}

int main(void)
{
	int total = 0;

	for (int article = 1; article < 4; article++)
		total += stock_of(article, TASK_SECOND);
	printf("%d in stock\n", total);
	return 0;
}
