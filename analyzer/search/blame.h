/* blame.h - of tasks that are stuck together: who waits for whom. */
#ifndef BLAME_H
#define BLAME_H

#include "search.h"

enum { SCENE_TASKS = 64 };

/* The stuck tasks of one state. */
struct scene {
    const struct stuck *stuck;
    uint32_t count;
    uint32_t task[SCENE_TASKS];
    uint32_t signature[SCENE_TASKS];
    uint64_t frees[SCENE_TASKS];    /* tasks of the scene, a bit each, that would go on if it did */
    uint64_t rivals[SCENE_TASKS];   /* those who wait for the same: neither is to blame for the other */
    uint8_t  role[SCENE_TASKS];     /* enum stuck_role */
    struct trace trace;             /* how they got there; once it was needed */
    bool     traced;
};

/* Who is stuck in the state, and where. */
void scene_fill(struct search *s, const struct stuck *stuck, struct scene *scene);

/* The schedule that led there; allocated from arena. */
const struct trace *scene_trace(struct search *s, struct scene *scene, struct arena *arena);

/* Fill in frees and role. */
void scene_roles(struct search *s, struct scene *scene, struct arena *arena);

bool is_lock_op(enum flow_op op);
/* The operation a task of the machine's state is at. */
enum flow_op op_of(const struct machine *m, uint32_t task);

#endif
