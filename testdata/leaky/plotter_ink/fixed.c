/* plotter_ink: the plotter asks for ink, and waits for it, with the level unlocked, so
 * that it can rise meanwhile.
 */
#include <chanrt.h>
#include <stdlib.h>

struct plotter {
	task_mutex_t lock;
	int          level;		/* ml, under lock */
	chan_t      *wanted;		/* int: ml; closed when the drawing is done */
	chan_t      *poured;		/* a signal for each pouring */
};

static void ink_pour(struct plotter *p, int ml)
{
	task_mutex_lock(&p->lock);
	p->level += ml;
	task_mutex_unlock(&p->lock);
}

static void supply(void *arg)
{
	struct plotter *p = arg;
	int ml;

	while (chan_recv(p->wanted, &ml)) {
		ink_pour(p, ml);
		chan_send(p->poured, NULL);
	}
	chan_close(p->poured);
}

static void line_draw(struct plotter *p, int ml)
{
	task_mutex_lock(&p->lock);
	while (p->level < ml) {
		task_mutex_unlock(&p->lock);
		chan_send(p->wanted, &ml);
		chan_recv(p->poured, NULL);
		task_mutex_lock(&p->lock);
	}
	p->level -= ml;
	task_mutex_unlock(&p->lock);
}

int main(void)
{
	struct plotter *p = calloc(1, sizeof *p);

	if (!p)
		return 1;
	p->wanted = chan_make(int, 1);
	p->poured = chan_create(0, 0);
	task_spawn(supply, p);
	for (int ml = 1; ml <= 3; ml++)
		line_draw(p, ml);
	chan_close(p->wanted);
	chan_recv(p->poured, NULL);
	printf("%d ml left\n", p->level);
	chan_release(p->wanted);
	chan_release(p->poured);
	free(p);
	return 0;
}
