#include "follow.h"

#include "accelerate.h"
#include "reduce.h"
#include "repeat.h"
#include "way.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum {
    STEPS_MAX = 20000,          /* walked, not jumped over */
    PERIOD_MAX = 96,            /* steps of a round */
    SETTLE_STATES = 3000,       /* in which what was reached is looked at */
};
static const double seconds_max = 0.3;

/* A state on the real run, and how it went on. */
struct past {
    uint64_t shape;             /* of its bytes without the numbers */
    size_t   numbers, sums;     /* where they begin */
    size_t   number_count;
    uint64_t move;
    uint32_t steps;             /* of the trace that lead to it */
};

struct retrace {
    const struct goal *goal;
    struct search  *s;
    struct machine *m;
    struct arena   *arena;
    struct way      way;        /* of the scaled schedule */
    uint32_t        at;         /* on the way */
    struct bytes    state;      /* the present one, its numbers apart */
    struct numbers_apart apart; /* those of all the past, then of the present */
    struct sums     sums;
    struct past    *past;       uint32_t past_count, past_capacity;
    uint32_t        steps;
    uint32_t        names[65];  /* of the tasks of the present state */
    uint32_t       *objects;    uint32_t object_count, object_capacity;     /* names of its objects */
    uint32_t        last;       /* the name of who moved last */
    const uint32_t *stuck;      uint32_t stuck_count;   /* signatures */
    uint32_t        noticed;    /* name of the task that did what is remarked on, or FLOW_NONE */
};

/* ---- states ---------------------------------------------------------------------- */

static void load(struct retrace *r)
{
    struct past *now = &r->past[r->past_count - 1];

    r->apart.next = now->numbers;
    r->sums.count = now->sums;
    r->m->apart = &r->apart;
    machine_load(r->m, r->state.at);
    r->m->apart = NULL;
    for (uint32_t t = 0; t < r->m->task_count; t++)
        r->m->tasks[t].name = r->names[t];
    for (uint32_t i = 0; i < r->object_count; i++)
        r->m->objects[i].name = r->objects[i];
}

/* The machine's state is the present one. */
static void arrive(struct retrace *r)
{
    struct machine *m = r->m;
    size_t numbers = r->past_count ? r->past[r->past_count - 1].numbers + r->past[r->past_count - 1].number_count : 0;
    struct past now = { .numbers = numbers, .sums = r->sums.count, .steps = m->step_count };
    uint32_t order[65];

    r->apart.count = numbers;
    m->apart = &r->apart;
    machine_save(m, &r->state, order);
    m->apart = NULL;
    for (uint32_t t = 0, n = 0; t < m->task_count; t++)
        if (t == 0 || m->tasks[t].frame_count) {
            r->names[n] = m->tasks[order[n]].name;
            n++;
        }
    r->object_count = 0;
    for (uint32_t i = 0; i < m->kept_count; i++)
        ARENA_PUSH(r->arena, r->objects, r->object_count, r->object_capacity) = m->objects[m->kept[i]].name;
    now.shape = XXH3_64bits(r->state.at, r->state.size);
    now.number_count = r->apart.count - numbers;
    ARENA_PUSH(r->arena, r->past, r->past_count, r->past_capacity) = now;
}

/* Forget how the present state was reached. */
static void forget(struct retrace *r)
{
    struct past now = r->past[r->past_count - 1];

    memmove(r->apart.at, r->apart.at + now.numbers, now.number_count * sizeof *r->apart.at);
    r->apart.count = now.number_count;
    r->sums.count = 0;
    now.numbers = now.sums = 0;
    r->past[0] = now;
    r->past_count = 1;
}

/* ---- jumping ------------------------------------------------------------------------ */

static bool is_round(const struct retrace *r, uint32_t period)
{
    const struct past *now = &r->past[r->past_count - 1];

    if (now[-(int)period].shape != now->shape || now[-2 * (int)period].shape != now->shape ||
        now[-(int)period].number_count != now->number_count ||
        now[-2 * (int)period].number_count != now->number_count)
        return false;
    for (uint32_t i = 1; i <= period; i++)
        if (now[-(int)i].move != now[-(int)(i + period)].move)
            return false;
    return true;
}

