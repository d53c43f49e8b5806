#include "retrace.h"
#include "scale.h"
#include "search.h"

/* From stuck states to facts: who waits for whom, and what for.
 *
 * A stuck task is to blame for another when letting it go on - against all
 * odds, by force - would free the other. Whoever is freed by somebody he cannot
 * free himself is only waiting (secondary); two who would free each other are
 * in each other's way (mutual). */

enum { WHAT_IF_STATES = 600, TASKS = 64, SCENES_MAX = 200 };

struct scene {
    const struct stuck *stuck;
    uint32_t count;
    uint32_t task[TASKS];
    uint32_t signature[TASKS];
    uint64_t frees[TASKS];      /* tasks of the scene, a bit each, that forcing it would free */
    uint8_t  role[TASKS];       /* enum stuck_role */
};

static bool is_check(const struct machine *m, uint32_t task)
{
    const struct instr *in = machine_instr(m, task);

    return in && in->kind == INSTR_OP && in->op == FLOW_LEAK_CHECK_END;
}

static bool is_lock(enum flow_op op)
{
    return op == FLOW_LOCK || op == FLOW_RDLOCK || op == FLOW_WRLOCK;
}

static enum flow_op op_of(const struct machine *m, uint32_t task)
{
    const struct instr *in = machine_instr(m, task);

    return in && in->kind == INSTR_OP ? (enum flow_op)in->op : FLOW_OP_NONE;
}

static void scene_fill(struct search *s, const struct stuck *stuck, struct scene *scene)
{
    scene->stuck = stuck;
    scene->count = 0;
    s->m->by_handle = true;
    search_load(s, stuck->node);
    for (uint32_t t = 0; t < s->m->task_count; t++)
        if ((stuck->tasks >> t & 1) && !is_check(s->m, t)) {
            scene->signature[scene->count] = machine_signature(s->m, t);
            scene->task[scene->count++] = t;
        }
    s->m->by_handle = false;
}

/* ---- what if ------------------------------------------------------------------- */

/* The tasks of the scene, a bit each, that move when those with a signature in `who` can
 * always go on with what they wait for. */
static uint64_t what_if(struct search *s, const struct scene *scene, const uint32_t *who, uint32_t who_count)
{
    struct machine *m = s->m;
    struct arena *arena = arena_new();
    struct search branch;
    uint64_t moved = 0;

    m->by_handle = true;
    m->forced = FORCED_NOBODY;
    m->forced_signatures = who;
    m->forced_count = who_count;
    machine_first_choice(m);
    search_load(s, scene->stuck->node);
    search_init(&branch, m, s->options, arena);
    search_from_here(&branch, s->options->what_if_states ? s->options->what_if_states : WHAT_IF_STATES);
    for (uint32_t i = 0; i < scene->count; i++)
        for (uint32_t e = 0; e < branch.edge_count && !(moved >> i & 1); e++)
            if (search_edge_moves(&branch, &branch.edges[e], scene->signature[i]))
                moved |= (uint64_t)1 << i;
    for (uint32_t i = 0; i < scene->count; i++)
        for (uint32_t k = 0; k < who_count; k++)
            if (scene->signature[i] == who[k])
                moved &= ~((uint64_t)1 << i);
    search_free(&branch);
    arena_free(arena);
    m->forced = FLOW_NONE;
    m->forced_count = 0;
    m->by_handle = false;
    return moved;
}

static enum stuck_role role_of(struct search *s, const struct scene *scene, uint32_t i)
{
    uint32_t others[TASKS], count = 0;
    bool freed = false, mutual = false;

    for (uint32_t k = 0; k < scene->count; k++) {
        if (scene->signature[k] == scene->signature[i])
            continue;
        others[count++] = scene->signature[k];
        if (scene->frees[k] >> i & 1) {
            freed = true;
            mutual |= scene->frees[i] >> k & 1;
        }
    }
    if (!freed && count)
        freed = what_if(s, scene, others, count) >> i & 1;
    return !freed ? ROLE_PRIMARY : mutual ? ROLE_MUTUAL : ROLE_SECONDARY;
}

/* Whoever waits for a lock is no bystander: what keeps the lock is a finding at both
 * ends. With a holder who waits for something else he is in a circle, also when the
 * holder could go on without him. */
