#include "blame.h"

#include "holders.h"

/* A stuck task is to blame for another when letting it go on - against all odds, by
 * force - would free the other, or when it holds the lock the other waits for. Whoever is
 * freed by somebody he cannot free himself is only waiting (secondary); two who would free
 * each other are in each other's way (mutual). */

enum {
    WHAT_IF_STATES = 600,
    FAR_STATES = 10000,         /* of one question whose answer is not near */
    FAR_STATES_ALL = 40000,     /* of all of a search */
    FAR_BYTES = 4 << 20,        /* of the states of one question */
    TWINS_TOLD_APART = 12,
};

static bool is_check(const struct machine *m, uint32_t task)
{
    const struct instr *in = machine_instr(m, task);

    return in && in->kind == INSTR_OP && in->op == FLOW_LEAK_CHECK_END;
}

bool is_lock_op(enum flow_op op)
{
    return op == FLOW_LOCK || op == FLOW_RDLOCK || op == FLOW_WRLOCK;
}

enum flow_op op_of(const struct machine *m, uint32_t task)
{
    const struct instr *in = machine_instr(m, task);

    return in && in->kind == INSTR_OP ? (enum flow_op)in->op : FLOW_OP_NONE;
}

void scene_fill(struct search *s, const struct stuck *stuck, struct scene *scene)
{
    scene->stuck = stuck;
    scene->count = 0;
    scene->traced = false;
    s->m->by_handle = true;
    search_load(s, stuck->node);
    for (uint32_t t = 0; t < s->m->task_count; t++)
        if ((stuck->tasks >> t & 1) && !is_check(s->m, t)) {
            scene->signature[scene->count] = machine_signature(s->m, t);
            scene->task[scene->count++] = t;
        }
    s->m->by_handle = false;
}

const struct trace *scene_trace(struct search *s, struct scene *scene, struct arena *arena)
{
    if (!scene->traced)
        scene->trace = scene->stuck->retraced ? *scene->stuck->retraced
                                              : witness_stuck(s, scene->stuck->node, scene->stuck->tasks, arena);
    scene->traced = true;
    return &scene->trace;
}

/* ---- what if ------------------------------------------------------------------- */

/* The scene's state, its tasks marked: each is told from its twins, whatever object they stand at. */
static void load_marked(struct search *s, const struct scene *scene)
{
    search_load(s, scene->stuck->node);
    for (uint32_t i = 0; i < scene->count; i++)
        s->m->tasks[scene->task[i]].mark = (uint8_t)(i + 1);
}

/* Those of the scene that the branch has moved, a bit each. */
static uint64_t moved_in(const struct search *branch, const struct scene *scene, const uint32_t *signature)
{
    uint64_t moved = 0;

    for (uint32_t i = 0; i < scene->count; i++)
        for (uint32_t e = 0; e < branch->edge_count && !(moved >> i & 1); e++)
            if (search_edge_moves(branch, &branch->edges[e], signature[i]))
                moved |= (uint64_t)1 << i;
    return moved;
}

/* Those of the scene that can move, whoever else may have to do so before, by a search that may have so many states. */
static uint64_t look_who_moves(struct search *s, const struct scene *scene, bool far, uint32_t states, bool *cut)
{
    uint32_t signature[SCENE_TASKS];
    struct arena *arena = arena_new();
    struct search branch;
    uint64_t moved;

    load_marked(s, scene);
    for (uint32_t i = 0; i < scene->count; i++)
        signature[i] = machine_signature(s->m, scene->task[i]);
    search_init(&branch, s->m, s->options, arena);
    if (far)
        search_deep_from_here(&branch, states, FAR_BYTES);
    else
        search_from_here(&branch, states);
    moved = moved_in(&branch, scene, signature);
    *cut = branch.cut != COVERAGE_EXPLORED;
    s->far_states += !far ? 0 : *cut ? states : branch.node_count;
    search_free(&branch);
    arena_free(arena);
    return moved;
}

/* Where there are too many states to look at all that are near, those far away are looked for, too, unless
 * the options say how far to look. */
