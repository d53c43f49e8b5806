/* Rules over facts: run each query, say its message, keep the findings, read
 * them back with their schedules. */
#include "store_internal.h"

#include <stdlib.h>
#include <string.h>

#include "rule.h"

const char *const store_object_words[STORE_OBJECT_COUNT] = {
    [OBJECT_NONE] = "none", [OBJECT_NULL] = "null", [OBJECT_CHANNEL] = "channel",
    [OBJECT_TIMER] = "timer", [OBJECT_TICKER] = "ticker", [OBJECT_CONTEXT] = "context",
    [OBJECT_WAIT_GROUP] = "wait_group", [OBJECT_MUTEX] = "mutex", [OBJECT_RWLOCK] = "rwlock",
    [OBJECT_CONDITION] = "condition", [OBJECT_ONCE] = "once", [OBJECT_GROUP] = "group",
    [OBJECT_EXTERNAL] = "external",
};
const char *const store_step_words[STORE_STEP_COUNT] = {
    [STEP_START] = "start", [STEP_MAKE] = "make", [STEP_SEND] = "send", [STEP_RECV] = "recv",
    [STEP_RECV_CLOSED] = "recv_closed", [STEP_CLOSE] = "close", [STEP_CANCEL] = "cancel",
    [STEP_SELECT] = "select", [STEP_DEFAULT] = "default", [STEP_TIMEOUT] = "timeout",
    [STEP_LOCK] = "lock", [STEP_UNLOCK] = "unlock", [STEP_RDLOCK] = "rdlock",
    [STEP_RDUNLOCK] = "rdunlock", [STEP_QUEUE] = "queue", [STEP_WAIT] = "wait",
    [STEP_SIGNAL] = "signal", [STEP_ADD] = "add", [STEP_DONE] = "done", [STEP_WAITED] = "waited",
    [STEP_BRANCH] = "branch", [STEP_CASE] = "case", [STEP_RETURN] = "return", [STEP_EXIT] = "exit",
    [STEP_BLOCK] = "block", [STEP_ABORT] = "abort", [STEP_USE] = "use", [STEP_ROUND] = "round",
};

/* ---- queries --------------------------------------------------------------- */

void store_forget_queries(struct store *store)
{
    for (uint32_t i = 0; i < store->query_count; i++)
        sqlite3_finalize(store->queries[i]);
    store->queries = NULL;
    store->query_count = 0;
}

static int find_column(sqlite3_stmt *s, const char *name, size_t size)
{
    for (int i = 0; i < sqlite3_column_count(s); i++) {
        const char *column = sqlite3_column_name(s, i);

        if (strlen(column) == size && !memcmp(column, name, size))
            return i;
    }
    return -1;
}

/* The first {placeholder} of text that is no column, or NULL. */
static const char *missing_column(sqlite3_stmt *s, const char *text, struct arena *arena)
{
    while ((text = strchr(text, '{'))) {
        size_t size = strcspn(++text, "}");

        if (find_column(s, text, size) < 0)
            return arena_printf(arena, "%.*s", (int)size, text);
    }
    return NULL;
}

static const char *check_query(struct store *store, const struct rule *rule, sqlite3_stmt *s,
                               const char *rest)
{
    const char *missing;

    if (!s)
        return "an empty query";
    if (rest[strspn(rest, " \t\n;")])
        return "more than one statement";
    if (!sqlite3_stmt_readonly(s))
        return "a query only reads";
    if (find_column(s, "fact", 4) < 0 && find_column(s, "suppression", 11) < 0)
        return "the query has no column 'fact'";
    missing = missing_column(s, rule->message, store->arena);
    if (!missing)
        missing = missing_column(s, rule->help, store->arena);
    return missing ? arena_printf(store->arena, "no column for {%s}", missing) : NULL;
}

/* The rule's query, prepared; NULL: *wrong says what is the matter with it. */
static sqlite3_stmt *query_of(struct store *store, const struct rules *rules, uint32_t at, const char **wrong)
{
    const struct rule *rule = &rules->list[at];
    sqlite3_stmt **query = &store->queries[at];
    const char *rest = "", *what;

    *wrong = NULL;
    if (*query)
        return *query;
    if (sqlite3_prepare_v3(store->db, rule->query, -1, SQLITE_PREPARE_PERSISTENT, query, &rest) != SQLITE_OK)
        what = sqlite3_errmsg(store->db);
    else
        what = check_query(store, rule, *query, rest);
    if (!what)
        return *query;
    *wrong = arena_printf(store->arena, "%s:%u: %s", rule->path, rule->query_line, what);
    sqlite3_finalize(*query);
    *query = NULL;
    return NULL;
}

