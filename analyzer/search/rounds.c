#include "rounds.h"

#include "cfg.h"
#include "solo.h"

/* The program stays in a bottom component for ever, and its tasks there are the
 * same in each of its states: a round one of them can go on in one of the states
 * is a round it can always come back to, and a task that lives there never ends.
 * Both hold under the reduction: by its proviso (search.c) no task that can move is
 * put off in all states of a cycle, so that if one could end or leave, some state
 * of the component would show it; and the rounds are found without it (solo.h). */

static struct remark remark_at(const struct machine *m, uint32_t node, uint32_t task, enum fact_kind kind,
                               const struct deeds *deeds, enum deed deed)
{
    unsigned k = (unsigned)__builtin_ctz(deed);

    return (struct remark){ .node = node, .entry = m->tasks[task].entry, .spawned = m->tasks[task].spawned,
                            .round = true,
                            .what = { .kind = (uint8_t)kind, .task = task, .at = deeds->at[k],
                                      .made = deeds->made[k],
                                      .object = deed == DEED_CLOSED ? OBJECT_CHANNEL : OBJECT_NONE } };
}

/* Where the task spends its time: in a sleep, else at a poll, else wherever it waits. */
static enum deed main_deed(const struct solo *solo, const struct solo_edge **edge)
{
    static const uint8_t order[] = { DEED_TIME, DEED_POLLED, DEED_WAITED, DEED_CLOSED };

    for (unsigned i = 0; i < sizeof order; i++) {
        *edge = solo_round(solo, order[i], DEED_FOREIGN);
        if (*edge)
            return order[i];
    }
    return 0;
}

/* Nobody is left to whom the task could belong: who started it has returned, and the
 * root has too, or waits for ever itself. */
static bool is_abandoned(const struct machine *m, uint32_t task, uint64_t blocked)
{
    return task && m->tasks[task].caller_gone && (m->tasks[0].frame_count == 0 || (blocked & 1));
}

/* ---- ways out that others may open ---------------------------------------------------- */

/* Where a block can lead to: a condition that is a constant leads one way. */
static uint32_t ways_of(const struct function *fn, const struct block *b, uint32_t *to, uint32_t room)
{
    const struct expr *cond = b->term == TERM_BRANCH ? &fn->exprs[b->cond] : NULL;

    if (!cond || cond->kind != EXPR_CONST)
        return cfg_successors(fn, b, to, room);
    to[0] = cond->number ? b->then_block : b->else_block;
    return 1;
}

/* From its block the function gets to its end, if conditions let it. */
static bool may_return(const struct function *fn, uint32_t from, struct arena *arena)
{
    bool *seen = ARENA_ARRAY(arena, bool, fn->block_count);
    uint32_t *todo = ARENA_ARRAY(arena, uint32_t, fn->block_count), *to;
    uint32_t count = 0, room = fn->case_count + 2;

    to = ARENA_ARRAY(arena, uint32_t, room);
    seen[from] = true;
    todo[count++] = from;
    while (count > 0) {
        const struct block *b = &fn->blocks[todo[--count]];
        uint32_t n = ways_of(fn, b, to, room);

        if (b->term == TERM_RETURN)
            return true;
        for (uint32_t i = 0; i < n; i++)
            if (!seen[to[i]]) {
                seen[to[i]] = true;
                todo[count++] = to[i];
            }
    }
    return false;
}

/* The callers of a function that nobody calls may do what the task's loop waits for later: set a flag, and
 * wait for its end. Only where there is no condition to come true is nobody able to. */
static bool others_may_end(const struct search *s, const struct task *t, struct arena *arena)
{
    if (s->is_main)
        return false;
    for (uint32_t i = 0; i < t->frame_count; i++)
        if (!may_return(&s->m->flow->functions[t->frames[i].function], t->frames[i].block, arena))
            return false;
    return true;
}

static void find_of_task(struct search *s, uint32_t node, uint32_t task, bool abandoned)
{
    struct arena *arena = arena_new();
    const struct solo_edge *edge;
    struct solo solo;
    enum deed deed;

    solo_explore(&solo, s, node, task, arena);
    search_load(s, node);
    edge = solo_round(&solo, DEED_CLOSED, DEED_WAITED | DEED_TIME | DEED_FOREIGN);
    if (edge) {
        search_remark(s, remark_at(s->m, node, task, FACT_SPINNING, &edge->deeds, DEED_CLOSED));
    } else if (abandoned && !solo.ends && !solo.cut && !solo_does(&solo, DEED_FOREIGN) &&
               !others_may_end(s, &s->m->tasks[task], arena)) {
        deed = main_deed(&solo, &edge);
        if (deed)
            search_remark(s, remark_at(s->m, node, task, FACT_ENDLESS, &edge->deeds, deed));
    }
    arena_free(arena);
}

void rounds_find(struct search *s, uint32_t node, uint64_t blocked)
{
    uint64_t moving = 0, abandoned = 0;

    search_load(s, node);
    if (s->shallow)
        return;
    for (uint32_t t = 0; t < s->m->task_count; t++) {
        if (s->m->tasks[t].frame_count && !(blocked >> t & 1))
            moving |= (uint64_t)1 << t;
        if (is_abandoned(s->m, t, blocked))
            abandoned |= (uint64_t)1 << t;
    }
    if (s->m->widened) {
        s->withheld += (moving & abandoned) != 0;
        return;
    }
    for (; moving; moving &= moving - 1) {
        uint32_t t = (uint32_t)__builtin_ctzll(moving);

        find_of_task(s, node, t, abandoned >> t & 1);
    }
}

void rounds_of_polls(struct search *s)
{
    for (uint32_t i = 0; i < s->poll_count; i++) {
        struct remark *poll = &s->polls[i];
        struct arena *arena = arena_new();
        const struct solo_edge *edge;
        struct solo solo;

        solo_explore(&solo, s, poll->node, poll->what.task, arena);
        edge = solo_round(&solo, DEED_POLLED, DEED_WAITED | DEED_FOREIGN);
        if (edge) {
            search_load(s, poll->node);
            search_remark(s, remark_at(s->m, poll->node, poll->what.task, FACT_POLLING, &edge->deeds, DEED_POLLED));
        }
        arena_free(arena);
    }
}
