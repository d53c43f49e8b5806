/* As many drivers as asked for, but the garage has four cars; keys are handed out and given back. */
#include <stdio.h>
#include <stdlib.h>

#include "chanrt.h"

enum { CARS = 4 };

struct garage {
    chan_t *keys;                       /* int */
    chan_t *home;                       /* int: number of the driver */
};

struct trip {
    struct garage *garage;
    int            driver;
};

static void drive(void *arg)
{
    struct trip trip = *(struct trip *)arg;
    int key;

    chan_recv(trip.garage->keys, &key); // leak: forgotten-receiver
    chan_send(trip.garage->home, &trip.driver);
}

int main(int argc, char **argv)
{
    static struct garage garage;
    int drivers = argc > 1 ? atoi(argv[1]) : 7, driver, sum = 0;

    if (drivers < 1)
        return 1;
    garage.keys = chan_make(int, CARS);
    garage.home = chan_make(int, 0);
    for (int key = 0; key < CARS; key++)
        chan_send(garage.keys, &key);
    for (int i = 0; i < drivers; i++)
        task_spawn_copy(drive, (&(struct trip){ &garage, i }), sizeof(struct trip));
    for (int i = 0; i < drivers; i++) {
        chan_recv(garage.home, &driver); // leak-secondary
        sum += driver;
    }
    printf("%d\n", sum);
    return 0;
}