/* Likewise, of rules that have been checked. */
static sqlite3_stmt *query_to_run(struct store *store, const struct rules *rules, uint32_t at)
{
    const char *wrong;
    sqlite3_stmt *query = query_of(store, rules, at, &wrong);

    if (wrong && !store->error)
        store->error = wrong;
    return query;
}

static void set_daemons(struct store *store, const struct rules *rules)
{
    store_step(store, store_bind(store, CLEAR_DAEMONS, ""));
    for (uint32_t i = 0; i < rules->daemon_count; i++)
        store_step(store, store_bind(store, INSERT_DAEMON, "s", rules->daemons[i]));
}

const char *store_check_rules(struct store *store, const struct rules *rules)
{
    store_forget_queries(store);
    if (store->error)
        return NULL;
    store->queries = ARENA_ARRAY(store->arena, sqlite3_stmt *, rules->count);
    store->query_count = rules->count;
    store->has_rules = false;
    set_daemons(store, rules);
    for (uint32_t i = 0; i < rules->count; i++) {
        const char *wrong = NULL;

        if (!rules->list[i].built_in && !query_of(store, rules, i, &wrong))
            return wrong;
    }
    return NULL;
}

/* ---- from rows to findings -------------------------------------------------- */

/* text with each {column} replaced by the row's value */
static const char *fill_in(sqlite3_stmt *row, const char *text, struct arena *arena)
{
    char *out = arena_strdup(arena, "");

    for (;;) {
        size_t plain = strcspn(text, "{");
        size_t size = text[plain] ? strcspn(text + plain + 1, "}") : 0;

        if (!text[plain])
            return arena_printf(arena, "%s%s", out, text);
        const char *value = (const char *)sqlite3_column_text(
            row, find_column(row, text + plain + 1, size));
        out = arena_printf(arena, "%s%.*s%s", out, (int)plain, text, value ? value : "");
        text += plain + 1 + size;
        text += *text == '}';
    }
}

static void run_rule(struct store *store, const struct rules *rules, uint32_t at)
{
    const struct rule *rule = &rules->list[at];
    sqlite3_stmt *query = query_to_run(store, rules, at);
    int fact = find_column(query, "fact", 4);
    int file = find_column(query, "file", 4), line = find_column(query, "line", 4),
        col = find_column(query, "col", 3);

    while (fact >= 0 && store_step(store, query)) {
        const char *message = fill_in(query, rule->message, store->arena);
        const char *help = fill_in(query, rule->help, store->arena);

        store_step(store, store_bind(store, INSERT_FINDING, "issssoo",
                                     (int64_t)sqlite3_column_int64(query, fact), rule->name,
                                     message, help,
                                     file < 0 ? NULL : (const char *)sqlite3_column_text(query, file),
                                     line < 0 ? (int64_t)-1 : (int64_t)sqlite3_column_int64(query, line),
                                     col < 0 ? (int64_t)-1 : (int64_t)sqlite3_column_int64(query, col)));
    }
}

const char *store_text(sqlite3_stmt *row, int column, struct arena *arena)
{
    const char *text = (const char *)sqlite3_column_text(row, column);

    return text ? arena_strdup(arena, text) : NULL;
}

const char *store_string(sqlite3_stmt *row, int column, struct arena *arena)
{
    const char *text = (const char *)sqlite3_column_text(row, column);

    return arena_strdup(arena, text ? text : "");
}

/* three columns: file, line, col */
static struct site site_of(sqlite3_stmt *row, int column, struct arena *arena)
{
    return (struct site){ store_text(row, column, arena),
                          (uint32_t)sqlite3_column_int(row, column + 1),
                          (uint32_t)sqlite3_column_int(row, column + 2) };
}

/* The number of word among words; one of ours, so it is there. */
static unsigned find_word(const char *word, const char *const *words, unsigned count)
{
    unsigned i = 0;

    while (i + 1 < count && strcmp(words[i], word))
        i++;
    return i;
}

static enum severity severity_of(const char *word)
{
    enum severity severity = SEVERITY_ERROR;

    while (severity < SEVERITY_NOTE && strcmp(severity_name(severity), word))
        severity++;
    return severity;
}

/* The columns of SELECT_STEPS, in its order. */
static struct finding_step read_step(sqlite3_stmt *row, struct arena *arena)
{
    return (struct finding_step){
        .kind = find_word(store_string(row, 0, arena), store_step_words, STORE_STEP_COUNT),
        .task = (uint32_t)sqlite3_column_int64(row, 1),
        .other = sqlite3_column_type(row, 2) == SQLITE_NULL ? FLOW_NONE
                                                            : (uint32_t)sqlite3_column_int64(row, 2),
        .function = store_string(row, 3, arena),
        .word = store_string(row, 4, arena),
        .object = store_string(row, 5, arena),
        .at = site_of(row, 6, arena),
        .end_line = (uint32_t)sqlite3_column_int(row, 9),
        .end_col = (uint32_t)sqlite3_column_int(row, 10),
        .made = site_of(row, 11, arena),
        .value = sqlite3_column_int64(row, 14),
        .times = sqlite3_column_int64(row, 15),
        .round = (uint32_t)sqlite3_column_int64(row, 16),
        .identity = (uint32_t)sqlite3_column_int64(row, 17),
        .since = sqlite3_column_type(row, 18) == SQLITE_NULL ? FLOW_NONE
                                                             : (uint32_t)sqlite3_column_int64(row, 18),
        .amount = sqlite3_column_int64(row, 19),
    };
}

