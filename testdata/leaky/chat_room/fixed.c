/* chat_room: a message is handed to the members under the lock of the room, but a full
 * inbox is passed over, and every member is told at the end that it is over.
 */
#include <chanrt.h>

#define MEMBERS  2
#define MESSAGES 3

struct member {
	struct room *room;
	chan_t      *inbox;		/* int, capacity 1 */
	int          patience;		/* leaves after so many messages */
	bool         here;		/* under the lock of the room */
};

struct room {
	task_mutex_t  mu;
	struct member members[MEMBERS];
	wait_group_t  left;
};

static void room_say(struct room *r, int message)
{
	task_mutex_lock(&r->mu);
	for (int i = 0; i < MEMBERS; i++)
		if (r->members[i].here)
			chan_try_send(r->members[i].inbox, &message);
	task_mutex_unlock(&r->mu);
}

static void room_leave(struct member *m)
{
	task_mutex_lock(&m->room->mu);
	m->here = false;
	task_mutex_unlock(&m->room->mu);
	wait_group_done(&m->room->left);
}

static void listen(void *arg)
{
	struct member *m = arg;
	int message;

	for (int heard = 0; heard < m->patience; heard++) {
		if (!chan_recv(m->inbox, &message))
			break;
		printf("%d\n", message);
	}
	room_leave(m);
}

int main(void)
{
	static struct room room;

	for (int i = 0; i < MEMBERS; i++) {
		room.members[i] = (struct member){ &room, chan_make(int, 1), i + 1, true };
		wait_group_add(&room.left, 1);
		task_spawn(listen, &room.members[i]);
	}
	for (int message = 0; message < MESSAGES; message++)
		room_say(&room, message);
	for (int i = 0; i < MEMBERS; i++)
		chan_close(room.members[i].inbox);
	wait_group_wait(&room.left);
	return 0;
}