/* When the last steps have gone round twice, go round as often as nothing changes. */
static void jump(struct retrace *r)
{
    for (uint32_t period = 1; period <= PERIOD_MAX && 2 * period < r->past_count; period++) {
        const struct past *p[3];
        struct rounds rounds = { 0 };
        int64_t times, *now;

        if (!is_round(r, period))
            continue;
        for (uint32_t i = 0; i < 3; i++) {
            p[i] = &r->past[r->past_count - 1 - (2 - i) * period];
            rounds.numbers[i] = r->apart.at + p[i]->numbers;
        }
        rounds.number_count = p[2]->number_count;
        for (uint32_t i = 0; i < 2; i++) {
            rounds.sums[i] = r->sums.at + p[i]->sums;
            rounds.sum_count[i] = p[i + 1]->sums - p[i]->sums;
        }
        times = accelerate(&rounds);
        if (times == 0)
            continue;
        now = r->apart.at + p[2]->numbers;
        for (size_t i = 0; i < rounds.number_count; i++)
            now[i] += times * (now[i] - rounds.numbers[1][i]);
        repeat_mark(r->m->steps, p[2]->steps, p[2]->steps - p[1]->steps, times + 1);
        forget(r);
        return;
    }
}

/* ---- moving ------------------------------------------------------------------------- */

struct move {
    uint32_t task;
    uint32_t rank;              /* the smaller the better; 0: none */
    uint32_t place;             /* on the way, or FLOW_NONE */
    uint16_t choices[CHOICES_MAX];
    uint32_t choice_count;
    bool     forced;
};

enum { RANK_HINTED = 1, RANK_NEXT, RANK_BACK, RANK_AHEAD, RANK_SAME_TASK, RANK_ANY };

static bool faulted_so(const struct retrace *r)
{
    const struct machine *m = r->m;
    const struct fault *fault = r->goal->fault;

    return m->end == RUN_FAULTED && fault && m->fault == fault->kind && same_place(m->fault_at, fault->at);
}

/* How good is it to be where the machine is now, after a step of a task with this signature? */
static uint32_t rank_of(const struct retrace *r, uint32_t signature, bool hinted, uint32_t *place)
{
    bool same_task = r->way.at[r->at].signature == signature;

    *place = way_place(&r->way, r->at, way_control(r->m));
    if (*place == r->at + 1 && same_task)
        return hinted ? RANK_HINTED : RANK_NEXT;
    if (*place == FLOW_NONE)
        return same_task ? RANK_SAME_TASK : RANK_ANY;
    return *place <= r->at ? RANK_BACK : RANK_AHEAD;
}

/* As good as the best, whoever moved last goes on: a round of one task is soon found to be one. */
static bool is_better(const struct retrace *r, uint32_t task, uint32_t rank, uint32_t place, const struct move *best)
{
    if (rank != best->rank)
        return rank < best->rank;
    if (rank == RANK_BACK && place != best->place)
        return place > best->place;
    return r->names[task] == r->last && r->names[best->task] != r->last;
}

/* Try one move from the present state; keep it when it is the best. True: no need to look further. */
static bool try_move(struct retrace *r, uint32_t task, bool hinted, struct move *best, bool *faulted)
{
    struct machine *m = r->m;
    uint32_t signature = machine_signature(m, task), rank, place;
    bool moved = machine_step(m, task);

    if (faulted_so(r)) {
        *best = (struct move){ .task = task, .rank = RANK_HINTED, .choice_count = m->choice_at };
        memcpy(best->choices, m->choices, m->choice_at * sizeof *m->choices);
        *faulted = true;
        return true;
    }
    if (m->end != RUN_ON || m->task_count > 64 || (!moved && !m->choice_at))
        return false;
    rank = rank_of(r, signature, hinted, &place);
    if (best->rank && !is_better(r, task, rank, place, best))
        return false;
    *best = (struct move){ .task = task, .rank = rank, .place = place, .choice_count = m->choice_at };
    memcpy(best->choices, m->choices, m->choice_at * sizeof *m->choices);
    return rank == RANK_HINTED;
}