static void read_steps(struct store *store, int64_t fact, struct finding *f, struct arena *arena)
{
    sqlite3_stmt *row = store_bind(store, SELECT_STEPS, "i", fact);
    uint32_t capacity = 0;

    while (store_step(store, row))
        ARENA_PUSH(arena, f->steps, f->step_count, capacity) = read_step(row, arena);
}

/* The columns of SELECT_FINDINGS, in its order. */
static struct finding read_finding(sqlite3_stmt *row, struct arena *arena)
{
    return (struct finding){
        .rule = store_string(row, 1, arena),
        .severity = severity_of(store_string(row, 2, arena)),
        .message = store_string(row, 3, arena),
        .help = store_string(row, 4, arena),
        .at = site_of(row, 5, arena),
        .function = store_string(row, 8, arena),
        .root = store_string(row, 9, arena),
        .word = store_string(row, 10, arena),
        .name = store_string(row, 11, arena),
        .task = (uint32_t)sqlite3_column_int64(row, 12),
        .entry = store_string(row, 13, arena),
        .spawned = site_of(row, 14, arena),
        .made = site_of(row, 17, arena),
        .object = find_word(store_string(row, 20, arena), store_object_words, STORE_OBJECT_COUNT),
        .capacity = sqlite3_column_type(row, 21) == SQLITE_NULL ? -1
                                                               : sqlite3_column_int64(row, 21),
        .kind = store_string(row, 22, arena),
        .stuck = !strcmp(store_string(row, 22, arena), "stuck"),
        .mutual = !strcmp(store_string(row, 23, arena), "mutual"),
        .secondary = !strcmp(store_string(row, 23, arena), "secondary"),
        .row = sqlite3_column_int64(row, 24),
        .program = sqlite3_column_int64(row, 25),
        .operation = site_of(row, 26, arena),
        .silence = (enum silence)sqlite3_column_int(row, 30),
        .text = store_text(row, 29, arena),
    };
}

/* ---- all of it -------------------------------------------------------------- */

/* Once for all programs. */
static void store_rule_rows(struct store *store, const struct rules *rules)
{
    if (store->has_rules)
        return;
    store->has_rules = true;
    for (uint32_t i = 0; i < rules->count; i++)
        store_step(store, store_bind(store, INSERT_RULE, "sss", rules->list[i].name,
                                     severity_name(rules->list[i].severity),
                                     rules->list[i].title));
}

/* Those of the programs at hand, with their schedules. */
static void read_findings(struct store *store, struct findings *findings)
{
    struct finding *list = NULL;
    uint32_t count = 0, capacity = 0;
    sqlite3_stmt *row = store_bind(store, SELECT_FINDINGS, "");

    while (store_step(store, row)) {
        struct finding f = read_finding(row, findings->arena);

        read_steps(store, sqlite3_column_int64(row, 0), &f, findings->arena);
        ARENA_PUSH(findings->arena, list, count, capacity) = f;
    }
    store_fingerprints(store, list, count);
    for (uint32_t i = 0; i < count; i++)
        findings_add(findings, &list[i]);
}

static bool has_row(struct store *store, sqlite3_stmt *row)
{
    bool one = store_step(store, row);

    if (row)
        sqlite3_reset(row);
    return one;
}

/* Have these rules named what is known of the program? */
static bool is_named(struct store *store, int64_t program, uint64_t hash)
{
    return has_row(store, store_bind(store, SELECT_NAMED, "ih", program, hash));
}

/* Is there anything to name in the programs at hand? */
static bool has_facts(struct store *store)
{
    return has_row(store, store_bind(store, SELECT_FACT, ""));
}

void store_findings(struct store *store, const struct rules *rules, int64_t program,
                    struct findings *findings)
{
    uint64_t hash = rules_hash(rules);

