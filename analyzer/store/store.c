#include "store_internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const char *const sql[STATEMENT_COUNT] = {
    [INSERT_UNIT] = "INSERT OR REPLACE INTO units (file, directory, arguments, key, hash, inputs, status,"
                    " reason, warning, flow) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [INSERT_FAILED] = "INSERT OR REPLACE INTO units (file, directory, arguments, key, hash, inputs, status,"
                      " reason) VALUES (?1, '', '', ?2, 0, '[]', 'failed', ?3)",
    [INSERT_PLACES] = "INSERT OR REPLACE INTO places (unit, folders, names, found) VALUES (?, ?, ?, ?)",
    [SET_PLACES] = "UPDATE places SET names = ? WHERE unit = ?",
    [DELETE_OLD_UNITS] = "DELETE FROM units WHERE file = ? AND directory = ? AND arguments = ? AND key <> ?",
    [DELETE_UNIT_STATES] = "DELETE FROM units WHERE key = ? AND (status = 'failed' OR unit NOT IN"
                           " (SELECT unit FROM units WHERE key = ? ORDER BY unit DESC LIMIT ?))",
    [SELECT_UNITS] = "SELECT unit, key, hash, inputs, warning, folders, names, found FROM units JOIN places USING (unit) WHERE status = 'analysed'",
    [SELECT_UNIT_FLOW] = "SELECT flow FROM units WHERE unit = ?",
    [SELECT_USERS] = "SELECT DISTINCT file FROM units, json_each(units.inputs) AS used"
                     " JOIN inputs ON inputs.input = used.value WHERE inputs.path = ? AND status = 'analysed'",
    [INSERT_INPUT] = "INSERT INTO inputs (path, size, changed, hash, marked) VALUES (?, ?, ?, ?, ?)"
                     " ON CONFLICT (path) DO UPDATE SET size = excluded.size, changed = excluded.changed,"
                     " hash = excluded.hash, marked = excluded.marked RETURNING input",
    [SELECT_INPUTS] = "SELECT input, path, size, changed, hash, marked FROM inputs",
    [SELECT_LAST_INPUT] = "SELECT max(input) FROM inputs",
    [SELECT_PROGRAM] = "SELECT program FROM programs WHERE name = ? AND hash = ? AND hash <> 0",
    [INSERT_PROGRAM] = "INSERT INTO programs (name, database, hash) VALUES (?, ?, ?)"
                       " ON CONFLICT (name) DO UPDATE SET database = excluded.database, hash = excluded.hash,"
                       " rules = NULL"
                       " RETURNING program",
    [USE_PROGRAM] = "UPDATE programs SET database = ?1 WHERE program = ?2 AND database IS NOT ?1",
    [DELETE_PARTS] = "DELETE FROM parts WHERE program = ?",
    [SELECT_FUNCTIONS] = "SELECT function, hash FROM functions WHERE program = ?",
    [DELETE_FUNCTION] = "DELETE FROM functions WHERE function = ?",
    [INSERT_FUNCTION] = "INSERT INTO functions (program, name, file, line, col, end_line, hash,"
                        " incomplete, flow) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [INSERT_OPERATION] = "INSERT INTO operations (function, instr, word, object, file, line, col)"
                         " VALUES (?, ?, ?, ?, ?, ?, ?)",
    [INSERT_TASK] = "INSERT INTO tasks (operation, entry) VALUES (?, ?)",
    [INSERT_CHANNEL] = "INSERT INTO channels (operation, element_size, capacity) VALUES (?, ?, ?)",
    [INSERT_CALL] = "INSERT INTO calls (caller, instr, callee, file, line, col)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
    [INSERT_EXPLORATION] = "INSERT INTO explorations (program, root, file, line, col, states,"
                           " transitions, seconds, status, key, whole) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [SELECT_KNOWN] = "SELECT status <> 'explored' FROM explorations JOIN programs USING (program)"
                     " WHERE name = ? AND key = ?",
    [SELECT_EXPLORATION] = "SELECT exploration FROM explorations WHERE program = ? AND key = ?",
    [INSERT_KEPT] = "INSERT OR IGNORE INTO temp.kept (exploration) VALUES (?)",
    [DELETE_KEPT] = "DELETE FROM temp.kept",
    [DELETE_EXPLORATIONS] = "DELETE FROM explorations WHERE program = ? AND exploration NOT IN temp.kept",
    [SELECT_ROOTS] = "SELECT count(*), coalesce(sum(status <> 'explored'), 0), coalesce(sum(cut), 0) FROM"
                     " (SELECT status, EXISTS (SELECT 1 FROM coverage WHERE"
                     " coverage.exploration = explorations.exploration AND kind NOT IN ('construct', 'bound')) AS cut"
                     " FROM explorations WHERE program = ? AND whole)",
    [SELECT_COVERAGE] = "SELECT root, kind, text, coalesce(coverage.file, explorations.file),"
                        " coalesce(coverage.line, explorations.line), coalesce(coverage.col, explorations.col)"
                        " FROM coverage JOIN explorations USING (exploration) WHERE program = ? AND whole"
                        " ORDER BY coverage.rowid",
    [SELECT_RUN] = "SELECT run, files FROM runs WHERE key = ?",
    [SELECT_RUN_PROGRAMS] = "SELECT program FROM run_programs WHERE run = ?",
    [INSERT_RUN] = "INSERT OR REPLACE INTO runs (key, files) VALUES (?, ?)",
    [INSERT_RUN_PROGRAM] = "INSERT INTO run_programs (run, program) VALUES (?, ?)",
    [DELETE_RUNS] = "DELETE FROM runs WHERE run IN (SELECT run FROM run_programs WHERE program = ?)",
    [INSERT_COVERAGE] = "INSERT INTO coverage (exploration, kind, text, file, line, col)"
                        " VALUES (?, ?, ?, ?, ?, ?)",
    [INSERT_FACT] = "INSERT INTO facts (exploration, kind, word, file, line, col, function, task,"
                    " entry, spawned_file, spawned_line, spawned_col, object, name, made_file,"
                    " made_line, made_col, capacity, cases, role, stuck_group, group_has_lock,"
                    " group_has_other, range, counterpart, closer, senders, outside, leak_check,"
                    " runs_on, again, many) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
                    " ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [INSERT_STEP] = "INSERT INTO steps (fact, number, kind, task, other, function, word, object,"
                    " file, line, col, end_line, end_col, made_file, made_line, made_col, value,"
                    " times, round, identity, since, amount)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [SELECT_OUTCOME] = "SELECT outcome FROM outcomes WHERE state = ?",
    [INSERT_OUTCOME] = "INSERT INTO outcomes (program, state) VALUES (?, ?)",
    [DELETE_OUTCOMES] = "DELETE FROM outcomes WHERE program = ?1 AND outcome NOT IN"
                        " (SELECT outcome FROM outcomes WHERE program = ?1 ORDER BY outcome DESC LIMIT ?2)",
    [INSERT_OUTCOME_FINDING] = "INSERT INTO outcome_findings (outcome, rule, file, line, col, function, object, text)"
                               " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    [SELECT_OUTCOME_FINDINGS] = "SELECT rule, file, line, col, function, object, text FROM outcome_findings"
                                " WHERE outcome = ? ORDER BY rowid",
    [SET_NOW] = "DELETE FROM temp.now",
    [ADD_NOW] = "INSERT INTO temp.now (exploration) SELECT exploration FROM explorations"
                " WHERE program = ?",
    [INSERT_RULE] = "INSERT INTO rules (name, severity, title) VALUES (?, ?, ?)"
                    " ON CONFLICT (name) DO UPDATE SET severity = excluded.severity,"
                    " title = excluded.title WHERE severity <> excluded.severity OR title <> excluded.title",
    [SELECT_FACT] = "SELECT 1 FROM facts WHERE exploration IN temp.now LIMIT 1",
    [SELECT_NAMED] = "SELECT 1 FROM programs WHERE program = ? AND rules = ?",
    [SET_NAMED] = "UPDATE programs SET rules = ? WHERE program = ?",
    [DELETE_FINDINGS] = "DELETE FROM findings WHERE fact IN (SELECT fact FROM facts WHERE exploration IN temp.now)",
    [INSERT_FINDING] = "INSERT OR IGNORE INTO findings (fact, rule, message, help, file, line, col)"
                       " VALUES (?, ?, ?, ?, ?, ?, ?)",
    [SELECT_FINDINGS] = "SELECT findings.fact, rule, severity, message, findings.help,"
                        " findings.file, findings.line, findings.col, facts.function, root, word,"
                        " name, task, entry, spawned_file, spawned_line, spawned_col, made_file,"
                        " made_line, made_col, object, capacity, kind, role, finding, program,"
                        " facts.file, facts.line, facts.col, findings.text, silence"
                        " FROM temp.now JOIN explorations USING (exploration)"
                        " JOIN facts USING (exploration) JOIN findings USING (fact)"
                        " JOIN (SELECT name AS rule, severity FROM rules) USING (rule)"
                        " ORDER BY finding",
    [SET_TEXT] = "UPDATE findings SET text = ?1 WHERE file = ?2 AND line = ?3 AND text IS NOT ?1",
    [SELECT_DATABASE] = "SELECT database FROM programs JOIN last_check USING (name) ORDER BY program LIMIT 1",
    [SELECT_STEPS] = "SELECT kind, task, other, function, word, object, file, line, col,"
                     " end_line, end_col, made_file, made_line, made_col, value, times, round, identity, since,"
                     " amount"
                     " FROM steps WHERE fact = ? ORDER BY number",
    [INSERT_PART] = "INSERT INTO parts (program, number, file, directory, command, hash)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
    [SELECT_PARTS] = "SELECT file, directory, command, hash FROM parts WHERE program = ? ORDER BY number",
    [SELECT_MAIN] = "SELECT 1 FROM functions WHERE program = ? AND name = 'main'",
    [ADD_LAST] = "INSERT INTO temp.now (exploration) SELECT exploration FROM explorations"
                 " JOIN programs USING (program) JOIN last_check USING (name)",
    [CLEAR_LAST] = "DELETE FROM last_check WHERE name NOT IN (SELECT name FROM temp.checked)",
    [INSERT_LAST] = "INSERT OR IGNORE INTO last_check (name) SELECT name FROM programs WHERE program = ?",
    [CLEAR_CHECKED] = "DELETE FROM temp.checked",
    [INSERT_CHECKED] = "INSERT OR IGNORE INTO temp.checked (name) SELECT name FROM programs WHERE program = ?",
    [DROP_PROGRAMS] = "DELETE FROM programs WHERE database = ? AND name NOT IN (SELECT name FROM temp.checked)",
    [SELECT_ENGINE] = "SELECT fingerprint, stamp FROM engine",
    [INSERT_ENGINE] = "INSERT INTO engine (fingerprint, stamp) VALUES (?, ?)",
    [SET_STAMP] = "UPDATE engine SET stamp = ?",
    [SET_SILENCE] = "UPDATE findings SET silence = ?1 WHERE rule = ?2 AND file = ?3 AND line = ?4 AND col = ?5"
                    " AND silence <> ?1",
    [SELECT_FUNCTION_NAMED] = "SELECT 1 FROM functions WHERE name GLOB ? LIMIT 1",
    [SELECT_FUNCTION_NAMES] = "SELECT DISTINCT name FROM functions",
    [SELECT_TOLD] = "SELECT rule, file, line, col, runs FROM told ORDER BY number",
    [DELETE_TOLD] = "DELETE FROM told",
    [INSERT_TOLD] = "INSERT INTO told (number, rule, file, line, col, runs) VALUES (?, ?, ?, ?, ?, ?)",
    [SELECT_SUPPRESSIONS] = "SELECT file, line, col, first_line, last_line, rule, reason, problem, used, judged"
                            " FROM suppressions ORDER BY suppression",
    [DELETE_SUPPRESSIONS] = "DELETE FROM suppressions",
    [INSERT_SUPPRESSION] = "INSERT INTO suppressions (suppression, file, line, col, first_line, last_line, rule,"
                           " reason, problem, used, judged) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [CLEAR_DAEMONS] = "DELETE FROM temp.daemons",
    [INSERT_DAEMON] = "INSERT OR IGNORE INTO temp.daemons (name) VALUES (?)",
    [SET_FINGERPRINT] = "UPDATE findings SET fingerprint = ?1 WHERE finding = ?2 AND fingerprint IS NOT ?1",
    [SELECT_CONFIRMATION] = "SELECT how FROM confirmations WHERE fingerprint = ?",
    [INSERT_CONFIRMATION] = "INSERT OR REPLACE INTO confirmations (fingerprint, how, arguments,"
                            " program, confirmed_at) VALUES (?, ?, ?, ?, datetime('now'))",
    [DROP_CONFIRMATIONS] = "DELETE FROM confirmations WHERE fingerprint NOT IN"
                           " (SELECT fingerprint FROM findings WHERE fingerprint IS NOT NULL)",
};

/* ---- statements ----------------------------------------------------------- */

void store_fail(struct store *store)
{
    int code = sqlite3_errcode(store->db) & 0xff;

    if (store->error)
        return;
    store->corrupt = code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
    if (store->reading)
        store->error = store_read_error(store);
    else
        store->error = arena_printf(store->arena, "cannot write '%s': %s", store->path,
                                    code == SQLITE_IOERR && errno == ENOSPC ? strerror(errno)
                                                                            : sqlite3_errmsg(store->db));
}

bool store_run(struct store *store, const char *text)
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
        case 'f': {
            const void *data = va_arg(args, const void *);

            sqlite3_bind_blob64(*s, i, data, va_arg(args, size_t), SQLITE_STATIC);
            break;
        }
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