static void preset(struct machine *m, const uint16_t *choices, uint32_t count)
{
    machine_first_choice(m);
    for (uint32_t i = 0; i < count; i++) {
        m->choices[i] = choices[i];
        m->choice_limits[i] = UINT16_MAX;
    }
    m->choice_count = count;
}

/* As on the way, if that can be done. */
static bool try_hint(struct retrace *r, struct move *best, bool *faulted)
{
    const struct waypoint *w = &r->way.at[r->at];
    uint32_t tasks;

    if (r->at + 1 == r->way.count || w->forced)
        return false;
    load(r);
    tasks = r->m->task_count;
    for (uint32_t t = 0; t < tasks; t++) {
        load(r);
        if (!r->m->tasks[t].frame_count || machine_signature(r->m, t) != w->signature)
            continue;
        preset(r->m, r->s->choices + w->first_choice, w->choice_count);
        if (try_move(r, t, true, best, faulted))
            return true;
    }
    return false;
}

/* Nobody can move but who checks for leaks: he goes on. */
static void try_forced(struct retrace *r, struct move *best)
{
    struct machine *m = r->m;
    bool faulted = false;

    load(r);
    for (uint32_t t = 0; t < m->task_count; t++) {
        const struct instr *in = machine_instr(m, t);

        if (!in || in->kind != INSTR_OP || in->op != FLOW_LEAK_CHECK_END)
            continue;
        machine_first_choice(m);
        m->forced = t;
        try_move(r, t, false, best, &faulted);
        m->forced = FLOW_NONE;
        best->forced = best->rank != 0;
        return;
    }
}

static bool find_move(struct retrace *r, struct move *best, bool *faulted)
{
    struct machine *m = r->m;
    uint32_t tasks;

    if (try_hint(r, best, faulted))
        return true;
    load(r);
    tasks = m->task_count;
    for (uint32_t t = 0; t < tasks && !*faulted; t++) {
        load(r);
        if (!m->tasks[t].frame_count)
            continue;
        machine_first_choice(m);
        do {
            load(r);
            try_move(r, t, false, best, faulted);
        } while (!*faulted && machine_next_choice(m));
    }
    if (best->rank == 0 && !*faulted)
        try_forced(r, best);
    return best->rank != 0 || *faulted;
}

/* Its steps are recorded, and what is computed. */
static void step(struct retrace *r, const struct move *move)
{
    struct machine *m = r->m;

    load(r);
    preset(m, move->choices, move->choice_count);
    m->sums = &r->sums;
    m->tracing = true;
    m->forced = move->forced ? move->task : FLOW_NONE;
    machine_step(m, move->task);
    m->forced = FLOW_NONE;
    m->tracing = false;
    m->sums = NULL;
}

static void make_move(struct retrace *r, const struct move *move)
{
    step(r, move);
    r->last = r->names[move->task];
    r->past[r->past_count - 1].move =
        XXH3_64bits_withSeed(move->choices, move->choice_count * sizeof *move->choices, move->task);
    if (move->place != FLOW_NONE)
        r->at = move->place;
    arrive(r);
}

/* ---- the goal ----------------------------------------------------------------------------- */

/* Is there a task for each of the stuck ones among these? */
static bool are_among(struct retrace *r, uint64_t tasks)
{
    for (uint32_t i = 0; i < r->stuck_count; i++) {
        bool found = false;

        for (uint32_t t = 0; t < r->m->task_count; t++)
            found |= (tasks >> t & 1) && machine_signature(r->m, t) == r->stuck[i];
        if (!found)
            return false;
    }
    return true;
}

