#include "store_internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "embedded.h"
#include "flow_text.h"

enum {
    SCHEMA_VERSION = 3,
    BUSY_MILLISECONDS = 60 * 1000,  /* transactions are short: another run is long done */
};

static const char *const sql[STATEMENT_COUNT] = {
    [INSERT_UNIT] = "INSERT OR REPLACE INTO units (file, directory, arguments, hash, status, reason)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
    [DELETE_PROGRAM] = "DELETE FROM programs WHERE name = ?",
    [INSERT_PROGRAM] = "INSERT INTO programs (name, hash) VALUES (?, ?)",
    [INSERT_FUNCTION] = "INSERT INTO functions (program, name, file, line, col, end_line, hash,"
                        " incomplete, flow) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [INSERT_OPERATION] = "INSERT INTO operations (function, instr, word, object, file, line, col)"
                         " VALUES (?, ?, ?, ?, ?, ?, ?)",
    [INSERT_TASK] = "INSERT INTO tasks (operation, entry) VALUES (?, ?)",
    [INSERT_CHANNEL] = "INSERT INTO channels (operation, element_size, capacity) VALUES (?, ?, ?)",
    [INSERT_CALL] = "INSERT INTO calls (caller, instr, callee, file, line, col)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
    [INSERT_EXPLORATION] = "INSERT INTO explorations (program, root, file, line, col, states,"
                           " transitions, seconds, status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [INSERT_COVERAGE] = "INSERT INTO coverage (exploration, kind, text, file, line, col)"
                        " VALUES (?, ?, ?, ?, ?, ?)",
    [INSERT_FACT] = "INSERT INTO facts (exploration, kind, word, file, line, col, function, task,"
                    " entry, spawned_file, spawned_line, spawned_col, object, name, made_file,"
                    " made_line, made_col, capacity, cases, role, stuck_group, group_has_lock,"
                    " group_has_other, range, counterpart, closer, senders, outside, leak_check,"
                    " runs_on) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
                    " ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [INSERT_STEP] = "INSERT INTO steps (fact, number, kind, task, other, function, word, object,"
                    " file, line, col, end_line, end_col, made_file, made_line, made_col, value,"
                    " times, round) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [SET_NOW] = "DELETE FROM temp.now",
    [ADD_NOW] = "INSERT INTO temp.now (exploration) SELECT exploration FROM explorations"
                " WHERE program = ?",
    [INSERT_RULE] = "INSERT INTO rules (name, severity, title) VALUES (?, ?, ?)"
                    " ON CONFLICT (name) DO UPDATE SET severity = excluded.severity,"
                    " title = excluded.title",
    [INSERT_FINDING] = "INSERT OR IGNORE INTO findings (fact, rule, message, help, file, line, col)"
                       " VALUES (?, ?, ?, ?, ?, ?, ?)",
    [SELECT_FINDINGS] = "SELECT findings.fact, rule, severity, message, findings.help,"
                        " findings.file, findings.line, findings.col, facts.function, root, word,"
                        " name, task, entry, spawned_file, spawned_line, spawned_col, made_file,"
                        " made_line, made_col, object, capacity, kind, role, finding, program,"
                        " facts.file, facts.line, facts.col"
                        " FROM temp.now JOIN explorations USING (exploration)"
                        " JOIN facts USING (exploration) JOIN findings USING (fact)"
                        " JOIN (SELECT name AS rule, severity FROM rules) USING (rule)"
                        " ORDER BY finding",
    [SELECT_STEPS] = "SELECT kind, task, other, function, word, object, file, line, col,"
                     " end_line, end_col, made_file, made_line, made_col, value, times, round"
                     " FROM steps WHERE fact = ? ORDER BY number",
    [INSERT_PART] = "INSERT INTO parts (program, number, file, directory, command, hash)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
    [SELECT_PARTS] = "SELECT file, directory, command, hash FROM parts WHERE program = ? ORDER BY number",
    [SELECT_MAIN] = "SELECT 1 FROM functions WHERE program = ? AND name = 'main'",
    [ADD_ALL] = "INSERT INTO temp.now (exploration) SELECT exploration FROM explorations",
    [SET_FINGERPRINT] = "UPDATE findings SET fingerprint = ? WHERE finding = ?",
    [SELECT_CONFIRMATION] = "SELECT how FROM confirmations WHERE fingerprint = ?",
    [INSERT_CONFIRMATION] = "INSERT OR REPLACE INTO confirmations (fingerprint, how, arguments,"
                            " program, confirmed_at) VALUES (?, ?, ?, ?, datetime('now'))",
    [DROP_CONFIRMATIONS] = "DELETE FROM confirmations WHERE fingerprint NOT IN"
                           " (SELECT fingerprint FROM findings WHERE fingerprint IS NOT NULL)",
};

/* Rules see the facts of the program at hand only. */
static const char session_sql[] =
    "CREATE TEMP TABLE now (exploration INTEGER PRIMARY KEY);"
    "CREATE TEMP VIEW stuck AS SELECT * FROM main.stuck WHERE exploration IN (SELECT * FROM temp.now);"
    "CREATE TEMP VIEW faults AS SELECT * FROM main.faults WHERE exploration IN (SELECT * FROM temp.now);";

/* ---- statements ----------------------------------------------------------- */

void store_fail(struct store *store)
{
    int code = sqlite3_errcode(store->db) & 0xff;

    if (store->error)
        return;
    store->corrupt = code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
    store->error = arena_printf(store->arena, "cannot write '%s': %s", store->path,
                                code == SQLITE_IOERR && errno == ENOSPC ? strerror(errno)
                                                                       : sqlite3_errmsg(store->db));
}

static bool run(struct store *store, const char *text)
{
    if (!store->error && sqlite3_exec(store->db, text, NULL, NULL, NULL) != SQLITE_OK)
        store_fail(store);
    return !store->error;
}

sqlite3_stmt *store_bind(struct store *store, enum statement statement, const char *types, ...)
{
    sqlite3_stmt **s = &store->statements[statement];
    va_list args;

    if (store->error)
        return NULL;
    if (!*s && sqlite3_prepare_v3(store->db, sql[statement], -1, SQLITE_PREPARE_PERSISTENT, s,
                                  NULL) != SQLITE_OK) {
        store_fail(store);
        return NULL;
    }
    sqlite3_reset(*s);
    va_start(args, types);
    for (int i = 1; types[i - 1]; i++) {
        switch (types[i - 1]) {
        case 's':
            sqlite3_bind_text(*s, i, va_arg(args, const char *), -1, SQLITE_TRANSIENT);
            break;
        case 'i':
            sqlite3_bind_int64(*s, i, va_arg(args, int64_t));
            break;
        case 'o': {
            int64_t n = va_arg(args, int64_t);

            if (n >= 0)
                sqlite3_bind_int64(*s, i, n);
            else
                sqlite3_bind_null(*s, i);
            break;
        }
        case 'h':
            sqlite3_bind_int64(*s, i, (int64_t)va_arg(args, uint64_t));
            break;
        case 'd':
            sqlite3_bind_double(*s, i, va_arg(args, double));
            break;
        case 'b':
            sqlite3_bind_int(*s, i, va_arg(args, int) != 0);
            break;
        }
    }
    va_end(args);
    return *s;
}

bool store_step(struct store *store, sqlite3_stmt *statement)
{
    if (!statement)
        return false;

    int result = sqlite3_step(statement);

    if (result == SQLITE_ROW)
        return true;
    if (result != SQLITE_DONE)
        store_fail(store);
    sqlite3_reset(statement);
    return false;
}

/* Run an insertion; the row's number. */
static int64_t insert(struct store *store, sqlite3_stmt *statement)
{
    store_step(store, statement);
    return sqlite3_last_insert_rowid(store->db);
}

/* ---- opening -------------------------------------------------------------- */

static void close_database(struct store *store)
{
    for (int i = 0; i < STATEMENT_COUNT; i++) {
        sqlite3_finalize(store->statements[i]);
        store->statements[i] = NULL;
    }
    store_forget_queries(store);
    sqlite3_close_v2(store->db);
    store->db = NULL;
}

static int user_version(struct store *store)
{
    sqlite3_stmt *s = NULL;
    int version = -1;

    if (sqlite3_prepare_v2(store->db, "PRAGMA user_version", -1, &s, NULL) == SQLITE_OK
        && sqlite3_step(s) == SQLITE_ROW)
        version = sqlite3_column_int(s, 0);
    else
        store_fail(store);
    sqlite3_finalize(s);
    return version;
}

static bool is_empty(struct store *store)
{
    sqlite3_stmt *s = NULL;
    bool empty = sqlite3_prepare_v2(store->db, "SELECT 1 FROM sqlite_schema", -1, &s, NULL) == SQLITE_OK
        && sqlite3_step(s) == SQLITE_DONE;

    sqlite3_finalize(s);
    return empty;
}

static void use_wal(struct store *store)
{
    /* Changing the mode does not wait for other runs by itself. */
    for (int i = 0; i < 100; i++) {
        int result = sqlite3_exec(store->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);

        if (result == SQLITE_OK)
            return;
        if ((result & 0xff) != SQLITE_BUSY)
            break;
        sqlite3_sleep(20);
    }
    store_fail(store);
}

/* Open the file and make the schema in it; false: see store->error. */
static bool open_database(struct store *store, const char *path)
{
    char *version = arena_printf(store->arena, "PRAGMA user_version = %d", SCHEMA_VERSION);

    store->error = NULL;
    store->corrupt = false;
    if (sqlite3_open_v2(path, &store->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL)
        != SQLITE_OK) {
        store_fail(store);
        return false;
    }
    sqlite3_busy_timeout(store->db, BUSY_MILLISECONDS);
    use_wal(store);
    if (!run(store, "PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; BEGIN IMMEDIATE"))
        return false;
    if (user_version(store) != SCHEMA_VERSION) {
        store->corrupt = !is_empty(store);      /* of another time, or not ours */
        if (store->corrupt)
            store->error = "another version";
        run(store, embedded_schema[0].text);
        run(store, version);
    }
    return run(store, "COMMIT") && run(store, session_sql);
}

static void remove_files(const char *path, struct arena *arena)
{
    unlink(path);
    unlink(arena_printf(arena, "%s-wal", path));
    unlink(arena_printf(arena, "%s-shm", path));
}

/* The folder of path, made when it is missing. */
static void make_folder(const char *path, struct arena *arena)
{
    char *folder = arena_strdup(arena, path);
    char *slash = strrchr(folder, '/');

    if (!slash || slash == folder)
        return;
    *slash = 0;
    mkdir(folder, 0777);
}

struct store *store_open(const char *path, struct arena *arena, const char **note)
{
    struct store *store = arena_alloc(arena, sizeof *store);

    store->arena = arena;
    store->path = path ? path : ":memory:";
    *note = NULL;
    if (path)
        make_folder(path, arena);
    if (open_database(store, store->path))
        return store;
    if (store->corrupt && path) {
        close_database(store);
        remove_files(path, arena);
        store->rebuilt = true;
        *note = arena_printf(arena, "'%s' was not a database of this version: built anew", path);
        if (open_database(store, path))
            return store;
    }
    *note = arena_printf(arena, "%s: going on without it", store->error);
    close_database(store);
    store->path = ":memory:";
    open_database(store, store->path);
    return store;
}

void store_close(struct store *store)
{
    if (store)
        close_database(store);
}

const char *store_error(const struct store *store)
{
    return store->error;
}

/* ---- transactions --------------------------------------------------------- */

void store_begin(struct store *store)
{
    run(store, "BEGIN IMMEDIATE");
}

enum store_result store_commit(struct store *store)
{
    if (run(store, "COMMIT"))
        return STORE_DONE;
    sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    if (!store->corrupt || store->rebuilt)
        return STORE_FAILED;
    store->rebuilt = true;
    close_database(store);
    remove_files(store->path, store->arena);
    return open_database(store, store->path) ? STORE_AGAIN : STORE_FAILED;
}

/* ---- units ---------------------------------------------------------------- */

void store_unit(struct store *store, const struct unit_record *unit)
{
    char *arguments = arena_strdup(store->arena, "");

    for (const char *const *a = unit->arguments; *a; a++)
        arguments = arena_printf(store->arena, "%s%s\n", arguments, *a);
    insert(store, store_bind(store, INSERT_UNIT, "ssshss", unit->file, unit->directory, arguments,
                             unit->hash, unit->reason ? "failed" : "analysed", unit->reason));
}

/* ---- programs ------------------------------------------------------------- */

/* A place of a flow, as columns. */
struct columns { const char *file; int64_t line, col; };

static struct columns columns_of(const struct flow *flow, struct loc loc)
{
    if (!loc.line)
        return (struct columns){ NULL, -1, -1 };
    return (struct columns){ flow_string(flow, flow->files[loc.file]), loc.line, loc.col };
}

static const struct instr *instr_at(const struct flow *flow, struct place place)
{
    if (place.function == FLOW_NONE || place.instr == FLOW_NONE)
        return NULL;
    return &flow->functions[place.function].instrs[place.instr];
}

static struct columns columns_at(const struct flow *flow, struct place place)
{
    const struct instr *i = instr_at(flow, place);

    return i ? columns_of(flow, i->loc) : (struct columns){ NULL, -1, -1 };
}

static const char *word_at(const struct flow *flow, struct place place)
{
    const struct instr *i = instr_at(flow, place);

    return i && i->kind == INSTR_OP ? flow_op_word(i->op) : NULL;
}

static const char *name_at(const struct flow *flow, struct place place)
{
    const struct instr *i = instr_at(flow, place);

    if (i && i->kind == INSTR_DECL)
        return flow_string(flow, flow->functions[place.function].slots[i->slot].name);
    return i ? flow_string(flow, i->name) : NULL;
}

/* What the fact is about, in words: a local that is handed over has its own. */
static const char *name_of(const struct flow *flow, const struct fact *f, struct place place)
{
    bool local = f->kind == FACT_ESCAPING || f->kind == FACT_CHANGING;

    return name_at(flow, local ? f->made : place);
}

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
    struct columns c = columns_of(flow, i->loc);
    int64_t row = insert(store, store_bind(store, INSERT_OPERATION, "iisssoo", function,
                                           (int64_t)at, flow_op_word(i->op),
                                           flow_string(flow, i->name), c.file, c.line, c.col));

    if (i->op == FLOW_SPAWN || i->op == FLOW_SPAWN_COPY || i->op == FLOW_GROUP_SPAWN)
        insert(store, store_bind(store, INSERT_TASK, "is", row,
                                 named_function(flow, argument(f, i, i->op == FLOW_GROUP_SPAWN))));
    if (i->op == FLOW_MAKE)
        insert(store, store_bind(store, INSERT_CHANNEL, "ioo", row, constant(argument(f, i, 0)),
                                 constant(argument(f, i, 1))));
    if (i->op == FLOW_AFTER || i->op == FLOW_TICKER_MAKE || i->op == FLOW_CTX_MAKE
        || i->op == FLOW_CTX_MAKE_TIMEOUT)
        insert(store, store_bind(store, INSERT_CHANNEL, "ioo", row, (int64_t)-1, (int64_t)-1));
}

