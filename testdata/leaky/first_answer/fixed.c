/* first_answer: the fastest of three resolvers wins; the channel has room for the
 * answers of the other two.
 */
#include <stdlib.h>
#include <string.h>

#include <chanrt.h>

#define NSERVERS 3

struct answer {
	int      server;
	unsigned address;
};

struct lookup {
	const char *name;
	chan_t     *answers;		/* struct answer */
	int         refs;
	task_mutex_t lock;		/* protects refs */
};

struct query {
	struct lookup *lookup;
	int            server;
	int64_t        latency;
};

static struct lookup *lookup_new(const char *name, int refs)
{
	struct lookup *l = calloc(1, sizeof(*l));

	if (!l)
		abort();
	l->name = name;
	l->refs = refs;
	l->answers = chan_make(struct answer, NSERVERS);
	return l;
}

static void lookup_put(struct lookup *l)
{
	bool last;

	task_mutex_lock(&l->lock);
	last = --l->refs == 0;
	task_mutex_unlock(&l->lock);
	if (last) {
		chan_release(l->answers);
		free(l);
	}
}

static void post(chan_t *ch, const void *message)
{
	chan_send(ch, message);
}

static void lookup_answer(struct lookup *l, int server, unsigned address)
{
	struct answer a = { .server = server, .address = address };

	post(l->answers, &a);
}

static void query_server(void *arg)
{
	struct query *q = arg;

	task_sleep(q->latency);
	lookup_answer(q->lookup, q->server, (unsigned)strlen(q->lookup->name));
	lookup_put(q->lookup);
}

static unsigned resolve(const char *name)
{
	struct lookup *l = lookup_new(name, NSERVERS + 1);
	struct answer a;

	for (int i = 0; i < NSERVERS; i++)
		task_go(query_server, (struct query){
			.lookup = l, .server = i, .latency = (i + 1) * TASK_MILLISECOND });

	chan_recv(l->answers, &a);
	printf("server %d was first\n", a.server);
	lookup_put(l);
	return a.address;
}

int main(void)
{
	printf("address %u\n", resolve("example.org"));
	return 0;
}
