/* What was read of a program: its functions, what they do, where. */
#include "store_internal.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "flow_text.h"

/* ---- places of a flow, as columns ------------------------------------------ */

struct columns store_place_of(const struct flow *flow, struct loc loc)
{
    if (!loc.line)
        return (struct columns){ NULL, -1, -1 };
    return (struct columns){ flow_string(flow, flow->files[loc.file]), loc.line, loc.col };
}

static const struct instr *store_instr_at(const struct flow *flow, struct place place)
{
    if (place.function == FLOW_NONE || place.instr == FLOW_NONE)
        return NULL;
    return &flow->functions[place.function].instrs[place.instr];
}

struct columns store_place_at(const struct flow *flow, struct place place)
{
    const struct instr *i = store_instr_at(flow, place);

    return i ? store_place_of(flow, i->loc) : (struct columns){ NULL, -1, -1 };
}

const char *store_word_at(const struct flow *flow, struct place place)
{
    const struct instr *i = store_instr_at(flow, place);

    return i && i->kind == INSTR_OP ? flow_op_word(i->op) : NULL;
}

const char *store_name_at(const struct flow *flow, struct place place)
{
    const struct instr *i = store_instr_at(flow, place);

    if (i && i->kind == INSTR_DECL)
        return flow_string(flow, flow->functions[place.function].slots[i->slot].name);
    return i ? flow_string(flow, i->name) : NULL;
}

/* ---- functions ------------------------------------------------------------- */

static const struct expr *argument(const struct function *f, const struct instr *i, unsigned n)
{
    return n < i->arg_count ? &f->exprs[f->args[i->first_arg + n]] : NULL;
}

static int64_t constant(const struct expr *e)
{
    return e && e->kind == EXPR_CONST ? e->number : -1;
}

static const char *named_function(const struct flow *flow, const struct expr *e)
{
    return e && e->kind == EXPR_GLOBAL ? flow_string(flow, flow->symbols[e->index].name) : NULL;
}

static void store_operation(struct store *store, int64_t function, const struct flow *flow,
                            const struct function *f, uint32_t at)
{
    const struct instr *i = &f->instrs[at];
    struct columns c = store_place_of(flow, i->loc);
    int64_t row = store_insert(store, store_bind(store, INSERT_OPERATION, "iisssoo", function,
                                           (int64_t)at, flow_op_word(i->op),
                                           flow_string(flow, i->name), c.file, c.line, c.col));

    if (i->op == FLOW_SPAWN || i->op == FLOW_SPAWN_COPY || i->op == FLOW_GROUP_SPAWN)
        store_insert(store, store_bind(store, INSERT_TASK, "is", row,
                                 named_function(flow, argument(f, i, i->op == FLOW_GROUP_SPAWN))));
    if (i->op == FLOW_MAKE)
        store_insert(store, store_bind(store, INSERT_CHANNEL, "ioo", row, constant(argument(f, i, 0)),
                                 constant(argument(f, i, 1))));
    if (i->op == FLOW_AFTER || i->op == FLOW_TICKER_MAKE || i->op == FLOW_CTX_MAKE
        || i->op == FLOW_CTX_MAKE_TIMEOUT)
        store_insert(store, store_bind(store, INSERT_CHANNEL, "ioo", row, (int64_t)-1, (int64_t)-1));
}

static void store_call(struct store *store, int64_t function, const struct flow *flow,
                       const struct function *f, uint32_t at)
{
    const struct instr *i = &f->instrs[at];
    struct columns c = store_place_of(flow, i->loc);

    store_insert(store, store_bind(store, INSERT_CALL, "iissoo", function, (int64_t)at,
                             i->symbol == FLOW_NONE ? NULL
                                 : flow_string(flow, flow->symbols[i->symbol].name),
                             c.file, c.line, c.col));
}

/* ---- programs -------------------------------------------------------------- */

struct known_function {
    uint64_t hash;
    int64_t  row;
    bool     kept;
};

struct known_functions {
    struct known_function *list;    /* by hash */
    uint32_t               count, capacity;
};

static int by_hash(const void *a, const void *b)
{
    const struct known_function *x = a, *y = b;

    return (x->hash > y->hash) - (x->hash < y->hash);
}

static struct known_functions known_functions(struct store *store, int64_t program)
{
    struct known_functions known = { 0 };
    sqlite3_stmt *s = store_bind(store, SELECT_FUNCTIONS, "i", program);

    while (store_step(store, s))
        ARENA_PUSH(store->arena, known.list, known.count, known.capacity) =
            (struct known_function){ (uint64_t)sqlite3_column_int64(s, 1), sqlite3_column_int64(s, 0), false };
    if (known.count)
        qsort(known.list, known.count, sizeof *known.list, by_hash);
    return known;
}

/* The text of a function begins with its name: of equal hash, it is the same function. */
static bool keep_function(struct known_functions *known, uint64_t hash)
{
    uint32_t low = 0, high = known->count;

    while (low < high) {
        uint32_t middle = (low + high) / 2;

        if (known->list[middle].hash < hash)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < known->count && known->list[low].hash == hash; low++)
        if (!known->list[low].kept)
            return known->list[low].kept = true;
    return false;
}