static void store_call(struct store *store, int64_t function, const struct flow *flow,
                       const struct function *f, uint32_t at)
{
    const struct instr *i = &f->instrs[at];
    struct columns c = columns_of(flow, i->loc);

    insert(store, store_bind(store, INSERT_CALL, "iissoo", function, (int64_t)at,
                             i->symbol == FLOW_NONE ? NULL
                                 : flow_string(flow, flow->symbols[i->symbol].name),
                             c.file, c.line, c.col));
}

static void store_function(struct store *store, int64_t program, const struct flow *flow,
                           uint32_t at)
{
    const struct function *f = &flow->functions[at];
    struct columns c = columns_of(flow, f->loc);
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    flow_print_function(flow, at, out);
    fclose(out);

    int64_t row = insert(store, store_bind(store, INSERT_FUNCTION, "issooohbs", program,
                                           flow_function_name(flow, at), c.file, c.line, c.col,
                                           (int64_t)f->end.line, (uint64_t)XXH3_64bits(text, size),
                                           f->incomplete, text));
    free(text);
    for (uint32_t i = 0; i < f->instr_count; i++) {
        if (f->instrs[i].kind == INSTR_OP)
            store_operation(store, row, flow, f, i);
        else if (f->instrs[i].kind == INSTR_CALL)
            store_call(store, row, flow, f, i);
    }
}

