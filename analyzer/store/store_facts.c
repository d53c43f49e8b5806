/* What was proved: explorations, what they could not do, and what they found. */
#include "store_internal.h"

static const char *const fact_words[] = {
    [FACT_STUCK] = "stuck", [FACT_SEND_ON_CLOSED] = "send_on_closed",
    [FACT_DOUBLE_CLOSE] = "double_close", [FACT_CLOSE_NULL] = "close_null",
    [FACT_NEGATIVE_WAIT_GROUP] = "negative_wait_group",
    [FACT_UNLOCK_UNLOCKED] = "unlock_unlocked", [FACT_ELEMENT_SIZE] = "element_size",
    [FACT_LOST_CONTEXT] = "lost_context", [FACT_POLLING] = "polling", [FACT_SPINNING] = "spinning",
    [FACT_ENDLESS] = "endless", [FACT_CLOSED_BY_RECEIVER] = "closed_by_receiver",
    [FACT_ADD_IN_TASK] = "add_in_task", [FACT_ESCAPING] = "escaping", [FACT_CHANGING] = "changing",
};
static const char *const role_words[] = {
    [ROLE_PRIMARY] = "primary", [ROLE_MUTUAL] = "mutual", [ROLE_SELF] = "self",
    [ROLE_SECONDARY] = "secondary",
};
static const char *const coverage_words[] = {
    [COVERAGE_EXPLORED] = "explored", [COVERAGE_CUT_STATES] = "states",
    [COVERAGE_CUT_MEMORY] = "memory", [COVERAGE_CUT_TIME] = "time",
    [COVERAGE_CUT_LOOP] = "loop", [COVERAGE_NOT_UNDERSTOOD] = "construct",
    [COVERAGE_BOUND] = "bound",
};

/* What the fact is about, in words: a local that is handed over has its own. */
static const char *name_of(const struct flow *flow, const struct fact *f, struct place place)
{
    bool local = f->kind == FACT_ESCAPING || f->kind == FACT_CHANGING;

    return store_name_at(flow, local ? f->made : place);
}

static const char *function_name(const struct flow *flow, uint32_t function)
{
    return function == FLOW_NONE ? NULL : flow_function_name(flow, function);
}

static bool is_at_end_of_block(const struct step *s)
{
    return s->kind == STEP_BRANCH || s->kind == STEP_CASE || s->kind == STEP_RETURN ||
           (s->kind == STEP_USE && s->block != FLOW_NONE);
}

/* Where a step is: the operation, the condition, or the end of the function. */
static struct columns step_columns(const struct flow *flow, const struct step *s,
                                   int64_t *end_line, int64_t *end_col)
{
    *end_line = *end_col = -1;
    if (!is_at_end_of_block(s) || s->at.function == FLOW_NONE)
        return store_place_at(flow, s->at);

    const struct function *f = &flow->functions[s->at.function];

    if (s->block < f->block_count && f->blocks[s->block].loc.line) {
        const struct block *b = &f->blocks[s->block];

        if (b->end_line) {
            *end_line = b->end_line;
            *end_col = b->end_col;
        }
        return store_place_of(flow, b->loc);
    }
    return s->kind == STEP_RETURN ? store_place_of(flow, f->end) : store_place_at(flow, s->at);
}

static void store_step_row(struct store *store, int64_t fact, uint32_t number,
                           const struct flow *flow, const struct step *s)
{
    int64_t end_line, end_col;
    struct columns at = step_columns(flow, s, &end_line, &end_col);
    struct columns made = store_place_at(flow, s->made);
    struct place none = { FLOW_NONE, FLOW_NONE };
    struct place op = is_at_end_of_block(s) ? none : s->at;

    store_insert(store, store_bind(store, INSERT_STEP, "iisiossssoooosooiiiooi", fact, (int64_t)number,
                             store_step_words[s->kind], (int64_t)s->task,
                             s->other == FLOW_NONE ? (int64_t)-1 : (int64_t)s->other,
                             function_name(flow, s->at.function), store_word_at(flow, op),
                             store_name_at(flow, op), at.file, at.line, at.col, end_line, end_col,
                             made.file, made.line, made.col, s->number, s->times,
                             (int64_t)s->round, s->object ? (int64_t)s->object : (int64_t)-1,
                             s->since == FLOW_NONE ? (int64_t)-1 : (int64_t)s->since,
                             s->amount));
}

