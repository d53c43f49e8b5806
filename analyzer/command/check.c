/* What of a program was explored before, and what is new: explore, store, name. */
#include "check.h"

#include <string.h>
#include <xxhash.h>

#include "configure.h"
#include "explore.h"
#include "finding_key.h"
#include "outcome.h"
#include "root_key.h"
#include "roots.h"
#include "triage.h"

/* ---- what it depends on --------------------------------------------------------------- */

static uint64_t mix(uint64_t a, uint64_t b)
{
    uint64_t parts[] = { a, b };

    return XXH3_64bits(parts, sizeof parts);
}

/* How programs are explored: by which build, and how far. */
static uint64_t salt_of(const struct options *o)
{
    uint64_t parts[3] = { o->max_states, o->max_memory, 0 };

    memcpy(&parts[2], &o->timeout, sizeof parts[2]);
    return mix(XXH3_64bits(parts, sizeof parts), inputs_stamp("/proc/self/exe"));
}

/* ---- what was proved: explore, store, name ------------------------------------------ */

static const double seconds_least = 0.01;   /* for a part of a root that is too much as a whole */

/* A function that a program is explored from. */
struct scope {
    uint32_t     function;
    uint64_t     key;
    bool         whole;         /* a root; else part of one that is too much as a whole */
    bool         known;         /* the store has what was found */
    bool         partial;       /* not explored in full */
    struct facts facts;
};

struct scopes {
    const struct front_program *program;
    const uint64_t             *functions;  /* hashes of them */
    struct root_keys           *keys;
    struct arena               *arena;
    struct scope               *list;
    uint32_t                    count, capacity;
    double                      seconds;    /* left for all parts of one root together */
    bool                        timed;  /* a machine less busy would have come further */
};

static bool is_partial(const struct facts *facts)
{
    for (uint32_t i = 0; i < facts->coverage_count; i++)
        if (facts->coverage[i].kind != COVERAGE_BOUND)
            return true;
    return false;
}

static bool is_main(const struct flow *flow, uint32_t function)
{
    return !strcmp(flow_function_name(flow, function), "main");
}

/* What was too much in another program of this run is too much in this one. */
static struct facts cut_again(const struct scope *scope, struct arena *arena)
{
    struct facts facts = { .arena = arena, .root = scope->function, .coverage_count = 1 };

    facts.coverage = ARENA_NEW(arena, struct coverage);
    *facts.coverage = (struct coverage){ .kind = COVERAGE_CUT_TIME, .at = { scope->function, FLOW_NONE } };
    return facts;
}

static struct facts explore_or_not(struct session *session, struct scopes *s, const struct scope *scope,
                                   const struct explore_options *options)
{
    struct facts facts;

    if (patience_tried(&session->patience, scope->key))
        return cut_again(scope, s->arena);
    facts = explore(s->program->flow, scope->function, options, s->arena);
    patience_note(&session->patience, scope->key, &facts, session->arena);
    session->work.explored += scope->whole;
    return facts;
}

static void explore_scope(struct session *session, struct scopes *s, struct scope *scope)
{
    const struct flow *flow = s->program->flow;
    struct explore_options options = options_budget(session->options);

    options.is_part = !scope->whole;
    options.max_seconds = patience_seconds(&session->patience, options.max_seconds, is_main(flow, scope->function));
    if (!scope->whole && options.max_seconds > 0)       /* 0 would be no limit */
        options.max_seconds = s->seconds > seconds_least ? s->seconds / 2 : seconds_least;
    session_progress(session, "exploring", session->done, session->front->program_count,
                     flow_function_name(flow, scope->function));
    scope->facts = explore_or_not(session, s, scope, &options);
    scope->partial = is_partial(&scope->facts);
    s->seconds -= scope->whole ? 0 : scope->facts.seconds;
    session->work.states += scope->facts.states;
    session->work.transitions += scope->facts.transitions;
    for (uint32_t i = 0; i < scope->facts.coverage_count; i++)
        if (scope->facts.coverage[i].kind == COVERAGE_CUT_TIME) {
            s->timed = true;
            scope->key = 0;
        }
}

static void add_scope(struct session *session, struct scopes *s, uint32_t function, bool whole)
{
    struct scope *scope = &ARENA_PUSH(s->arena, s->list, s->count, s->capacity);

    *scope = (struct scope){ .function = function, .whole = whole, .key = root_key(s->keys, function) + !whole };
    scope->known = store_knows_facts(session->store, s->program->name, scope->key, &scope->partial);
    if (!scope->known)
        explore_scope(session, s, scope);
    if (!whole || !scope->partial)
        return;
    /* Too much as a whole: at least what each scope does by itself, in as much time again. */
    s->seconds = patience_seconds(&session->patience, session->options->timeout, is_main(s->program->flow, function));
    uint32_t count, *owners = roots_owners(s->program->flow, function, s->arena, &count);
    for (uint32_t i = 0; i < count; i++)
        add_scope(session, s, owners[i], false);
}