int64_t store_program(struct store *store, const struct front_program *p)
{
    store_step(store, store_bind(store, DELETE_PROGRAM, "s", p->name));

    int64_t program = insert(store, store_bind(store, INSERT_PROGRAM, "so", p->name, (int64_t)-1));

    for (uint32_t i = 0; i < p->part_count; i++)
        insert(store, store_bind(store, INSERT_PART, "iisssh", program, (int64_t)i, p->parts[i].file,
                                 p->parts[i].directory, p->parts[i].command,
                                 store_file_hash(p->parts[i].file)));
    for (uint32_t i = 0; i < p->flow->function_count && !store->error; i++)
        store_function(store, program, p->flow, i);
    return program;
}

/* ---- facts ---------------------------------------------------------------- */

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
};

static const char *function_name(const struct flow *flow, uint32_t function)
{
    return function == FLOW_NONE ? NULL : flow_function_name(flow, function);
}

/* Where a step is: the operation, the condition, or the end of the function. */
static struct columns step_columns(const struct flow *flow, const struct step *s,
                                   int64_t *end_line, int64_t *end_col)
{
    *end_line = *end_col = -1;
    if ((s->kind != STEP_BRANCH && s->kind != STEP_RETURN) || s->at.function == FLOW_NONE)
        return columns_at(flow, s->at);

    const struct function *f = &flow->functions[s->at.function];

    if (s->block < f->block_count && f->blocks[s->block].loc.line) {
        const struct block *b = &f->blocks[s->block];

        if (b->end_line) {
            *end_line = b->end_line;
            *end_col = b->end_col;
        }
        return columns_of(flow, b->loc);
    }
    return s->kind == STEP_RETURN ? columns_of(flow, f->end) : columns_at(flow, s->at);
}