static uint64_t living(const struct machine *m)
{
    uint64_t alive = 0;

    for (uint32_t t = 0; t < m->task_count; t++)
        alive |= (uint64_t)(m->tasks[t].frame_count != 0) << t;
    return alive;
}

/* Whatever follows, do the stuck ones stay where they are? */
static bool stay_for_ever(struct retrace *r)
{
    struct arena *arena = arena_new();
    struct search branch;
    bool stay;

    load(r);
    r->m->forced = FORCED_NOBODY;
    machine_first_choice(r->m);
    search_init(&branch, r->m, r->s->options, arena);
    search_from_here(&branch, SETTLE_STATES);
    r->m->forced = FLOW_NONE;
    stay = branch.cut == COVERAGE_EXPLORED;
    for (uint32_t n = 0; n < branch.node_count && stay; n++)
        stay = !branch.nodes[n].open && !branch.nodes[n].ended;
    for (uint32_t e = 0; e < branch.edge_count && stay; e++)
        for (uint32_t i = 0; i < r->stuck_count; i++)
            stay &= !search_edge_moves(&branch, &branch.edges[e], r->stuck[i]);
    search_free(&branch);
    arena_free(arena);
    return stay;
}

/* The living, but for those who can move at once. */
static uint64_t at_rest(struct retrace *r)
{
    uint64_t rest;

    load(r);
    rest = living(r->m);
    for (uint32_t t = 0; t < 64; t++)
        if (rest >> t & 1) {
            load(r);
            machine_first_choice(r->m);
            if (machine_step(r->m, t) || r->m->end != RUN_ON)
                rest &= ~((uint64_t)1 << t);
        }
    load(r);
    return rest;
}

static bool is_stuck(struct retrace *r, const struct stuck *stuck)
{
    uint64_t rest = at_rest(r);

    if (!are_among(r, stuck->caller_bound ? living(r->m) : rest))
        return false;
    if (stuck->caller_bound)
        return r->m->tasks[0].frame_count == 0;
    machine_first_choice(r->m);
    if (are_among(r, unreachable_tasks(r->m, living(r->m))))
        return true;
    return stay_for_ever(r);
}

/* ---- following ------------------------------------------------------------------------------- */

/* The root's first steps, by the same choices. */
static bool begin(struct retrace *r, uint32_t first_choice, uint32_t choice_count)
{
    struct machine *m = r->m;
    bool begun;

    preset(m, r->s->choices + first_choice, choice_count);
    m->is_library = !r->s->is_main;
    m->tracing = true;
    m->trace_arena = r->s->arena;
    m->steps = NULL;
    m->step_count = m->step_capacity = 0;
    begun = machine_initial(m, r->s->root);
    m->tracing = false;
    if (faulted_so(r))
        return true;
    if (begun && m->task_count <= 64)
        arrive(r);
    return begun;
}

/* Did the last step do what is remarked on, or lose what was lost? */
static bool has_happened(struct retrace *r)
{
    const struct machine *m = r->m;
    const struct goal *goal = r->goal;

    for (uint32_t i = 0; goal->remark && i < m->notice_count; i++)
        if (m->notices[i].kind == goal->remark->what.kind && same_place(m->notices[i].at, goal->remark->what.at)) {
            r->noticed = m->notices[i].task == FLOW_NONE ? FLOW_NONE : m->tasks[m->notices[i].task].name;
            return true;
        }
    for (uint32_t i = 0; goal->loss && i < m->lost_count; i++)
        if (same_place(m->lost[i].made, goal->loss->what.made))
            return true;
    return false;
}

/* Follow the way to the goal. */
static bool follow(struct retrace *r)
{
    double start = search_now();
    const struct stuck *stuck = r->goal->stuck;

    while (r->steps++ < STEPS_MAX && search_now() - start < seconds_max) {
        struct move best = { .rank = 0 };
        bool faulted = false, arrived = r->at + 1 == r->way.count, moves;

        if (has_happened(r))
            return true;
        jump(r);
        if (arrived && !r->goal->fault && (!stuck || is_stuck(r, stuck)))
            return true;
        moves = find_move(r, &best, &faulted);
        if (faulted) {
            step(r, &best);
            return true;
        }
        if (!moves)
            return stuck && is_stuck(r, stuck);
        make_move(r, &best);
    }
    return false;
}

