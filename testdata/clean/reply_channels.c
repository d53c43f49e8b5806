/* reply_channels: a request carries the channel for its reply. The server answers
 * every request before it takes the next, and ends when the requests are closed.
 */
#include <chanrt.h>

enum verb { VERB_GET, VERB_ADD };

struct request {
	enum verb verb;
	int       amount;
	chan_t   *reply;		/* int, rendezvous: the client waits */
};

static void account_server(void *arg)
{
	chan_t *requests = arg;
	int balance = 0;

	chan_range(struct request, rq, requests) {
		if (rq.verb == VERB_ADD)
			balance += rq.amount;
		chan_send(rq.reply, &balance);
	}
}

static int call(chan_t *requests, enum verb verb, int amount)
{
	struct request rq = { verb, amount, chan_make(int, 0) };
	int balance;

	chan_send(requests, &rq);
	chan_recv(rq.reply, &balance);
	chan_release(rq.reply);
	return balance;
}

struct client {
	chan_t       *requests;
	int           amount;
	wait_group_t *wg;
};

static void client_main(void *arg)
{
	struct client *c = arg;

	for (int i = 0; i < 3; i++)
		call(c->requests, VERB_ADD, c->amount);
	wait_group_done(c->wg);
}

int main(void)
{
	chan_t *requests = chan_make(struct request, 0);
	wait_group_t wg = { 0 };
	int balance;

	task_spawn(account_server, requests);
	wait_group_add(&wg, 2);
	task_go(client_main, (struct client){ requests, 5, &wg });
	task_go(client_main, (struct client){ requests, -2, &wg });
	wait_group_wait(&wg);

	balance = call(requests, VERB_GET, 0);
	chan_close(requests);
	return balance == 9 ? 0 : 1;
}