static void store_step_row(struct store *store, int64_t fact, uint32_t number,
                           const struct flow *flow, const struct step *s)
{
    int64_t end_line, end_col;
    struct columns at = step_columns(flow, s, &end_line, &end_col);
    struct columns made = columns_at(flow, s->made);
    struct place none = { FLOW_NONE, FLOW_NONE };
    struct place op = s->kind == STEP_BRANCH || s->kind == STEP_RETURN ? none : s->at;

    insert(store, store_bind(store, INSERT_STEP, "iisiossssoooosooiii", fact, (int64_t)number,
                             store_step_words[s->kind], (int64_t)s->task,
                             s->other == FLOW_NONE ? (int64_t)-1 : (int64_t)s->other,
                             function_name(flow, s->at.function), word_at(flow, op),
                             name_at(flow, op), at.file, at.line, at.col, end_line, end_col,
                             made.file, made.line, made.col, s->number, s->times,
                             (int64_t)s->round));
}

static void store_fact(struct store *store, int64_t exploration, const struct flow *flow,
                       const struct fact *f)
{
    /* A context is lost where it was made: there is no operation to point at. */
    struct place place = f->at.function != FLOW_NONE ? f->at : f->made;
    struct columns at = columns_at(flow, place), spawned = columns_at(flow, f->spawned);
    struct columns made = columns_at(flow, f->made);
    int64_t row = insert(store, store_bind(store, INSERT_FACT, "isssoosissoosssoooisobbbbbbbbb",
                                           exploration, fact_words[f->kind],
                                           word_at(flow, place), at.file, at.line, at.col,
                                           function_name(flow, place.function), (int64_t)f->task,
                                           function_name(flow, f->entry), spawned.file,
                                           spawned.line, spawned.col, store_object_words[f->object],
                                           name_of(flow, f, place), made.file, made.line, made.col,
                                           f->capacity, (int64_t)f->case_count,
                                           role_words[f->role], f->group ? (int64_t)f->group : -1,
                                           f->group_has_lock, f->group_has_other, f->range,
                                           f->counterpart, f->closer, f->senders, f->outside,
                                           f->leak_check, f->runs_on));

    for (uint32_t i = 0; i < f->step_count && !store->error; i++)
        store_step_row(store, row, i, flow, &f->steps[i]);
}