static void blame_holders(struct search *s, struct scene *scene)
{
    search_load(s, scene->stuck->node);
    for (uint32_t i = 0; i < scene->count; i++) {
        if (scene->role[i] != ROLE_SECONDARY || !is_lock(op_of(s->m, scene->task[i])))
            continue;
        scene->role[i] = ROLE_PRIMARY;
        for (uint32_t k = 0; k < scene->count; k++)
            if (scene->role[k] != ROLE_SECONDARY && (scene->frees[k] >> i & 1) &&
                !is_lock(op_of(s->m, scene->task[k])))
                scene->role[k] = scene->role[i] = ROLE_MUTUAL;
    }
}

static void scene_roles(struct search *s, struct scene *scene)
{
    for (uint32_t i = 0; i < scene->count; i++) {
        scene->frees[i] = 0;
        scene->role[i] = ROLE_PRIMARY;
    }
    if (scene->count < 2 || scene->stuck->caller_bound)
        return;
    for (uint32_t i = 0; i < scene->count; i++) {
        for (uint32_t k = 0; k < i; k++)
            if (scene->signature[k] == scene->signature[i])
                scene->frees[i] = scene->frees[k];
        if (!scene->frees[i])
            scene->frees[i] = what_if(s, scene, &scene->signature[i], 1);
    }
    for (uint32_t i = 0; i < scene->count; i++)
        scene->role[i] = role_of(s, scene, i);
    blame_holders(s, scene);
}

/* ---- facts ------------------------------------------------------------------------ */

static bool used(const struct machine *m, struct place made, enum flow_op op)
{
    for (uint32_t i = 0; i < m->use_count; i++)
        if (m->uses[i].op == op && m->uses[i].made.function == made.function &&
            m->uses[i].made.instr == made.instr)
            return true;
    return false;
}

/* Is there an operation of this kind on channels of the same class at all, reached or not? */
static bool exists(const struct machine *m, enum flow_op op, uint8_t token)
{
    for (uint32_t f = 0; f < m->flow->function_count; f++) {
        const struct function_plan *p = &m->plan->functions[f];

        for (uint32_t i = 0; p->reached && i < m->flow->functions[f].instr_count; i++)
            if (p->keep[i] && p->token[i] == token && m->flow->functions[f].instrs[i].kind == INSTR_OP &&
                m->flow->functions[f].instrs[i].op == op)
                return true;
    }
    return false;
}

/* A clock is a sender, though no line of the program is. */
static bool sent_by_clock(const struct machine *m, enum flow_op op, struct value channel)
{
    enum object_kind kind = op_object_kind(m, op, value_resolve(m, channel));

    return kind == OBJECT_TIMER || kind == OBJECT_TICKER;
}

static void fill_object(struct search *s, struct fact *f, const struct waiting *w)
{
    struct machine *m = s->m;
    uint8_t token = m->plan->functions[f->at.function].token[f->at.instr];
    struct value h;

    f->object = OBJECT_NONE;
    f->made = NO_PLACE;
    f->capacity = -1;
    if (w->count == 0)
        return;
    h = value_resolve(m, w->handle[0]);
    f->object = op_object_kind(m, w->op, h);
    f->made = object_made(m, h);
    if (h.kind == VALUE_ADDRESS && m->objects[h.id].store == STORE_CHANNEL) {
        struct value capacity = value_resolve(m, m->objects[h.id].capacity);
        f->capacity = capacity.kind == VALUE_INT ? scale_back(m->plan->scaling, capacity.n) : -1;
    }
    for (uint32_t i = 0; i < w->count; i++) {
        struct place made = object_made(m, w->handle[i]);

        f->senders |= !w->is_send[i] &&
                      (used(m, made, FLOW_SEND) || sent_by_clock(m, w->op, w->handle[i]));
        f->closer |= !w->is_send[i] && used(m, made, FLOW_CLOSE);
        f->counterpart |= w->is_send[i] && used(m, made, FLOW_RECV);
    }
    if (token > TOKEN_CHANNEL && w->op == FLOW_RECV) {
        f->senders |= exists(m, FLOW_SEND, token) || exists(m, FLOW_SEND_SIZED, token);
        f->closer |= exists(m, FLOW_CLOSE, token);
    } else if (token > TOKEN_CHANNEL) {
        f->counterpart |= exists(m, FLOW_RECV, token);
    }
    f->counterpart |= f->senders || f->closer;
}