/* What another run has thrown away meanwhile is explored after all. */
static bool store_scopes(struct session *session, struct scopes *s, int64_t row)
{
    bool all = true;

    for (uint32_t i = 0; i < s->count; i++) {
        struct scope *scope = &s->list[i];

        if (scope->known && !store_keep_facts(session->store, row, scope->key))
            scope->known = all = false;
        else if (!scope->known)
            store_facts(session->store, row, s->program->flow, &scope->facts, scope->key, scope->whole);
    }
    return all;
}

/* Let the rules name them, and remember of which state of the program they are. */
static void name_findings(struct session *session, const struct front_program *program, int64_t row, uint64_t hash)
{
    struct findings own = { .arena = session->arena };

    store_findings(session->store, &session->rules, row, &own);
    if (hash)
        store_keep_outcome(session->store, program->name, mix(hash, rules_hash(&session->rules)),
                           outcome_of(&own, session->arena));
    for (uint32_t i = 0; i < own.count; i++)
        findings_add(&session->findings, &own.list[i]);
}

/* One transaction a program: its facts, and what the rules make of them. */
static int64_t store_and_name(struct session *session, struct scopes *s, uint64_t hash)
{
    struct store *store = session->store;

    for (;;) {
        uint32_t before = session->findings.count;
        int64_t row;
        bool all;

        store_begin(store);
        row = store_program(store, s->program, s->timed ? 0 : hash, s->functions);
        all = store_scopes(session, s, row);
        store_program_done(store, row);
        if (all)
            name_findings(session, s->program, row, s->timed ? 0 : hash);
        if (store_commit(store) != STORE_AGAIN && all)
            return row;
        session->findings.count = before;
        for (uint32_t i = 0; i < s->count; i++)
            if (!s->list[i].known && !s->list[i].facts.states)
                explore_scope(session, s, &s->list[i]);
    }
}

/* Of the program in this state, and of what else its exploration depends on. */
static uint64_t program_hash(const struct session *session, const struct front_program *program, uint64_t salt)
{
    return mix(mix(program->hash, salt), configure_roots_hash(session->config));
}

static int64_t check_program(struct session *session, const struct front_program *program, uint64_t salt)
{
    uint64_t hash = program_hash(session, program, salt);
    int64_t row = store_find_program(session->store, program->name, hash);
    struct arena *arena;

    if (row) {
        store_begin(session->store);
        store_use_program(session->store, row);
        name_findings(session, program, row, hash);
        if (store_commit(session->store) != STORE_AGAIN)
            return row;
    }
    arena = arena_new();
    struct scopes s = { .program = program, .functions = root_key_functions(program->flow, arena), .arena = arena };

    s.keys = root_keys_of(program->flow, s.functions, salt, arena);
    for (uint32_t i = 0; i < program->root_count; i++)
        add_scope(session, &s, program->roots[i], true);
    row = store_and_name(session, &s, hash);
    session->timed = session->timed || s.timed;
    arena_free(arena);
    return row;
}

/* ---- what was not looked at ------------------------------------------------------------ */

static const char *gap_words(const struct gap_record *g, struct arena *arena)
{
    static const char *const words[][2] = {
        { "states", "cut after the greatest number of states (--max-states)" },
        { "memory", "cut after the greatest amount of memory (--max-memory)" },
        { "time", "cut after the longest time (--timeout)" },
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(g->kind, words[i][0]))
            return words[i][1];
    if (!strcmp(g->kind, "loop"))
        return g->text ? arena_printf(arena, "cut: %s", g->text) : "a counted loop is too long to be run in full";
    if (!strcmp(g->kind, "bound"))
        return g->text;
    return arena_printf(arena, "not understood: %s", g->text ? g->text : "a construct");
}