/* Its operations and calls go with it. */
static void store_function(struct store *store, int64_t program, const struct flow *flow, uint32_t at, uint64_t hash,
                           struct flow_texts *texts)
{
    const struct function *f = &flow->functions[at];
    struct columns c = store_place_of(flow, f->loc);
    size_t size;
    int64_t row = store_insert(store, store_bind(store, INSERT_FUNCTION, "issooohbs", program,
                                           flow_function_name(flow, at), c.file, c.line, c.col,
                                           (int64_t)f->end.line, hash, f->incomplete,
                                           flow_texts_of(texts, at, &size)));

    for (uint32_t i = 0; i < f->instr_count; i++) {
        if (f->instrs[i].kind == INSTR_OP)
            store_operation(store, row, flow, f, i);
        else if (f->instrs[i].kind == INSTR_CALL)
            store_call(store, row, flow, f, i);
    }
}

static void store_functions(struct store *store, int64_t program, const struct flow *flow, const uint64_t *hashes)
{
    struct known_functions known = known_functions(store, program);
    struct flow_texts *texts = NULL;

    for (uint32_t i = 0; i < flow->function_count && !store->error; i++) {
        if (keep_function(&known, hashes[i]))
            continue;
        texts = texts ? texts : flow_texts_new(flow);
        store_function(store, program, flow, i, hashes[i], texts);
    }
    flow_texts_free(texts);
    for (uint32_t i = 0; i < known.count; i++)
        if (!known.list[i].kept)
            store_step(store, store_bind(store, DELETE_FUNCTION, "i", known.list[i].row));
}

static void note_checked(struct store *store, int64_t program)
{
    store_step(store, store_bind(store, INSERT_LAST, "i", program));
    store_step(store, store_bind(store, INSERT_CHECKED, "i", program));
}

int64_t store_find_program(struct store *store, const char *name, uint64_t hash)
{
    sqlite3_stmt *s = store_bind(store, SELECT_PROGRAM, "sh", name, hash);
    int64_t row = 0;

    if (store_step(store, s)) {
        row = sqlite3_column_int64(s, 0);
        sqlite3_reset(s);
    }
    return row;
}

int64_t store_program(struct store *store, const struct front_program *p, uint64_t hash, const uint64_t *functions)
{
    sqlite3_stmt *s = store_bind(store, INSERT_PROGRAM, "ssh", p->name, store->checking, hash);
    int64_t program = 0;

    if (store_step(store, s)) {
        program = sqlite3_column_int64(s, 0);
        sqlite3_reset(s);
    }
    note_checked(store, program);
    store_step(store, store_bind(store, DELETE_RUNS, "i", program));
    store_step(store, store_bind(store, DELETE_PARTS, "i", program));
    store_step(store, store_bind(store, DELETE_KEPT, ""));
    for (uint32_t i = 0; i < p->part_count; i++)
        store_insert(store, store_bind(store, INSERT_PART, "iisssh", program, (int64_t)i, p->parts[i].file,
                                 p->parts[i].directory, p->parts[i].command,
                                 store_file_hash(p->parts[i].file)));
    store_functions(store, program, p->flow, functions);
    return program;
}

void store_use_program(struct store *store, int64_t program)
{
    store_step(store, store_bind(store, USE_PROGRAM, "si", store->checking, program));
    note_checked(store, program);
}

void store_program_done(struct store *store, int64_t program)
{
    store_step(store, store_bind(store, DELETE_EXPLORATIONS, "i", program));
}

/* ---- runs ------------------------------------------------------------------- */

bool store_find_run(struct store *store, uint64_t key, uint32_t *files, struct arena *arena, int64_t **programs,
                    uint32_t *program_count)
{
    sqlite3_stmt *s = store_bind(store, SELECT_RUN, "h", key);
    uint32_t capacity = 0;
    bool found = store_step(store, s);
    int64_t run;

    if (!found)
        return false;
    run = sqlite3_column_int64(s, 0);
    *files = (uint32_t)sqlite3_column_int64(s, 1);
    sqlite3_reset(s);
    *programs = NULL;
    *program_count = 0;
    s = store_bind(store, SELECT_RUN_PROGRAMS, "i", run);
    while (store_step(store, s))
        ARENA_PUSH(arena, *programs, *program_count, capacity) = sqlite3_column_int64(s, 0);
    return true;
}

void store_keep_run(struct store *store, uint64_t key, uint32_t files, const int64_t *programs, uint32_t count)
{
    int64_t run = store_insert(store, store_bind(store, INSERT_RUN, "hi", key, (int64_t)files));

    for (uint32_t i = 0; i < count; i++)
        store_insert(store, store_bind(store, INSERT_RUN_PROGRAM, "ii", run, programs[i]));
}

/* ---- names --------------------------------------------------------------------- */

bool store_has_function(struct store *store, const char *pattern)
{
    sqlite3_stmt *row = store_bind(store, SELECT_FUNCTION_NAMED, "s", pattern);
    bool found = store_step(store, row);

    if (found)
        sqlite3_reset(row);
    return found;
}

void store_function_names(struct store *store, void (*each)(void *to, const char *name), void *to)
{
    sqlite3_stmt *row = store_bind(store, SELECT_FUNCTION_NAMES, "");

    while (store_step(store, row))
        each(to, store_text(row, 0, store->arena));
}