/* The mutual group of i, as a set of indices into the scene. */
static uint64_t group_of(const struct scene *scene, uint32_t i)
{
    uint64_t set = 0;

    if (scene->role[i] != ROLE_MUTUAL)
        return 0;
    for (uint32_t k = 0; k < scene->count; k++)
        if (scene->role[k] == ROLE_MUTUAL)
            set |= (uint64_t)1 << k;
    return set;
}

static struct fact make_fact(struct search *s, const struct scene *scene, uint32_t i, uint32_t group)
{
    struct machine *m = s->m;
    uint32_t task = scene->task[i];
    uint64_t members = group_of(scene, i);
    struct fact f = { .kind = FACT_STUCK, .role = scene->role[i] };
    struct waiting w;

    search_load(s, scene->stuck->node);
    machine_first_choice(m);
    op_waiting(m, task, &w);
    f.at = machine_here(m, task);
    f.spawned = m->tasks[task].spawned;
    f.entry = m->tasks[task].entry;
    fill_object(s, &f, &w);
    f.case_count = w.op == FLOW_SELECT ? w.count : 0;
    f.range = m->plan->functions[f.at.function].range[f.at.instr];
    f.outside = scene->stuck->caller_bound ||
                (m->tasks[task].caller_gone && f.made.function != f.spawned.function && f.made.function != FLOW_NONE);
    f.leak_check = scene->stuck->leak_check;
    f.runs_on = scene->stuck->runs_on;
    f.group = members ? group : 0;
    for (uint32_t k = 0; k < scene->count; k++)
        if (members >> k & 1) {
            f.group_has_lock |= is_lock(op_of(m, scene->task[k]));
            f.group_has_other |= !is_lock(op_of(m, scene->task[k]));
        }
    return f;
}

static void add_trace(struct search *s, const struct scene *scene, uint32_t i, struct fact *f, struct arena *arena)
{
    uint64_t members = group_of(scene, i), blocked = 0;
    struct trace t;

    for (uint32_t k = 0; k < scene->count; k++)
        if (members >> k & 1)
            blocked |= (uint64_t)1 << scene->task[k];
    t = scene->stuck->retraced ? retrace_witness(s, scene->stuck, blocked, scene->task[i], arena)
                               : witness_stuck(s, scene->stuck->node, blocked, scene->task[i], arena);
    f->task = t.names[scene->task[i]];
    retrace_set_steps(s, f, t, scene->stuck->retraced);
}

static struct fact *fact_at(struct facts *facts, const struct fact *like)
{
    for (uint32_t i = 0; i < facts->fact_count; i++) {
        struct fact *f = &facts->facts[i];

        if (f->kind == like->kind && f->at.function == like->at.function && f->at.instr == like->at.instr &&
            f->entry == like->entry && f->object == like->object &&
            (f->role == like->role || (f->role == ROLE_SELF && like->role == ROLE_PRIMARY)))
            return f;
    }
    return NULL;
}

static bool holds_signature(const struct scene *scene, uint32_t signature)
{
    for (uint32_t i = 0; i < scene->count; i++)
        if (scene->signature[i] == signature)
            return true;
    return false;
}

static bool same_scene(const struct scene *a, const struct scene *b)
{
    if (a->stuck->leak_check != b->stuck->leak_check)
        return false;
    for (uint32_t i = 0; i < a->count; i++)
        if (!holds_signature(b, a->signature[i]))
            return false;
    for (uint32_t i = 0; i < b->count; i++)
        if (!holds_signature(a, b->signature[i]))
            return false;
    return true;
}

static void push_fact(struct facts *facts, uint32_t *capacity, struct fact f)
{
    ARENA_PUSH(facts->arena, facts->facts, facts->fact_count, *capacity) = f;
}

