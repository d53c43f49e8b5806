/* price_desk: a desk answers questions about prices; questions lie on the stacks of those who
 * ask. The desk writes its journal before it answers, and an assistant that is joined by a wait
 * group counts before it is done.
 */
#include <chanrt.h>
#include <stdatomic.h>
#include <stdio.h>

struct question {
	int     article;
	int     price;
	chan_t *answered;		/* signals */
};

struct stocktake {
	int           shelf;
	bool          thorough;
	wait_group_t  counted;
};

static atomic_int journal, thorough_shelves;

static void desk(void *arg)
{
	chan_t *questions = arg;
	struct question *q;

	while (chan_recv(questions, &q)) {
		q->price = 100 + q->article;
		journal += q->article;
		chan_send(q->answered, NULL);
	}
}

static int price_of(chan_t *questions, int article)
{
	struct question q = { article, 0, chan_create(0, 0) };
	struct question *message = &q;

	chan_send(questions, &message);
	chan_recv(q.answered, NULL);
	chan_release(q.answered);
	return q.price;
}

static void count(void *arg)
{
	struct stocktake *s = arg;

	task_sleep(s->shelf * TASK_MILLISECOND);
	if (s->thorough)
		atomic_fetch_add(&thorough_shelves, 1);
	wait_group_done(&s->counted);
}

static void take_stock(int shelf)
{
	struct stocktake s = { .shelf = shelf, .thorough = shelf % 2 == 0 };

	wait_group_add(&s.counted, 1);
	task_spawn(count, &s);
	wait_group_wait(&s.counted);
}

int main(void)
{
	chan_t *questions = chan_make(struct question *, 0);
	int sum = 0;

	task_spawn(desk, questions);
	for (int article = 1; article <= 3; article++)
		sum += price_of(questions, article);
	chan_close(questions);
	for (int shelf = 1; shelf <= 2; shelf++)
		take_stock(shelf);
	printf("%d\n", sum);
	return sum != 306;
}
