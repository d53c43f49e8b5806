/* order_desk: the desk asks the warehouse and gives up when it takes too long. The answer
 * is then written where the desk's variables were.
 *
 * schedule: rare - the warehouse is quicker than the desk is impatient
 */
#include <chanrt.h>

struct enquiry {
	int     article;
	int    *stock;			/* the answer goes here */
	chan_t *answered;		/* signals, capacity 1 */
};

/* Written late, the number hits nothing that is in use by then: what comes after a form on
 * the stack does not reach so far down. The program is run, too. */
struct form {
	int  stock;
	char remarks[16 * 1024];
};

static void look_up(void *arg)
{
	struct enquiry *e = arg;

	task_sleep(TASK_MICROSECOND);
	*e->stock = e->article % 7;
	chan_send(e->answered, NULL);
}

/* How many are left, or -1 when nobody answers in time. */
static int stock_of(int article, int64_t patience)
{
	chan_t *answered = chan_create(0, 1);
	struct form form = { 0 };

	task_go(look_up, (struct enquiry){ article, &form.stock, answered }); // leak: escaping-argument; unseen: the address is read in time or not, nothing waits
	if (chan_select_timeout(patience, CHAN_RECV(answered, NULL)) != 0)
		return -1;
	chan_release(answered);
	return form.stock;
}

int main(void)
{
	int total = 0;

	for (int article = 1; article < 4; article++)
		total += stock_of(article, TASK_SECOND);
	printf("%d in stock\n", total);
	return 0;
}
