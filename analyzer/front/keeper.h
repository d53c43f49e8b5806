/* keeper.h - a chanleak-parse that lives as long as the server, and keeps the translation units of open files.
 *
 * Who analyses is a process that may be killed at any moment: it talks to the keeper through a connection of its own,
 * so what it leaves half said disturbs nobody.
 */
#ifndef KEEPER_H
#define KEEPER_H

#include <stddef.h>
#include <sys/types.h>

struct keeper {
    pid_t pid;                  /* 0: it does not run */
    int   control;              /* connections are handed over here */
};

/* A new connection, for parser_options.keeper; starts the keeper when it does not run. -1: there is no
 * chanleak-parse, or no descriptor left. */
int  keeper_connect(struct keeper *keeper, const char *const *models, size_t model_count);
void keeper_stop(struct keeper *keeper);

/* The other side: waits for the next connection. -1: there are no more. */
int  keeper_receive(int control);

#endif
