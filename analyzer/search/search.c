#include "search.h"

#include "lock_order.h"
#include "notes.h"
#include "reduce.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xxhash.h>

enum {
    TABLE_START = 1024,
    TASKS_MAX = 64,
    RUNS_MAX = 4096,            /* ways through the unknown conditions of one step */
};

void search_init(struct search *s, struct machine *m, const struct explore_options *options, struct arena *arena)
{
    *s = (struct search){ .m = m, .arena = arena, .options = options, .cut = COVERAGE_EXPLORED };
    s->table_size = TABLE_START;
    s->table = malloc(s->table_size * sizeof *s->table);
    if (!s->table)
        abort();
    memset(s->table, 0xff, s->table_size * sizeof *s->table);
}

void search_free(struct search *s)
{
    free(s->store);
    free(s->table);
    free(s->scratch.at);
}

/* Bytes that its states take, and all that is kept with them. */
static size_t search_size(const struct search *s)
{
    return s->store_capacity + s->table_size * sizeof *s->table + s->scratch.capacity + arena_size(s->arena);
}

void search_load(struct search *s, uint32_t node)
{
    machine_load(s->m, s->store + s->nodes[node].at);
}

/* ---- the set of states -------------------------------------------------------- */

static void table_grow(struct search *s)
{
    free(s->table);
    s->table_size *= 2;
    s->table = malloc(s->table_size * sizeof *s->table);
    if (!s->table)
        abort();
    memset(s->table, 0xff, s->table_size * sizeof *s->table);
    for (uint32_t i = 0; i < s->node_count; i++) {
        uint32_t at = s->nodes[i].hash & (s->table_size - 1);

        while (s->table[at] != FLOW_NONE)
            at = (at + 1) & (s->table_size - 1);
        s->table[at] = i;
    }
}

static void store_bytes(struct search *s, struct node *n)
{
    if (s->store_size + s->scratch.size > s->store_capacity) {
        s->store_capacity = (s->store_capacity ? s->store_capacity * 2 : 1 << 16) + s->scratch.size;
        s->store = realloc(s->store, s->store_capacity);
        if (!s->store)
            abort();
    }
    n->at = s->store_size;
    n->size = (uint32_t)s->scratch.size;
    memcpy(s->store + s->store_size, s->scratch.at, s->scratch.size);
    s->store_size += s->scratch.size;
}

/* The node of the bytes in scratch; *fresh: it was not there before. */
static uint32_t state_set_add(struct search *s, bool *fresh)
{
    uint32_t hash = (uint32_t)XXH3_64bits(s->scratch.at, s->scratch.size);
    uint32_t at = hash & (s->table_size - 1);
    struct node *n;

    *fresh = false;
    for (; s->table[at] != FLOW_NONE; at = (at + 1) & (s->table_size - 1)) {
        n = &s->nodes[s->table[at]];
        if (n->hash == hash && n->size == s->scratch.size &&
            memcmp(s->store + n->at, s->scratch.at, n->size) == 0)
            return s->table[at];
    }
    n = &ARENA_PUSH(s->arena, s->nodes, s->node_count, s->node_capacity);
    *n = (struct node){ .hash = hash };
    store_bytes(s, n);
    s->table[at] = s->node_count - 1;
    if (s->node_count * 2 > s->table_size)
        table_grow(s);
    *fresh = true;
    return s->node_count - 1;
}

uint32_t search_keep_choices(struct search *s)
{
    uint32_t first = s->choice_count;

    for (uint32_t i = 0; i < s->m->choice_at; i++)
        ARENA_PUSH(s->arena, s->choices, s->choice_count, s->choice_capacity) = s->m->choices[i];
    return first;
}

/* ---- what a run led to ------------------------------------------------------------ */

static uint32_t population_of(const struct machine *m)
{
    uint32_t sum = 0;

    for (uint32_t i = 0; i < m->task_count; i++)
        if (m->tasks[i].frame_count) {
            uint32_t key[3] = { m->tasks[i].entry, m->tasks[i].spawned.function, m->tasks[i].spawned.instr };

            sum += (uint32_t)XXH3_64bits(key, sizeof key);
        }
    return sum;
}

static uint64_t living(const struct machine *m)
{
    uint64_t set = 0;

    for (uint32_t i = 0; i < m->task_count; i++)
        if (m->tasks[i].frame_count)
            set |= (uint64_t)1 << i;
    return set;
}