    if (store->query_count != rules->count && store_check_rules(store, rules))
        return;
    store_step(store, store_bind(store, SET_NOW, ""));
    store_step(store, store_bind(store, ADD_NOW, "i", program));
    store_rule_rows(store, rules);
    if (!is_named(store, program, hash)) {
        bool any = has_facts(store);        /* most programs have none, and preparing the queries takes its time */

        store_step(store, store_bind(store, DELETE_RUNS, "i", program));
        store_step(store, store_bind(store, DELETE_FINDINGS, ""));
        for (uint32_t i = 0; i < rules->count && any && !store->error; i++)
            if (!rules->list[i].off)
                run_rule(store, rules, i);
        store_step(store, store_bind(store, SET_NAMED, "hi", hash, program));
    }
    read_findings(store, findings);
}

void store_program_findings(struct store *store, const struct rules *rules, int64_t program,
                            struct findings *findings)
{
    store_rule_rows(store, rules);
    store_step(store, store_bind(store, SET_NOW, ""));
    store_step(store, store_bind(store, ADD_NOW, "i", program));
    read_findings(store, findings);
}

void store_finding_text(struct store *store, const struct finding *f, const char *text)
{
    store_step(store, store_bind(store, SET_TEXT, "ssi", text, f->at.file, (int64_t)f->at.line));
}

const char *store_last_database(struct store *store)
{
    sqlite3_stmt *row = store_bind(store, SELECT_DATABASE, "");
    const char *path = NULL;

    if (store_step(store, row)) {
        path = store_text(row, 0, store->arena);
        sqlite3_reset(row);
    }
    return path;
}

void store_silence(struct store *store, const struct findings *findings)
{
    for (uint32_t i = 0; i < findings->count; i++) {
        const struct finding *f = &findings->list[i];

        store_step(store, store_bind(store, SET_SILENCE, "issii", (int64_t)f->silence, f->rule, f->at.file,
                                     (int64_t)f->at.line, (int64_t)f->at.col));
    }
}

static void drop_silenced(struct findings *findings)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < findings->count; i++)
        if (findings->list[i].silence == SILENCE_NONE)
            findings->list[kept++] = findings->list[i];
    findings->count = kept;
}

void store_read_findings(struct store *store, struct findings *findings)
{
    if (store->reading)
        store_session(store);
    store_begin(store);
    store_step(store, store_bind(store, SET_NOW, ""));
    store_step(store, store_bind(store, ADD_LAST, ""));
    read_findings(store, findings);
    store_commit(store);
    drop_silenced(findings);
    findings_sort(findings);
}

/* ---- what was told ------------------------------------------------------------ */

void store_read_told(struct store *store, struct findings *told)
{
    sqlite3_stmt *row = store_bind(store, SELECT_TOLD, "");

    while (store_step(store, row))
        ARENA_PUSH(told->arena, told->list, told->count, told->capacity) = (struct finding){
            .rule = store_string(row, 0, told->arena), .at = site_of(row, 1, told->arena),
            .program = sqlite3_column_int(row, 4),
        };
}

static bool is_told(struct store *store, const struct findings *findings)
{
    struct findings told = { .arena = store->arena };

    store_read_told(store, &told);
    for (uint32_t i = 0; i < told.count && told.count == findings->count; i++)
        if (!finding_is_same(&told.list[i], &findings->list[i]) ||
            !told.list[i].program != !findings->list[i].program)
            return false;
    return told.count == findings->count;
}

void store_tell(struct store *store, const struct findings *findings)
{
    if (is_told(store, findings))
        return;
    store_begin(store);
    store_step(store, store_bind(store, DELETE_TOLD, ""));
    for (uint32_t i = 0; i < findings->count; i++) {
        const struct finding *f = &findings->list[i];

        store_insert(store, store_bind(store, INSERT_TOLD, "issiib", (int64_t)i + 1, f->rule, f->at.file,
                                       (int64_t)f->at.line, (int64_t)f->at.col, f->program != 0));
    }
    store_commit(store);
}

/* ---- comments that silence ---------------------------------------------------- */

static struct finding comment_finding(sqlite3_stmt *row, const struct rule *rule, struct arena *arena)
{
    return (struct finding){
        .rule = rule->name, .severity = rule->severity, .kind = "suppression",
        .message = fill_in(row, rule->message, arena), .help = fill_in(row, rule->help, arena),
        .at = site_of(row, find_column(row, "file", 4), arena),
        .function = "", .root = "", .word = "", .name = "", .entry = "", .object = OBJECT_NONE, .capacity = -1,
    };
}

void store_name_suppressions(struct store *store, const struct rules *rules, struct findings *findings)
{
    for (uint32_t i = 0; i < rules->count; i++) {
        sqlite3_stmt *query = rules->list[i].off ? NULL : query_to_run(store, rules, i);

        if (!query || find_column(query, "suppression", 11) < 0)
            continue;
        while (store_step(store, query)) {
            struct finding f = comment_finding(query, &rules->list[i], findings->arena);

            f.operation = f.at;
            findings_add(findings, &f);
        }
    }
}