static void store_fact(struct store *store, int64_t exploration, const struct flow *flow,
                       const struct fact *f)
{
    /* A context is lost where it was made: there is no operation to point at. */
    struct place place = f->at.function != FLOW_NONE ? f->at : f->made;
    struct columns at = store_place_at(flow, place), spawned = store_place_at(flow, f->spawned);
    struct columns made = store_place_at(flow, f->made);
    int64_t row = store_insert(store, store_bind(store, INSERT_FACT, "isssoosissoosssoooisobbbbbbbbbbb",
                                           exploration, fact_words[f->kind],
                                           store_word_at(flow, place), at.file, at.line, at.col,
                                           function_name(flow, place.function), (int64_t)f->task,
                                           function_name(flow, f->entry), spawned.file,
                                           spawned.line, spawned.col, store_object_words[f->object],
                                           name_of(flow, f, place), made.file, made.line, made.col,
                                           f->capacity, (int64_t)f->case_count,
                                           role_words[f->role], f->group ? (int64_t)f->group : -1,
                                           f->group_has_lock, f->group_has_other, f->range,
                                           f->counterpart, f->closer, f->senders, f->outside,
                                           f->leak_check, f->runs_on, f->again, f->many));

    for (uint32_t i = 0; i < f->step_count && !store->error; i++)
        store_step_row(store, row, i, flow, &f->steps[i]);
}

static const char *coverage_status(const struct facts *facts)
{
    const char *status = "explored";

    for (uint32_t i = 0; i < facts->coverage_count; i++) {
        if (facts->coverage[i].kind == COVERAGE_NOT_UNDERSTOOD)
            return "partial";
        if (facts->coverage[i].kind != COVERAGE_EXPLORED && facts->coverage[i].kind != COVERAGE_BOUND)
            status = "cut";
    }
    return status;
}

bool store_knows_facts(struct store *store, const char *program, uint64_t key, bool *partial)
{
    sqlite3_stmt *s = store_bind(store, SELECT_KNOWN, "sh", program, key);
    bool known = store_step(store, s);

    if (known) {
        *partial = sqlite3_column_int64(s, 0) != 0;
        sqlite3_reset(s);
    }
    return known;
}

bool store_keep_facts(struct store *store, int64_t program, uint64_t key)
{
    sqlite3_stmt *s = store_bind(store, SELECT_EXPLORATION, "ih", program, key);
    int64_t row;

    if (!store_step(store, s))
        return false;
    row = sqlite3_column_int64(s, 0);
    sqlite3_reset(s);
    store_insert(store, store_bind(store, INSERT_KEPT, "i", row));
    return true;
}

int64_t store_facts(struct store *store, int64_t program, const struct flow *flow, const struct facts *facts,
                    uint64_t key, bool whole)
{
    struct columns root = store_place_of(flow, flow->functions[facts->root].loc);
    int64_t exploration = store_insert(store, store_bind(store, INSERT_EXPLORATION, "issooiidshb", program,
                                 flow_function_name(flow, facts->root), root.file, root.line,
                                 root.col, (int64_t)facts->states, (int64_t)facts->transitions,
                                 facts->seconds, coverage_status(facts), key, whole));

    store_insert(store, store_bind(store, INSERT_KEPT, "i", exploration));

    for (uint32_t i = 0; i < facts->coverage_count; i++) {
        const struct coverage *c = &facts->coverage[i];
        struct columns at = c->at.instr == FLOW_NONE && c->at.function != FLOW_NONE
            ? store_place_of(flow, flow->functions[c->at.function].loc) : store_place_at(flow, c->at);

        store_insert(store, store_bind(store, INSERT_COVERAGE, "isssoo", exploration,
                                 coverage_words[c->kind], c->text, at.file, at.line, at.col));
    }
    for (uint32_t i = 0; i < facts->fact_count && !store->error; i++)
        store_fact(store, exploration, flow, &facts->facts[i]);
    return exploration;
}

struct gap_record *store_gaps(struct store *store, int64_t program, struct arena *arena, uint32_t *count,
                              uint32_t *roots, uint32_t *partial, uint32_t *cut)
{
    struct gap_record *list = NULL;
    uint32_t capacity = 0;
    sqlite3_stmt *s = store_bind(store, SELECT_ROOTS, "i", program);

    *count = *roots = *partial = *cut = 0;
    if (store_step(store, s)) {
        *roots = (uint32_t)sqlite3_column_int64(s, 0);
        *partial = (uint32_t)sqlite3_column_int64(s, 1);
        *cut = (uint32_t)sqlite3_column_int64(s, 2);
        sqlite3_reset(s);
    }
    s = store_bind(store, SELECT_COVERAGE, "i", program);
    while (store_step(store, s))
        ARENA_PUSH(arena, list, *count, capacity) = (struct gap_record){
            .root = store_text(s, 0, arena), .kind = store_text(s, 1, arena), .text = store_text(s, 2, arena),
            .file = store_text(s, 3, arena), .line = (uint32_t)sqlite3_column_int64(s, 4),
            .col = (uint32_t)sqlite3_column_int64(s, 5),
        };
    return list;
}