void search_bury(struct search *s)
{
    enum { CROWD = 10, KEPT = 2 };
    struct machine *m = s->m;
    uint64_t alive = living(m), leaked;
    uint32_t at = m->choice_at, count = m->choice_count;
    uint16_t choices[CHOICES_MAX], limits[CHOICES_MAX];

    if (__builtin_popcountll(alive) <= CROWD)
        return;
    memcpy(choices, m->choices, sizeof choices);
    memcpy(limits, m->choice_limits, sizeof limits);
    leaked = unreachable_tasks(m, alive);
    memcpy(m->choices, choices, sizeof choices);
    memcpy(m->choice_limits, limits, sizeof limits);
    m->choice_at = at;
    m->choice_count = count;
    for (uint64_t left = leaked; left; left &= left - 1) {
        uint32_t t = (uint32_t)__builtin_ctzll(left), twins = 0;

        for (uint64_t others = leaked & ~left; others; others &= others - 1)
            twins += machine_signature(m, (uint32_t)__builtin_ctzll(others)) == machine_signature(m, t);
        if (t && twins >= KEPT)
            m->tasks[t].frame_count = 0;
    }
}

/* A task that rests in its own affairs, which concern nobody; FLOW_NONE: there is none. */
static uint32_t paused_task(const struct machine *m)
{
    for (uint32_t t = 0; t < m->task_count; t++)
        if (m->tasks[t].frame_count && m->tasks[t].paused)
            return t;
    return FLOW_NONE;
}

static void keep_edge(struct search *s, uint32_t to)
{
    const struct moved *moved = &s->m->moved;
    struct edge edge = { .to = to, .first_moved = s->moved_count, .moved_count = moved->count };

    for (uint32_t i = 0; i < moved->count && i < MOVED_MAX; i++)
        ARENA_PUSH(s->arena, s->moved, s->moved_count, s->moved_capacity) = moved->signature[i];
    ARENA_PUSH(s->arena, s->edges, s->edge_count, s->edge_capacity) = edge;
}

bool search_edge_moves(const struct search *s, const struct edge *edge, uint32_t signature)
{
    for (uint32_t i = 0; i < edge->moved_count && i < MOVED_MAX; i++)
        if (s->moved[edge->first_moved + i] == signature)
            return true;
    return edge->moved_count > MOVED_MAX;
}

static void too_many_tasks(struct search *s)
{
    if (!s->shallow)
        machine_not_understood(s->m, COVERAGE_CUT_LOOP, "more than 64 tasks at once");
    s->m->end = RUN_PRUNED;
}

/* Record where a run of `task` from `node` ended. node FLOW_NONE: the start. */
static void keep_result(struct search *s, uint32_t node, uint32_t task)
{
    struct machine *m = s->m;
    uint32_t order[TASKS_MAX + 1], to;
    bool fresh, paused;

    s->transitions++;
    if (m->end == RUN_ON && m->task_count > TASKS_MAX)
        too_many_tasks(s);
    switch (m->end) {
    case RUN_PRUNED:
        if (node != FLOW_NONE)
            s->nodes[node].open = true;
        return;
    case RUN_EXITED:
        if (node != FLOW_NONE)
            s->nodes[node].ended = true;
        return;
    case RUN_FAULTED:
        if (node != FLOW_NONE)
            s->nodes[node].ended = true;
        notes_fault(s, node, task);
        return;
    case RUN_ON:
        break;
    }
    search_bury(s);
    paused = paused_task(m) != FLOW_NONE;
    machine_save(m, &s->scratch, order);
    to = state_set_add(s, &fresh);
    if (fresh) {
        uint32_t first = search_keep_choices(s);
        struct node *n = &s->nodes[to];

        n->parent = node;
        n->task = task;
        n->paused = paused;
        n->forced = m->forced;
        n->first_choice = first;
        n->choice_count = (uint16_t)m->choice_at;
        n->population = population_of(m);
    }
    notes_lost(s, to);
    notes_of_run(s, to, order);
    if (node == FLOW_NONE || (to == node && m->moved.count == 0))
        return;
    if (s->nodes[node].edge_count == 0)
        s->nodes[node].first_edge = s->edge_count;
    keep_edge(s, to);
    s->nodes[node].edge_count++;
}

/* ---- expanding ---------------------------------------------------------------------- */

static bool too_many_runs(struct search *s, unsigned *runs)
{
    if (++*runs <= RUNS_MAX)
        return false;
    machine_not_understood(s->m, COVERAGE_CUT_LOOP, "too many unknown conditions between two operations");
    return true;
}

/* All ways in which task can move on from node. False: it cannot move at all. */
static bool expand_task(struct search *s, uint32_t node, uint32_t task)
{
    struct machine *m = s->m;
    bool moved = false;
    unsigned runs = 0;

    machine_first_choice(m);
    do {
        if (too_many_runs(s, &runs)) {
            s->nodes[node].open = true;
            break;
        }
        search_load(s, node);
        if (machine_step(m, task)) {
            moved = true;
            keep_result(s, node, task);
        } else if (m->end == RUN_ON && m->choice_at) {
            m->moved.count = 0;       /* it waits, but by assuming something: that is a state of its own */
            keep_result(s, node, task);
        } else if (m->end != RUN_ON) {
            keep_result(s, node, task);
        }
    } while (machine_next_choice(m));
    return moved;
}

