#include "store_internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "embedded.h"

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

int64_t store_insert(struct store *store, sqlite3_stmt *statement)
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