static uint64_t can_move(struct search *s, const struct scene *scene)
{
    uint32_t asked = s->options->what_if_states;
    bool cut;
    uint64_t moved = look_who_moves(s, scene, false, asked ? asked : WHAT_IF_STATES, &cut);

    if (cut && !asked && s->far_states < FAR_STATES_ALL)
        moved |= look_who_moves(s, scene, true, FAR_STATES, &cut);
    return moved;
}

/* The tasks of the scene, a bit each, that move when those in `who` can always go on with what they
 * wait for now. */
static uint64_t freed_by(struct search *s, const struct scene *scene, uint64_t who)
{
    struct machine *m = s->m;
    uint32_t forced[SCENE_TASKS], count = 0;
    uint64_t moved;

    m->forced = FORCED_NOBODY;
    machine_first_choice(m);
    load_marked(s, scene);
    for (uint64_t left = who; left; left &= left - 1)
        forced[count++] = machine_signature(m, scene->task[__builtin_ctzll(left)]);
    m->forced_signatures = forced;
    m->forced_count = count;
    moved = can_move(s, scene);
    m->forced = FLOW_NONE;
    m->forced_count = 0;
    return moved & ~who;
}

/* Does task i move when all the others but its rivals can always go on with whatever they come to wait for? */
static bool is_freed_by_all(struct search *s, const struct scene *scene, uint32_t i)
{
    struct machine *m = s->m;
    uint64_t moved;

    m->forced = FORCED_NOBODY;
    m->forced_marks = ~((uint64_t)1 << i | scene->rivals[i]);
    machine_first_choice(m);
    moved = can_move(s, scene);
    m->forced = FLOW_NONE;
    m->forced_marks = 0;
    return moved >> i & 1;
}

/* ---- who waits for whom --------------------------------------------------------- */

/* Who waits for the same as another, in the same direction, competes with him: neither is to blame. */
static bool same_wish(struct machine *m, const struct waiting *a, const struct waiting *b)
{
    if (is_lock_op(a->op) || is_lock_op(b->op) || a->count != b->count || a->count == 0)
        return false;
    for (uint32_t i = 0; i < a->count; i++) {
        struct value x = value_resolve(m, a->handle[i]), y = value_resolve(m, b->handle[i]);

        if (x.kind != y.kind || x.id != y.id || x.n != y.n || a->is_send[i] != b->is_send[i])
            return false;
    }
    return true;
}

static void find_rivals(struct search *s, struct scene *scene)
{
    struct waiting *w = ARENA_ARRAY(s->arena, struct waiting, scene->count);

    search_load(s, scene->stuck->node);
    for (uint32_t i = 0; i < scene->count; i++)
        op_waiting(s->m, scene->task[i], &w[i]);
    for (uint32_t i = 0; i < scene->count; i++)
        for (uint32_t k = 0; k < scene->count; k++)
            if (i != k && same_wish(s->m, &w[i], &w[k]))
                scene->rivals[i] |= (uint64_t)1 << k;
}

/* Whoever holds a lock is to blame for those who wait for it, also when nothing would make him give
 * it back: he may wait in a loop for what they would do. */
static void blame_holders(struct search *s, struct scene *scene, struct arena *arena)
{
    for (uint32_t i = 0; i < scene->count; i++) {
        const struct trace *t;
        uint32_t since;

        search_load(s, scene->stuck->node);
        if (!is_lock_op(op_of(s->m, scene->task[i])))
            continue;
        t = scene_trace(s, scene, arena);
        since = holder_step(t->steps, t->count, &t->blocks[scene->task[i]]);
        for (uint32_t k = 0; since != FLOW_NONE && k < scene->count; k++)
            if (k != i && t->names[scene->task[k]] == t->steps[since].task)
                scene->frees[k] |= (uint64_t)1 << i;
    }
}