/* What a task waits for last locked by the task itself: it waits for itself. */
static bool holds_itself(const struct machine *m, const struct fact *f)
{
    const struct step *block = f->step_count ? &f->steps[f->step_count - 1] : NULL;
    uint32_t holder = FLOW_NONE;

    if (!block || f->role != ROLE_PRIMARY || (f->object != OBJECT_MUTEX && f->object != OBJECT_RWLOCK))
        return false;
    for (uint32_t i = 0; i + 1 < f->step_count; i++) {
        const struct step *s = &f->steps[i];

        if (s->at.instr == FLOW_NONE || s->number != block->number ||
            s->made.function != block->made.function || s->made.instr != block->made.instr ||
            m->flow->functions[s->at.function].instrs[s->at.instr].name !=
                m->flow->functions[f->at.function].instrs[f->at.instr].name)
            continue;
        if (s->kind == STEP_LOCK || s->kind == STEP_RDLOCK)
            holder = s->task;
        if (s->kind == STEP_UNLOCK || s->kind == STEP_RDUNLOCK)
            holder = FLOW_NONE;
    }
    return holder == f->task;
}

static void scene_facts(struct search *s, struct scene *scene, uint32_t number, struct facts *facts,
                        uint32_t *capacity)
{
    scene_roles(s, scene);
    for (uint32_t k = 0; k < scene->count; k++) {
        struct fact f = make_fact(s, scene, k, number);

        if (fact_at(facts, &f))
            continue;
        add_trace(s, scene, k, &f, facts->arena);
        if (holds_itself(s->m, &f))
            f.role = ROLE_SELF;
        push_fact(facts, capacity, f);
    }
}

/* First where nothing helps any more: such a trace tells the whole story. Then what was
 * leaked while others still went on. */
static void stuck_facts(struct search *s, struct facts *facts, uint32_t *capacity)
{
    struct scene *seen = ARENA_ARRAY(s->arena, struct scene, SCENES_MAX);
    uint32_t count = 0;

    for (int early = 0; early <= 1; early++)
        for (uint32_t i = 0; i < s->stuck_count && count < SCENES_MAX; i++) {
            bool known = false;

            if (s->stuck[i].early != early)
                continue;
            scene_fill(s, &s->stuck[i], &seen[count]);
            for (uint32_t k = 0; k < count; k++)
                known |= same_scene(&seen[k], &seen[count]);
            if (known)
                continue;
            count++;
            scene_facts(s, &seen[count - 1], count, facts, capacity);
        }
}

static void fault_facts(struct search *s, struct facts *facts, uint32_t *capacity)
{
    for (uint32_t i = 0; i < s->fault_count; i++) {
        const struct fault *fault = &s->faults[i];
        struct trace t = fault->retraced ? retrace_fault_witness(fault, facts->arena)
                                         : witness_fault(s, fault, facts->arena);
        struct fact f = { .kind = (uint8_t)fault->kind, .at = fault->at, .spawned = fault->spawned,
                          .entry = fault->entry, .object = fault->object, .made = fault->made,
                          .capacity = -1, .task = t.count ? t.steps[t.count - 1].task : 0 };

        retrace_set_steps(s, &f, t, fault->retraced);
        push_fact(facts, capacity, f);
    }
}

/* What ends by itself, or at the end of the process, is only lost where another path
 * takes care of it. */
static bool is_forgotten(const struct machine *m, const struct lost *what)
{
    return !what->has_timeout || used(m, what->made, FLOW_CLOSE) || used(m, what->made, FLOW_CTX_RELEASE);
}

static void lost_facts(struct search *s, struct facts *facts, uint32_t *capacity)
{
    for (uint32_t i = 0; i < s->loss_count; i++) {
        const struct lost *what = &s->losses[i].what;
        struct fact f = { .kind = FACT_LOST_CONTEXT, .at = what->made, .made = what->made, .spawned = NO_PLACE,
                          .entry = s->root, .capacity = -1,
                          .object = what->is_ticker ? OBJECT_TICKER : OBJECT_CONTEXT };
        struct trace t;

        if (!is_forgotten(s->m, what))
            continue;
        t = s->losses[i].retraced ? retrace_path_witness(s->losses[i].retraced, facts->arena)
                                  : witness_path(s, s->losses[i].node, facts->arena);
        retrace_set_steps(s, &f, t, s->losses[i].retraced);
        push_fact(facts, capacity, f);
    }
}

void verdict(struct search *s, struct facts *facts)
{
    uint32_t capacity = 0;

    stuck_facts(s, facts, &capacity);
    fault_facts(s, facts, &capacity);
    lost_facts(s, facts, &capacity);
    remark_facts(s, facts, &capacity);
}
