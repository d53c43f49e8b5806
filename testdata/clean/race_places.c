/* race_places: runners with random times are sorted; each of them gets its place, whatever the order */
#include "chanrt.h"
#include <stdlib.h>

enum { RUNNERS = 6 };

struct runner { int time; chan_t *place; };     /* place: int */

static int by_time(const void *a, const void *b)
{
	const struct runner *x = a, *y = b;

	return (x->time > y->time) - (x->time < y->time);
}

static void wait_for_place(void *arg)
{
	struct runner *r = arg;
	int place;

	chan_recv(r->place, &place);
	printf("%d: place %d\n", r->time, place);
}

int main(void)
{
	static struct runner r[RUNNERS];

	for (int i = 0; i < RUNNERS; i++) {
		r[i] = (struct runner){ 50 + rand() % 20, chan_make(int, 1) };
		task_go(wait_for_place, r[i]);
	}
	qsort(r, RUNNERS, sizeof r[0], by_time);
	for (int i = 0; i < RUNNERS; i++)
		chan_send(r[i].place, &i);
	return 0;
}