static void note_coverage(struct session *session, int64_t program)
{
    struct summary *s = &session->summary;
    uint32_t count, roots, partial, cut;
    struct gap_record *gaps = store_gaps(session->store, program, session->arena, &count, &roots, &partial, &cut);

    for (uint32_t i = 0; i < count; i++) {
        struct gap gap = { .root = gaps[i].root, .reason = gap_words(&gaps[i], session->arena), .file = gaps[i].file,
                           .line = gaps[i].line, .col = gaps[i].col };

        if (!strcmp(gaps[i].kind, "bound"))
            session_gap(session, &s->bounded, &s->bounded_count, &s->bounded_capacity, gap);
        else
            session_gap(session, &s->partial, &s->partial_count, &s->partial_capacity, gap);
    }
    s->roots += roots;
    s->partial_roots += partial;
    s->cut_roots += cut;
}

/* ---- all programs ---------------------------------------------------------------------- */

static void begin_check(struct session *session)
{
    do {
        store_begin(session->store);
        store_check_begins(session->store, session->front->database);
        for (uint32_t i = 0; i < session->front->unit_count; i++) {
            const struct front_unit *u = &session->front->units[i];

            if (u->error && !u->parsed)
                store_failed(session->store, u->file, u->error);
        }
    } while (store_commit(session->store) == STORE_AGAIN);
}

/* What all of its outcome depends on. */
static uint64_t run_key(const struct session *session, uint64_t salt)
{
    return mix(mix(mix(session->front->hash, salt), rules_hash(&session->rules)), configure_roots_hash(session->config));
}

/* By which findings are known again, wherever the lines around them move. */
static void keep_lines(struct session *session)
{
    for (uint32_t i = 0; i < session->findings.count; i++) {
        const struct finding *f = &session->findings.list[i];
        const char *line = f->at.file ? source_line(f->at.file, f->at.line, session->arena) : NULL;

        if (line)
            store_finding_text(session->store, f, finding_key_line(line, session->arena));
    }
}

static void check_programs(struct session *session, uint64_t salt)
{
    uint64_t key = run_key(session, salt);
    uint32_t count = session->front->program_count;
    int64_t *rows = ARENA_ARRAY(session->arena, int64_t, count + 1);

    session->program_rows = rows;
    session->patience = (struct patience){ 0 };
    begin_check(session);
    for (uint32_t i = 0; i < count && !store_error(session->store); i++) {
        session->done = i;
        rows[i] = check_program(session, &session->front->programs[i], salt);
        note_coverage(session, rows[i]);
    }
    session->programs = rows;
    session->program_count = count;
    store_begin(session->store);
    keep_lines(session);
    store_check_ends(session->store, session->options->file_count == 0);
    if (!session->timed && !session->summary.failed_count)
        store_keep_run(session->store, key, session->summary.files, rows, count);
    store_commit(session->store);
}

/* The disk is full, or the file is gone: what was proved is still worth telling. */
static bool go_on_in_memory(struct session *session)
{
    struct summary *s = &session->summary;

    fprintf(stderr, "chanleak: note: %s: going on without it\n", store_error(session->store));
    store_close(session->store);
    session->findings.count = 0;
    s->partial_count = s->bounded_count = s->roots = s->partial_roots = s->cut_roots = 0;
    return session_store_memory(session);
}

/* Nothing has changed since a run that asked for the same: what it said holds. */
static bool tell_again(struct session *session, uint64_t key)
{
    int64_t *programs;
    uint32_t count;

    if (!session->front->unchanged || session->options->format->draws ||
        !store_find_run(session->store, key, &session->summary.files, session->arena, &programs, &count))
        return false;
    store_begin(session->store);
    store_check_begins(session->store, session->front->database);
    for (uint32_t i = 0; i < count; i++) {
        store_use_program(session->store, programs[i]);
        store_program_findings(session->store, &session->rules, programs[i], &session->findings);
        note_coverage(session, programs[i]);
    }
    store_check_ends(session->store, false);
    if (store_commit(session->store) != STORE_DONE)
        return false;
    session_explain_units(session);
    return true;
}

/* ---- check ------------------------------------------------------------------------------- */

uint64_t check_state(const struct session *session, const struct front_program *program)
{
    return mix(program_hash(session, program, salt_of(session->options)), rules_hash(&session->rules));
}

bool check_again(struct session *session)
{
    uint64_t salt = salt_of(session->options);

    if (!tell_again(session, run_key(session, salt)))
        return false;
    triage(session);
    return true;
}

bool check_read(struct session *session)
{
    uint64_t salt = salt_of(session->options);

    check_programs(session, salt);
    if (store_error(session->store) && go_on_in_memory(session))
        check_programs(session, salt);
    if (store_error(session->store)) {
        session_complain(store_error(session->store));
        return false;
    }
    triage(session);
    return true;
}

bool check_run(struct session *session)
{
    return check_again(session) || (session_read(session) && check_read(session));
}
