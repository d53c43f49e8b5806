/* lanes.h - a schedule as a picture: a lane for each task, time downwards, and who hands over to whom. */
#ifndef LANES_H
#define LANES_H

#include "report.h"

enum arrow_kind {
    ARROW_SPAWN,            /* starts */
    ARROW_VALUE,            /* send to receive */
    ARROW_MEET,             /* a select and another task: which of them sends is not said */
    ARROW_CLOSE,            /* close or cancel to who finds it closed */
    ARROW_LOCK,             /* unlock to lock */
    ARROW_DONE,             /* done to wait, signal to who goes on */
    ARROW_HELD,             /* from who waits to who has the lock */
};

/* From a row of a lane to one further down, or the same. */
struct lane_arrow {
    enum arrow_kind kind;
    uint32_t from_row, to_row, from, to;    /* rows of `rows`, lanes */
    bool     matters;
};

struct lane_row {
    const struct trace_note *note;
    const char *text;       /* without who does it */
    uint32_t    lane;
    uint32_t    peer;       /* lane of who takes part in it, or FLOW_NONE */
    const char *peer_text;  /* what that one does */
    bool        matters;    /* one of those a person needs, or what hands over to it or takes from it */
    bool        ends;       /* blocks for ever, aborts */
};

struct lane {
    uint32_t    task;
    const char *name;       /* "main", "T1" */
    const char *entry;      /* the function it runs; "" when not known */
    uint32_t    first;      /* row it begins in; 0 of the root */
    uint32_t    last;       /* row it returns in, else the last of all */
    bool        returns;
    bool        matters;    /* something that matters happens in it */
    uint32_t    blocked;    /* row it blocks for ever in, or FLOW_NONE */
};

struct lanes {
    struct lane       *lanes;   uint32_t lane_count;
    struct lane_row   *rows;    uint32_t row_count;
    struct lane_arrow *arrows;  uint32_t arrow_count, arrow_capacity;
    bool               all;     /* every step is there; else it is too long, and those that matter are */
};

struct lanes lanes_of(const struct finding *finding, struct arena *arena);

#endif
