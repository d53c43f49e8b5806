/* lobby_cast: a lobby of a game. Whatever a player says is handed to every player's inbox; those
 * who have heard enough leave, and their inbox fills up. */
#include "chanrt.h"

enum { PLAYERS = 4, ENOUGH = 2 };

struct lobby {
    chan_t      *said;              /* int: who */
    chan_t      *inbox[PLAYERS];    /* int; closed by the caster */
    wait_group_t speakers, listeners;
};

struct player {
    struct lobby *lobby;
    int           number;
};

static void cast(void *arg)
{
    struct lobby *l = *(struct lobby **)arg;
    int who;

    while (chan_recv(l->said, &who))
        for (int i = 0; i < PLAYERS; i++)
            chan_send(l->inbox[i], &who); // leak: forgotten-sender
    for (int i = 0; i < PLAYERS; i++)
        chan_close(l->inbox[i]);
}

static void speak(void *arg)
{
    struct player *p = arg;

    chan_send(p->lobby->said, &p->number); // leak-secondary
    wait_group_done(&p->lobby->speakers);
}

static void listen(void *arg)
{
    struct player *p = arg;
    chan_t *inbox = p->lobby->inbox[p->number];
    int heard = 0, who;

    while (heard < ENOUGH && chan_recv(inbox, &who)) {
        heard++;
        printf("%d hears %d\n", p->number, who);
    }
    wait_group_done(&p->lobby->listeners);
}

static void lobby_open(struct lobby *l)
{
    l->said = chan_make(int, 0);
    for (int i = 0; i < PLAYERS; i++)
        l->inbox[i] = chan_make(int, 1);
    task_go(cast, l);
}

int main(void)
{
    static struct lobby lobby;

    lobby_open(&lobby);
    for (int i = 0; i < PLAYERS; i++) {
        wait_group_add(&lobby.listeners, 1);
        wait_group_add(&lobby.speakers, 1);
        task_go(listen, (struct player){ &lobby, i });
        task_go(speak, (struct player){ &lobby, i });
    }
    wait_group_wait(&lobby.speakers); // leak-secondary
    chan_close(lobby.said);
    wait_group_wait(&lobby.listeners); // leak-secondary
    return 0;
}