static const char *coverage_status(const struct facts *facts)
{
    const char *status = "explored";

    for (uint32_t i = 0; i < facts->coverage_count; i++) {
        if (facts->coverage[i].kind == COVERAGE_NOT_UNDERSTOOD)
            return "partial";
        if (facts->coverage[i].kind != COVERAGE_EXPLORED)
            status = "cut";
    }
    return status;
}

int64_t store_facts(struct store *store, int64_t program, const struct flow *flow,
                    const struct facts *facts)
{
    struct columns root = columns_of(flow, flow->functions[facts->root].loc);
    int64_t exploration = insert(store, store_bind(store, INSERT_EXPLORATION, "issooiids", program,
                                 flow_function_name(flow, facts->root), root.file, root.line,
                                 root.col, (int64_t)facts->states, (int64_t)facts->transitions,
                                 facts->seconds, coverage_status(facts)));

    for (uint32_t i = 0; i < facts->coverage_count; i++) {
        const struct coverage *c = &facts->coverage[i];
        struct columns at = columns_at(flow, c->at);

        insert(store, store_bind(store, INSERT_COVERAGE, "isssoo", exploration,
                                 coverage_words[c->kind], c->text, at.file, at.line, at.col));
    }
    for (uint32_t i = 0; i < facts->fact_count && !store->error; i++)
        store_fact(store, exploration, flow, &facts->facts[i]);
    return exploration;
}
