/* tagged_requests: the members of a request are those of anonymous records in it: where the
 * answer goes to shares its memory with what is stored. The kind stays what it is, whichever
 * of them is written.
 */
#include <chanrt.h>

enum kind { ADD = 1, GET, BOTH, QUIT };

struct request {
	enum kind kind;
	union {
		int amount;
		chan_t *reply;			/* int */
		struct {
			chan_t *old, *now;	/* int */
		};
	};
	struct {
		unsigned twice : 1, negative : 1;
		int extra;
	};
};

static int changed(const struct request *r)
{
	int amount = r->twice ? 2 * r->amount : r->amount;

	return (r->negative ? -amount : amount) + r->extra;
}

static void account_run(void *requests)
{
	struct request r;
	int balance = 0;

	while (chan_recv(requests, &r) && r.kind != QUIT) {
		switch (r.kind) {
		case ADD:
			balance += changed(&r);
			break;
		case GET:
			chan_send(r.reply, &balance);
			break;
		default:
			chan_send(r.old, &(int){ 0 });
			chan_send(r.now, &balance);
			break;
		}
	}
}

static int ask(chan_t *account)
{
	chan_t *reply = chan_make(int, 0);
	struct request r = { .kind = GET, .reply = reply };
	int balance = 0;

	chan_send(account, &r);
	chan_recv(reply, &balance);
	return balance;
}

int main(void)
{
	chan_t *account = chan_make(struct request, 0), *old = chan_make(int, 1), *now = chan_make(int, 1);
	struct request adds[] = { { ADD, { 5 }, { 1, 0, 3 } }, { .kind = ADD, .amount = 2, .negative = 1 } };
	struct request last = { .kind = QUIT };
	int a = 0, b = 0;

	task_spawn(account_run, account);
	for (int i = 0; i < 2; i++)
		chan_send(account, &adds[i]);
	printf("%d\n", ask(account));
	chan_send(account, &(struct request){ .kind = BOTH, .old = old, .now = now });
	chan_recv(old, &a);
	chan_recv(now, &b);
	printf("%d %d\n", a, b);
	last.reply = NULL;
	last.extra = 1;
	chan_send(account, &last);
	return 0;
}
