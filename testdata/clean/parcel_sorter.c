/* Parcels of several kinds go down one belt as pointers to nothing in particular. Each kind begins alike, as each
 * clerk wrote it down anew: the sorter looks at the kind through whichever record is at hand, the scales
 * call it a class. */
#include <chanrt.h>
#include <stdio.h>

enum kind { LETTER = 1, CRATE, CLOSING };

struct letter { enum kind kind; chan_t *receipt; const char *address; };
struct crate  { enum kind kind; chan_t *receipt; double weight; int floors; };
struct label  { int class; chan_t *back; };

static int fee(void *parcel)
{
    struct label *l = parcel;

    return l->class == CRATE ? 40 : 2;
}

static void sorter(void *arg)
{
    chan_t *belt = arg;
    void *parcel;

    while (chan_recv(belt, &parcel)) {
        struct letter *l = parcel;
        int due = fee(parcel);

        if (l->kind == CLOSING) {
            chan_close(((struct label *)parcel)->back);
            return;
        }
        if (l->kind == CRATE) {
            struct crate *c = parcel;

            due += c->floors;
        }
        chan_send(l->receipt, &due);
    }
}

static int hand_in(chan_t *belt, void *parcel, chan_t *receipt)
{
    int due = 0;

    chan_send(belt, &parcel);
    return chan_recv(receipt, &due) ? due : -1;
}

int main(void)
{
    chan_t *belt = chan_make(void *, 0), *receipt = chan_make(int, 0);
    struct letter l = { .kind = LETTER, .receipt = receipt, .address = "12 Mill Lane" };
    struct crate c = { .kind = CRATE, .receipt = receipt, .weight = 12.5, .floors = 3 };
    struct label last = { .class = CLOSING, .back = receipt };

    task_spawn(sorter, belt);
    printf("letter: %d\n", hand_in(belt, &l, receipt));
    printf("crate: %d\n", hand_in(belt, &c, receipt));
    printf("closing: %d\n", hand_in(belt, &last, receipt));
    return 0;
}