static uint32_t leak_checker(const struct machine *m)
{
    for (uint32_t i = 0; i < m->task_count; i++) {
        const struct instr *in = machine_instr(m, i);

        if (in && in->kind == INSTR_OP && in->op == FLOW_LEAK_CHECK_END)
            return i;
    }
    return FLOW_NONE;
}

/* Nothing moves but somebody checks for leaks: he sees those started since he began, and goes on. */
static void force_check(struct search *s, uint32_t node, uint32_t checker, uint64_t blocked)
{
    struct machine *m = s->m;
    struct value epoch;
    uint64_t seen = 0;

    search_load(s, node);
    m->current = checker;
    epoch = op_arg(m, checker, machine_instr(m, checker), 0);
    if (epoch.kind == VALUE_ADDRESS)
        epoch = value_resolve(m, memory_load(m, epoch, SCALAR_I64));
    for (uint32_t i = 1; i < m->task_count; i++)
        if (i != checker && (blocked >> i & 1) && (epoch.kind != VALUE_INT || m->tasks[i].epoch >= epoch.n))
            seen |= (uint64_t)1 << i;
    s->withheld += seen && m->widened;
    if (seen && !m->widened)
        ARENA_PUSH(s->arena, s->stuck, s->stuck_count, s->stuck_capacity) =
            (struct stuck){ .node = node, .tasks = seen, .leak_check = true };
    machine_first_choice(m);
    search_load(s, node);
    m->forced = checker;
    if (machine_step(m, checker))
        keep_result(s, node, checker);
    m->forced = FLOW_NONE;
}

/* The root of a library has returned, and a task it started waits for nothing but
 * what its caller brought: only the caller can end it. */
static void find_caller_bound(struct search *s, uint32_t node)
{
    struct machine *m = s->m;
    uint64_t bound = 0;

    if (s->is_main || s->options->is_part || s->shallow || m->widened || m->tasks[0].frame_count)
        return;
    for (uint32_t t = 1; t < m->task_count; t++) {
        struct waiting w;
        bool outside = true;

        op_waiting(m, t, &w);
        if (w.op != FLOW_SEND && w.op != FLOW_SEND_SIZED && w.op != FLOW_RECV && w.op != FLOW_SELECT)
            continue;
        for (uint32_t i = 0; i < w.count; i++) {
            struct value h = value_resolve(m, w.handle[i]);

            outside &= op_object_kind(m, w.op, h) == OBJECT_EXTERNAL &&
                       !(h.kind == VALUE_ADDRESS && m->objects[h.id].kind == OBJECT_CONTEXT);
        }
        if (outside && w.count)
            bound |= (uint64_t)1 << t;
    }
    if (bound)
        ARENA_PUSH(s->arena, s->stuck, s->stuck_count, s->stuck_capacity) =
            (struct stuck){ .node = node, .tasks = bound, .caller_bound = true };
}

static bool is_ahead(const struct search *s, uint32_t node, uint32_t to)
{
    return to != node && !s->nodes[to].done && !s->nodes[to].paused;
}

/* Does an edge of the node lead to another that has not been expanded yet? Those in which a task rests in its own affairs do
 * not count: they are passed through at once, and its turns are limited. */
static bool leads_onwards(const struct search *s, uint32_t node)
{
    const struct node *n = &s->nodes[node];

    for (uint32_t e = 0; e < n->edge_count; e++)
        if (is_ahead(s, node, s->edges[n->first_edge + e].to))
            return true;
    return false;
}

/* Let the tasks of a persistent set move, the smallest that can; all, when that
 * closes a cycle, on which nobody may be put off for ever (the proviso of
 * Bosnacki and Holzmann, "Improving Spin's Partial-Order Reduction for
 * Breadth-First Search", 2005). */
static void expand_tasks(struct search *s, uint32_t node, uint64_t alive)
{
    uint32_t count = 1;
    uint64_t sets[TASKS_MAX] = { alive }, tried = 0;
    bool moved = false;

    if (!(s->options->without & REDUCTION_PERSISTENT) && (alive & (alive - 1))) {
        if (paused_task(s->m) != FLOW_NONE) {
            expand_task(s, node, paused_task(s->m));
            return;
        }
        machine_first_choice(s->m);
        count = persistent_sets(s->m, alive, sets);
    }
    for (uint32_t i = 0; i < count && !(moved && leads_onwards(s, node)); i++) {
        for (uint64_t left = sets[i] & ~tried; left; left &= left - 1)
            moved |= expand_task(s, node, (uint32_t)__builtin_ctzll(left));
        tried |= sets[i];
    }
}

