#include "blame.h"
#include "elsewhere.h"
#include "holders.h"
#include "retrace.h"
#include "scale.h"

#include <string.h>

/* From stuck states to facts. */

enum { SCENES_MAX = 200 };

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

/* Does anybody ever signal the condition made there? Those that are not made anywhere are one. */
static bool is_signalled(const struct machine *m, struct place made)
{
    if (made.function == FLOW_NONE)
        return exists(m, FLOW_COND_SIGNAL, TOKEN_CONDITION) || exists(m, FLOW_COND_BROADCAST, TOKEN_CONDITION);
    return used(m, made, FLOW_COND_SIGNAL) || used(m, made, FLOW_COND_BROADCAST);
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
    } else if (token == TOKEN_CONDITION) {
        f->counterpart |= exists(m, FLOW_COND_SIGNAL, token) || exists(m, FLOW_COND_BROADCAST, token);
    }
    f->counterpart |= f->senders || f->closer || (w->op == FLOW_COND_WAIT && is_signalled(m, f->made));
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

static bool is_repeated(const struct machine *m, uint32_t task)
{
    const struct task *t = &m->tasks[task];

    for (uint32_t i = 0; i < t->frame_count; i++)
        if (m->plan->functions[t->frames[i].function].repeats[t->frames[i].instr])
            return true;
    return false;
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
    f.again = is_repeated(m, task);
    f.many = f.spawned.function != FLOW_NONE && m->plan->functions[f.spawned.function].repeats[f.spawned.instr];
    f.group = members ? group : 0;
    for (uint32_t k = 0; k < scene->count; k++)
        if (members >> k & 1) {
            f.group_has_lock |= is_lock_op(op_of(m, scene->task[k]));
            f.group_has_other |= !is_lock_op(op_of(m, scene->task[k]));
        }
    return f;
}

/* Who of the scene is told of as waiting, before the fact's own task: those in the same circle, who
 * only wait for it, and whom it waits for. */
static bool is_told(const struct scene *scene, uint32_t i, uint32_t k)
{
    if (i == k)
        return false;
    if (scene->role[i] == ROLE_MUTUAL)
        return scene->role[k] == ROLE_MUTUAL;
    return (scene->frees[k] >> i & 1) || ((scene->frees[i] >> k & 1) && scene->role[k] == ROLE_SECONDARY);
}

/* False: with the program's own numbers the schedule ends where this task does not wait. */
static bool add_trace(struct search *s, struct scene *scene, uint32_t i, struct fact *f, struct arena *arena)
{
    const struct trace *t = scene_trace(s, scene, arena);
    struct trace told = { .steps = ARENA_ARRAY(arena, struct step, t->count + scene->count), .count = t->count };

    if (!t->blocks[scene->task[i]].times)
        return false;
    memcpy(told.steps, t->steps, t->count * sizeof *t->steps);
    for (uint32_t k = 0; k < scene->count; k++)
        if (is_told(scene, i, k) && t->blocks[scene->task[k]].times)
            told.steps[told.count++] = t->blocks[scene->task[k]];
    told.steps[told.count++] = t->blocks[scene->task[i]];
    f->task = t->names[scene->task[i]];
    retrace_set_steps(s, f, told, scene->stuck->retraced);
    holders_find(f->steps, f->step_count);
    return true;
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

/* What a task waits for was last locked by the task itself: it waits for itself. */
static bool holds_itself(const struct fact *f)
{
    const struct step *block = f->step_count ? &f->steps[f->step_count - 1] : NULL;

    return block && f->role == ROLE_PRIMARY && block->since != FLOW_NONE && f->steps[block->since].task == f->task;
}

static void scene_facts(struct search *s, struct scene *scene, uint32_t number, struct facts *facts,
                        uint32_t *capacity)
{
    scene_roles(s, scene, facts->arena);
    for (uint32_t k = 0; k < scene->count; k++) {
        struct fact f = make_fact(s, scene, k, number);

        if (fact_at(facts, &f) ||
            (scene->stuck->caller_bound && is_served_elsewhere(s->m->flow, s->m->plan, f.at)) ||
            !add_trace(s, scene, k, &f, facts->arena))
            continue;
        if (holds_itself(&f))
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

/* Does fact a say less than b about a wait in the same place: only that it waits for another that is
 * stuck, or for a lock, when in another schedule - or another task of the same - there is more to it? */
static bool says_less(const struct fact *a, const struct fact *b)
{
    if (a->kind != FACT_STUCK || b->kind != FACT_STUCK || a->entry != b->entry ||
        a->at.function != b->at.function || a->at.instr != b->at.instr)
        return false;
    if (a->role == ROLE_SECONDARY)
        return b->role != ROLE_SECONDARY;
    return a->role == ROLE_PRIMARY && b->role == ROLE_MUTUAL && a->object == b->object &&
           (a->object == OBJECT_MUTEX || a->object == OBJECT_RWLOCK);
}

static void drop_lesser(struct facts *facts)
{
    uint32_t kept = 0;
    bool *lesser = ARENA_ARRAY(facts->arena, bool, facts->fact_count + 1);

    for (uint32_t i = 0; i < facts->fact_count; i++)
        for (uint32_t k = 0; k < facts->fact_count; k++)
            lesser[i] |= says_less(&facts->facts[i], &facts->facts[k]);
    for (uint32_t i = 0; i < facts->fact_count; i++)
        if (!lesser[i])
            facts->facts[kept++] = facts->facts[i];
    facts->fact_count = kept;
}

void verdict(struct search *s, struct facts *facts)
{
    uint32_t capacity = 0;

    stuck_facts(s, facts, &capacity);
    drop_lesser(facts);
    fault_facts(s, facts, &capacity);
    lost_facts(s, facts, &capacity);
    remark_facts(s, facts, &capacity);
}
