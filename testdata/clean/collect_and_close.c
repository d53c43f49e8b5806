/* collect_and_close: who made the channel takes one answer from each task, or waits for all of
 * them and takes what is there, and closes it then: nobody is left who could send.
 */
#include <chanrt.h>

enum { ASKED = 3 };

struct question {
	chan_t       *answers;		/* int */
	wait_group_t *asked;		/* or NULL */
	int           who;
};

static void answer(void *arg)
{
	struct question *q = arg;
	int yes = q->who % 2;

	chan_send(q->answers, &yes);
	if (q->asked)
		wait_group_done(q->asked);
}

static int ask_one_by_one(void)
{
	chan_t *answers = chan_make(int, 0);
	int yes, sum = 0;

	for (int i = 0; i < ASKED; i++)
		task_go(answer, (struct question){ answers, NULL, i });
	for (int i = 0; i < ASKED; i++) {
		chan_recv(answers, &yes);
		sum += yes;
	}
	chan_close(answers);
	chan_release(answers);
	return sum;
}

static int ask_all(void)
{
	chan_t *answers = chan_make(int, ASKED);
	wait_group_t asked = { 0 };
	int sum = 0;

	wait_group_add(&asked, ASKED);
	for (int i = 0; i < ASKED; i++)
		task_go(answer, (struct question){ chan_retain(answers), &asked, i });
	wait_group_wait(&asked);
	chan_close(answers);
	chan_range(int, yes, answers)
		sum += yes;
	return sum;
}

int main(void)
{
	return ask_one_by_one() == ask_all() ? 0 : 1;
}
