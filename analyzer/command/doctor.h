/* doctor.h - what is wrong with the set-up, and what helps. */
#ifndef DOCTOR_H
#define DOCTOR_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "arena.h"

enum health { HEALTH_OK, HEALTH_WARNING, HEALTH_ERROR };

struct remark {
    enum health health;
    const char *about;          /* "compile database" */
    const char *text;           /* what is so, and what helps if it is not as it should be */
};

struct doctor {
    struct arena  *arena;
    const char    *config;      /* --config, or NULL: look for it */
    bool           no_config;
    const char    *rules;       /* --rules, or NULL */
    const char    *database;    /* -p, or NULL: as configured, or look for it */
    const char    *store;       /* the facts file */
    const char    *runtime;     /* --runtime, or NULL */
    struct remark *list;
    uint32_t       count, capacity;
};

/* Look at everything; nothing is changed. Fills the list. */
void doctor_examine(struct doctor *doctor);

#endif