/* Leaked for ever although the others go on: each such scene once. */
static void find_unreachable(struct search *s, uint32_t node, uint64_t alive)
{
    struct machine *m = s->m;
    uint64_t leaked, scene = 0;

    if (s->shallow || m->widened || !(alive & (alive - 1)))
        return;
    leaked = unreachable_tasks(m, alive);
    for (uint64_t left = leaked; left; left &= left - 1)
        scene += (uint64_t)machine_signature(m, (uint32_t)__builtin_ctzll(left)) * 0x9e3779b97f4a7c15u;
    for (uint32_t i = 0; i < s->scene_count; i++)
        if (s->scenes[i] == scene)
            return;
    if (!leaked)
        return;
    ARENA_PUSH(s->arena, s->scenes, s->scene_count, s->scene_capacity) = scene;
    ARENA_PUSH(s->arena, s->stuck, s->stuck_count, s->stuck_capacity) =
        (struct stuck){ .node = node, .tasks = leaked, .early = true, .runs_on = leaked != alive };
}

void search_expand(struct search *s, uint32_t node)
{
    struct machine *m = s->m;
    uint64_t alive;
    uint32_t checker;
    bool widened;

    search_load(s, node);
    alive = living(m);
    widened = m->widened;
    find_caller_bound(s, node);
    find_unreachable(s, node, alive);
    expand_tasks(s, node, alive);
    s->nodes[node].done = true;
    if (s->nodes[node].edge_count || s->nodes[node].open || s->nodes[node].ended || alive == 0 || s->shallow)
        return;
    search_load(s, node);
    checker = leak_checker(m);
    if (checker != FLOW_NONE)
        force_check(s, node, checker, alive);
    else if (widened)
        s->withheld++;
    else
        ARENA_PUSH(s->arena, s->stuck, s->stuck_count, s->stuck_capacity) =
            (struct stuck){ .node = node, .tasks = alive };
}

double search_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

bool search_is_within_budget(struct search *s, uint64_t max_states, double start)
{
    if ((max_states && s->node_count > max_states) || (s->m->lock_order && lock_order_is_refuted(s->m->lock_order)))
        s->cut = COVERAGE_CUT_STATES;
    else if (s->options->max_bytes && search_size(s) > s->options->max_bytes)
        s->cut = COVERAGE_CUT_MEMORY;
    else if (s->options->max_seconds > 0 && search_now() - start > s->options->max_seconds)
        s->cut = COVERAGE_CUT_TIME;
    return s->cut == COVERAGE_EXPLORED;
}

static void search_all(struct search *s, uint64_t max_states)
{
    double start = search_now();

    for (uint32_t node = 0; node < s->node_count; node++) {
        if ((node & 15) == 0 && !search_is_within_budget(s, max_states, start))
            return;
        search_expand(s, node);
    }
}

void search_begin(struct search *s, uint32_t root)
{
    const struct function *fn = &s->m->flow->functions[root];
    unsigned runs = 0;

    s->root = root;
    s->is_main = strcmp(flow_string(s->m->flow, s->m->flow->symbols[fn->symbol].name), "main") == 0;

    s->m->is_library = !s->is_main;
    machine_first_choice(s->m);
    do {
        if (too_many_runs(s, &runs))
            break;
        machine_initial(s->m, root);
        keep_result(s, FLOW_NONE, 0);
    } while (machine_next_choice(s->m));
}

void search_from_root(struct search *s, uint32_t root, uint64_t max_states)
{
    search_begin(s, root);
    search_all(s, max_states);
}

void search_from_here(struct search *s, uint32_t max_states)
{
    s->shallow = true;
    keep_result(s, FLOW_NONE, 0);
    search_all(s, max_states);
}

void search_deep_from_here(struct search *s, uint32_t max_states, size_t max_bytes)
{
    s->shallow = true;
    keep_result(s, FLOW_NONE, 0);
    for (uint32_t end = s->node_count; end > 0;) {
        if (s->nodes[end - 1].done) {
            end--;
        } else if (s->node_count > max_states || search_size(s) > max_bytes) {
            s->cut = COVERAGE_CUT_STATES;
            return;
        } else {
            search_expand(s, end - 1);
            end = s->node_count;
        }
    }
}

uint64_t search_blocked(struct search *s, uint32_t node)
{
    struct machine *m = s->m;
    uint64_t blocked = 0, alive;
    uint32_t tasks;

    search_load(s, node);
    alive = living(m);
    tasks = m->task_count;
    for (uint32_t t = 0; t < tasks; t++) {
        bool moved = false;

        if (!(alive >> t & 1))
            continue;
        machine_first_choice(m);
        do {
            search_load(s, node);
            moved |= machine_step(m, t);
        } while (!moved && machine_next_choice(m));
        if (!moved)
            blocked |= (uint64_t)1 << t;
    }
    return blocked;
}