/* Begin as the schedule that leads to the node does - or, for a fault before the first
 * stop, to that - and follow it. */
static bool begin_and_follow(struct retrace *r, uint32_t node)
{
    uint32_t first_choice, choice_count;

    while (node != FLOW_NONE && r->s->nodes[node].parent != FLOW_NONE)
        node = r->s->nodes[node].parent;
    first_choice = node == FLOW_NONE ? r->goal->fault->first_choice : r->s->nodes[node].first_choice;
    choice_count = node == FLOW_NONE ? r->goal->fault->choice_count : r->s->nodes[node].choice_count;
    if (!begin(r, first_choice, choice_count) || !r->past_count)
        return faulted_so(r);
    return follow(r);
}

static uint64_t remarked_task(const struct remark *remark)
{
    return !remark || remark->what.task >= 64 ? 0 : (uint64_t)1 << remark->what.task;
}

/* The trace of the run. names: for each of these tasks of the scaled state, who stands there in the
 * present one, or did what is remarked on; else who moved last. */
static struct trace *keep_trace(struct retrace *r, uint64_t wanted, const uint32_t *signatures)
{
    struct trace *t = ARENA_NEW(r->s->arena, struct trace);
    uint64_t taken = 0;
    uint32_t n = 0;

    *t = (struct trace){ .steps = r->m->steps, .count = r->m->step_count };
    for (uint32_t i = 0; wanted; i++, wanted >>= 1) {
        if (!(wanted & 1))
            continue;
        t->names[i] = r->noticed != FLOW_NONE ? r->noticed : t->count ? t->steps[t->count - 1].task : 0;
        for (uint32_t k = 0; k < r->m->task_count; k++)
            if (r->noticed == FLOW_NONE && !(taken >> k & 1) && machine_signature(r->m, k) == signatures[n]) {
                taken |= (uint64_t)1 << k;
                t->names[i] = r->names[k];
                t->blocks[i] = witness_block(r->m, k);
                break;
            }
        n++;
    }
    return t;
}

const struct trace *follow_to(struct search *s, const struct plan *exact, uint32_t node, const struct goal *goal)
{
    struct trace *trace = NULL;
    struct retrace r = { .s = s, .m = s->m, .arena = arena_new(), .goal = goal, .noticed = FLOW_NONE };
    const struct stuck *stuck = goal->stuck;
    const struct fault *fault = goal->fault;
    const struct plan *scaled = s->m->plan;
    uint64_t wanted = stuck ? stuck->tasks : remarked_task(goal->remark);
    uint32_t signatures[64], count = 0, coverage = s->m->coverage_count;

    r.way = way_to(s, node, r.arena);
    if (node != FLOW_NONE)
        search_load(s, node);
    for (uint32_t t = 0; wanted && t < s->m->task_count; t++)
        if (wanted >> t & 1)
            signatures[count++] = machine_signature(s->m, t);
    r.stuck_count = stuck ? count : 0;
    if (fault && node != FLOW_NONE)
        r.way.at[r.way.count - 1] = (struct waypoint){
            .control = r.way.at[r.way.count - 1].control, .signature = machine_signature(s->m, fault->task),
            .first_choice = fault->first_choice, .choice_count = fault->choice_count };
    r.stuck = signatures;
    s->m->plan = exact;
    if (begin_and_follow(&r, node)) {
        if (wanted)
            load(&r);
        trace = keep_trace(&r, wanted, signatures);
    }
    s->m->plan = scaled;
    s->m->coverage_count = coverage;
    free(r.state.at);
    free(r.apart.at);
    free(r.sums.at);
    arena_free(r.arena);
    return trace;
}