/* Several who wait for the same may have to go on together: a wait group waits for them all. */
static void find_freed_together(struct search *s, struct scene *scene)
{
    uint64_t known = 0;

    for (uint32_t i = 0; i < scene->count; i++) {
        uint64_t all = scene->rivals[i] | (uint64_t)1 << i, freed;

        if (scene->rivals[i] == 0 || (known >> i & 1))
            continue;
        freed = freed_by(s, scene, all);
        known |= all;
        for (uint64_t left = all; left; left &= left - 1)
            scene->frees[__builtin_ctzll(left)] |= freed;
    }
}

static void find_freed(struct search *s, struct scene *scene)
{
    for (uint32_t i = 0; i < scene->count; i++) {
        bool known = false;

        for (uint32_t k = 0; k < i && scene->count > TWINS_TOLD_APART; k++)
            if (scene->signature[k] == scene->signature[i]) {
                scene->frees[i] = scene->frees[k];
                known = true;
            }
        if (!known)
            scene->frees[i] = freed_by(s, scene, (uint64_t)1 << i);
        scene->frees[i] &= ~scene->rivals[i];
    }
}

/* ---- roles ------------------------------------------------------------------------ */

static enum stuck_role role_of(struct search *s, const struct scene *scene, uint32_t i)
{
    bool freed = false, mutual = false;

    for (uint32_t k = 0; k < scene->count; k++)
        if (k != i && (scene->frees[k] >> i & 1)) {
            freed = true;
            mutual |= scene->frees[i] >> k & 1;
        }
    if (!freed)
        freed = is_freed_by_all(s, scene, i);
    return !freed ? ROLE_PRIMARY : mutual ? ROLE_MUTUAL : ROLE_SECONDARY;
}

/* When everybody only waits for the others, they wait for one another. */
static void find_circle(struct scene *scene)
{
    for (uint32_t i = 0; i < scene->count; i++)
        if (scene->role[i] != ROLE_SECONDARY)
            return;
    for (uint32_t i = 0; i < scene->count; i++)
        scene->role[i] = ROLE_MUTUAL;
}

/* Has task k of the scene ever had to do with what task i of it waits for? */
static bool has_served(const struct scene *scene, uint32_t k, uint32_t i)
{
    const struct trace *t = &scene->trace;
    const struct step *wait = &t->blocks[scene->task[i]];
    uint32_t name = t->names[scene->task[k]];

    for (uint32_t n = 0; wait->object && n < t->count; n++)
        if (t->steps[n].object == wait->object && (t->steps[n].task == name || t->steps[n].other == name))
            return true;
    return false;
}

/* Whoever waits for a lock is no bystander: what keeps the lock is a finding at both ends. With a
 * holder who waits for something it has been serving he is in a circle, also when it would
 * not do so once more. */
static void blame_lockers(struct search *s, struct scene *scene)
{
    search_load(s, scene->stuck->node);
    for (uint32_t i = 0; i < scene->count; i++) {
        if (scene->role[i] == ROLE_MUTUAL || !is_lock_op(op_of(s->m, scene->task[i])))
            continue;
        scene->role[i] = ROLE_PRIMARY;
        for (uint32_t k = 0; k < scene->count; k++)
            if (scene->role[k] != ROLE_SECONDARY && (scene->frees[k] >> i & 1) &&
                !is_lock_op(op_of(s->m, scene->task[k])) && has_served(scene, i, k))
                scene->role[k] = scene->role[i] = ROLE_MUTUAL;
    }
}

void scene_roles(struct search *s, struct scene *scene, struct arena *arena)
{
    for (uint32_t i = 0; i < scene->count; i++) {
        scene->frees[i] = scene->rivals[i] = 0;
        scene->role[i] = ROLE_PRIMARY;
    }
    if (scene->count < 2 || scene->stuck->caller_bound)
        return;
    find_rivals(s, scene);
    find_freed(s, scene);
    find_freed_together(s, scene);
    blame_holders(s, scene, arena);
    for (uint32_t i = 0; i < scene->count; i++)
        scene->role[i] = role_of(s, scene, i);
    find_circle(scene);
    blame_lockers(s, scene);
}
