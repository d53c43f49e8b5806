/* A recorder counts its frames for as long as frames come. Each fourth is a key frame, which the camera wants to be
 * acknowledged, and each sixth is shown to a viewer, who takes no other: both sides agree on when that is, whatever the count has come to. */
#include "chanrt.h"

struct recorder {
	chan_t  *frames;        /* int, rendezvous */
	chan_t  *keys;          /* signals: a key frame is safe */
	chan_t  *view;          /* int, rendezvous */
	chan_t  *ended;
	unsigned count;
};

static void record(void *arg)
{
	struct recorder *r = arg;

	chan_range(int, frame, r->frames) {
		r->count++;
		if ((r->count & 3) == 0)
			chan_send(r->keys, NULL);
		if (r->count % 6 == 0)
			chan_send(r->view, &frame);
	}
	chan_close(r->view);
	chan_close(r->ended);
}

static void view(void *arg)
{
	struct recorder *r = arg;
	long sum = 0;

	chan_range(int, frame, r->view)
		sum += frame;
	printf("%ld\n", sum);
	chan_recv(r->ended, NULL);
}

struct camera {
	struct recorder *to;
	chan_t          *stop;
	unsigned         taken;
};

static void film(void *arg)
{
	struct camera *c = arg;

	for (int light = 7; ; light = light * 5 % 11) {
		if (chan_poll(CHAN_RECV(c->stop, NULL)) == 0)
			break;
		chan_send(c->to->frames, &light);
		if (++c->taken % 4 == 0)
			chan_recv(c->to->keys, NULL);
	}
	chan_close(c->to->frames);
}

int main(void)
{
	static struct recorder r;
	static struct camera c;

	r.frames = chan_make(int, 0);
	r.keys = chan_create(0, 0);
	r.view = chan_make(int, 0);
	r.ended = chan_create(0, 0);
	c.to = &r;
	c.stop = chan_create(0, 0);
	task_spawn(record, &r);
	task_spawn(view, &r);
	task_spawn(film, &c);
	task_sleep(20 * TASK_MILLISECOND);
	chan_close(c.stop);
	chan_recv(r.ended, NULL);
	return 0;
}
