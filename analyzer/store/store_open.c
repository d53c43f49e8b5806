/* Opening the file: is it ours, of this schema, and written by this very program? */
#include "store_internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "embedded.h"

enum {
    BUSY_MILLISECONDS = 20 * 1000,  /* transactions are short: another run is long done */
    READ_MILLISECONDS = 5 * 1000,   /* runs do not keep readers waiting: it is somebody else */
};

/* "chlk": tells our databases from all others. Bytes 68 to 71 of the file (sqlite.org/fileformat.html). */
#define APPLICATION_ID 0x63686c6b

/* Rules see the facts of the program at hand only, and no daemon that idles: that waits for its next request,
 * however long. */
static const char session_sql[] =
    "CREATE TEMP TABLE now (exploration INTEGER PRIMARY KEY);"
    "CREATE TEMP TABLE kept (exploration INTEGER PRIMARY KEY);"
    "CREATE TEMP TABLE checked (name TEXT PRIMARY KEY);"
    "CREATE TEMP TABLE daemons (name TEXT PRIMARY KEY);"
    "CREATE TEMP VIEW stuck AS SELECT * FROM main.stuck WHERE exploration IN (SELECT * FROM temp.now)"
    " AND NOT ((because = 'caller' OR (because = 'nobody' AND (operation IN ('receive', 'select') OR object = 'condition')))"
    " AND EXISTS (SELECT 1 FROM temp.daemons WHERE entry GLOB daemons.name));"
    "CREATE TEMP VIEW faults AS SELECT * FROM main.faults WHERE exploration IN (SELECT * FROM temp.now)"
    " AND NOT (kind = 'endless' AND EXISTS (SELECT 1 FROM temp.daemons WHERE entry GLOB daemons.name));";

/* What was proved by another program is no proof of this one's. */
static const char forget_sql[] =
    "DELETE FROM programs; DELETE FROM units; DELETE FROM outcomes; DELETE FROM rules; DELETE FROM last_check;"
    " DELETE FROM engine;";

static void close_database(struct store *store)
{
    for (int i = 0; i < STATEMENT_COUNT; i++) {
        sqlite3_finalize(store->statements[i]);
        store->statements[i] = NULL;
    }
    store_forget_queries(store);
    store->has_rules = false;
    sqlite3_close_v2(store->db);
    store->db = NULL;
}

/* ---- whose it is ---------------------------------------------------------------- */

enum file_kind {
    FILE_NONE,          /* or nothing that can be read: SQLite says what is the matter */
    FILE_EMPTY,
    FILE_OURS,          /* a database of ours, even if damaged after its header */
    FILE_FOREIGN,
};

static enum file_kind kind_of(const char *path)
{
    static const char magic[] = "SQLite format 3";
    unsigned char header[72] = { 0 };
    struct stat status;
    FILE *in;
    size_t n;

    if (stat(path, &status) || !S_ISREG(status.st_mode) || !(in = fopen(path, "rb")))
        return FILE_NONE;
    n = fread(header, 1, sizeof header, in);
    fclose(in);
    if (!n)
        return FILE_EMPTY;
    if (n < sizeof header || memcmp(header, magic, sizeof magic))
        return FILE_FOREIGN;
    return (header[68] << 24 | header[69] << 16 | header[70] << 8 | header[71]) == APPLICATION_ID ? FILE_OURS
                                                                                                  : FILE_FOREIGN;
}

static const char *foreign(const char *path, struct arena *arena)
{
    return arena_printf(arena, "'%s' is not a database of chanleak, and stays as it is: remove it, or keep facts elsewhere "
                        "with --db=FILE", path);
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

/* Of its text: a number that somebody has to raise is forgotten some day. */
static int schema_version(void)
{
    return (int)(XXH3_64bits(embedded_schema[0].text, strlen(embedded_schema[0].text)) & INT32_MAX);
}

/* ---- who wrote it ------------------------------------------------------------ */

static const char own_file[] = "/proc/self/exe";

/* Crude, and safe: the file that runs now, with the engine, the rules and the models in it. */
static uint64_t own_fingerprint(void)
{
    return store_file_hash(own_file);
}

/* Of a file of that fingerprint, as it lies there. */
static uint64_t own_stamp(uint64_t fingerprint)
{
    uint64_t parts[] = { fingerprint, inputs_stamp(own_file) };

    return XXH3_64bits(parts, sizeof parts);
}

/* Did this program write it? *stamped: that was seen without reading the program. */
static bool is_own(struct store *store, bool *stamped)
{
    sqlite3_stmt *row = store_bind(store, SELECT_ENGINE, "");
    bool own = false;

    *stamped = false;
    if (store_step(store, row)) {
        uint64_t fingerprint = (uint64_t)sqlite3_column_int64(row, 0);

        *stamped = (uint64_t)sqlite3_column_int64(row, 1) == own_stamp(fingerprint);
        own = *stamped || fingerprint == own_fingerprint();
        sqlite3_reset(row);
    }
    return own;
}

/* Forget what another build has written, but for what runs have shown: a schedule found
 * again is still confirmed. */
static void make_own(struct store *store, bool *forgotten)
{
    uint64_t fingerprint;
    sqlite3_stmt *row;
    bool stamped, own = !store->error && is_own(store, &stamped);

    if (store->error || (own && stamped))
        return;
    fingerprint = own_fingerprint();
    if (own) {
        store_step(store, store_bind(store, SET_STAMP, "h", own_stamp(fingerprint)));
        return;
    }
    row = store_bind(store, SELECT_ENGINE, "");
    *forgotten = store_step(store, row);
    if (row)
        sqlite3_reset(row);
    store_run(store, forget_sql);
    store_step(store, store_bind(store, INSERT_ENGINE, "hh", fingerprint, own_stamp(fingerprint)));
}

/* ---- to write ------------------------------------------------------------------ */

static int patience = BUSY_MILLISECONDS;

void store_hurry(int milliseconds)
{
    patience = milliseconds;
}

static bool open_file(struct store *store, const char *path, int flags)
{
    store->error = NULL;
    store->corrupt = false;
    if (sqlite3_open_v2(path, &store->db, flags, NULL) != SQLITE_OK) {
        store_fail(store);
        return false;
    }
    sqlite3_busy_timeout(store->db, patience);
    return true;
}

bool store_session(struct store *store)
{
    return store_run(store, session_sql);
}

/* Open the file and make the schema in it; false: see store->error. */
static bool open_database(struct store *store, const char *path, bool *forgotten)
{
    char *version = arena_printf(store->arena, "PRAGMA user_version = %d", schema_version());

    if (!open_file(store, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE))
        return false;
    /* Before the log: it is in the file itself from the start. A run killed while it wrote this has left a journal that is
     * rolled back only now, so the file is asked, and not what it looked like before. */
    if (is_empty(store))
        store_run(store, arena_printf(store->arena, "PRAGMA application_id = %d", APPLICATION_ID));
    use_wal(store);
    if (!store_run(store, "PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; BEGIN IMMEDIATE"))
        return false;
    if (user_version(store) != schema_version()) {
        store->corrupt = !is_empty(store);      /* of another time, or not ours */
        if (store->corrupt)
            store->error = "another version";
        store_run(store, embedded_schema[0].text);
        store_run(store, version);
    }
    make_own(store, forgotten);
    return store_run(store, "COMMIT") && store_run(store, session_sql);
}

static void remove_files(const char *path, struct arena *arena)
{
    unlink(path);
    unlink(arena_printf(arena, "%s-wal", path));
    unlink(arena_printf(arena, "%s-shm", path));
}

/* ---- the folder ------------------------------------------------------------------------- */

static const char git_ignores[] = "# Made by chanleak: facts need not be kept.\n*\n";

/* Of a path with a folder: that; NULL: it has none. */
static char *folder_of(const char *path, struct arena *arena)
{
    char *folder = arena_strdup(arena, path);
    char *slash = strrchr(folder, '/');

    if (!slash || slash == folder)
        return NULL;
    *slash = 0;
    return folder;
}

static bool is_own_folder(const char *folder)
{
    const char *slash = strrchr(folder, '/');

    return !strcmp(slash ? slash + 1 : folder, ".chanleak");
}

static void make_ignores(const char *path)
{
    FILE *out = fopen(path, "wx");

    if (out) {
        fputs(git_ignores, out);
        fclose(out);
    }
}

/* The folder of path, made when it is missing. Git is told to leave a new .chanleak alone; whoever does not want that
 * removes the file, and it stays away. */
static void make_folder(const char *path, struct arena *arena)
{
    const char *folder = folder_of(path, arena);

    if (!folder || mkdir(folder, 0777) || !is_own_folder(folder))
        return;
    make_ignores(arena_printf(arena, "%s/.gitignore", folder));
}

/* A folder that make_folder made, when nothing is left in it. */
static void remove_folder(const char *path, struct arena *arena)
{
    const char *folder = folder_of(path, arena), *ignores;
    char text[sizeof git_ignores + 1] = { 0 };
    FILE *in;

    if (!folder || !is_own_folder(folder) || rmdir(folder) == 0)
        return;
    ignores = arena_printf(arena, "%s/.gitignore", folder);
    in = fopen(ignores, "r");
    if (!in)
        return;
    if (fread(text, 1, sizeof text - 1, in) == sizeof git_ignores - 1 && !strcmp(text, git_ignores) &&
        unlink(ignores) == 0 && rmdir(folder))
        make_ignores(ignores);
    fclose(in);
}


struct store *store_open(const char *path, struct arena *arena, const char **note)
{
    struct store *store = arena_alloc(arena, sizeof *store);
    bool forgotten = false;

    store->arena = arena;
    store->path = path ? path : ":memory:";
    *note = NULL;
    if (path && kind_of(path) == FILE_FOREIGN) {
        *note = foreign(path, arena);
        return NULL;
    }
    if (path)
        make_folder(path, arena);
    if (open_database(store, store->path, &forgotten)) {
        if (forgotten)
            *note = arena_printf(arena, "'%s' was written by another build of chanleak: what it found is forgotten",
                                 path);
        return store;
    }
    if (store->corrupt && path) {
        close_database(store);
        remove_files(path, arena);
        store->rebuilt = true;
        *note = arena_printf(arena, "'%s' was not a database of this version: built anew", path);
        if (open_database(store, path, &forgotten))
            return store;
    }
    *note = arena_printf(arena, "%s: going on without it", store->error);
    close_database(store);
    store->path = ":memory:";
    open_database(store, store->path, &forgotten);
    return store;
}

struct store *store_copy(struct store *store, struct arena *arena)
{
    struct store *copy = arena_alloc(arena, sizeof *copy);
    sqlite3_backup *backup;

    copy->arena = arena;
    copy->path = ":memory:";
    if (!open_file(copy, copy->path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE))
        return copy;
    backup = sqlite3_backup_init(copy->db, "main", store->db, "main");
    if (!backup || sqlite3_backup_step(backup, -1) != SQLITE_DONE)
        store_fail(copy);
    sqlite3_backup_finish(backup);
    if (!copy->error)
        store_run(copy, "PRAGMA foreign_keys = ON");
    if (!copy->error)
        store_run(copy, session_sql);
    return copy;
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

/* ---- as it is -------------------------------------------------------------------- */

static const char *refusal(struct store *store, struct arena *arena)
{
    int version = user_version(store);
    bool stamped;

    if (store->error)
        return arena_printf(arena, "cannot read '%s': %s; run chanleak check again", store->path,
                            sqlite3_errmsg(store->db));
    if (version != schema_version() || !is_own(store, &stamped))
        return arena_printf(arena, "'%s' was written by another build of chanleak; run chanleak check again",
                            store->path);
    return NULL;
}

struct store *store_open_last(const char *path, struct arena *arena, const char **error)
{
    struct store *store = arena_alloc(arena, sizeof *store);

    store->arena = arena;
    store->path = path;
    if (access(path, R_OK))
        *error = arena_printf(arena, "cannot read '%s': %s; run chanleak check first", path, strerror(errno));
    else if (kind_of(path) == FILE_FOREIGN)
        *error = arena_printf(arena, "'%s' is not a database of chanleak", path);
    else if (!open_file(store, path, SQLITE_OPEN_READWRITE) || !store_run(store, "PRAGMA foreign_keys = ON"))
        *error = arena_printf(arena, "cannot read '%s': %s", path, sqlite3_errmsg(store->db));
    else
        *error = refusal(store, arena);
    if (!*error && store_run(store, session_sql))
        return store;
    if (!*error)
        *error = store->error;
    close_database(store);
    return NULL;
}

/* Only reading: it may lie in a folder that cannot be written, where its log has no place. */
static bool open_reading(struct store *store)
{
    if (!open_file(store, store->path, SQLITE_OPEN_READONLY))
        return false;
    sqlite3_busy_timeout(store->db, READ_MILLISECONDS);
    int code = sqlite3_exec(store->db, "SELECT 1 FROM sqlite_schema", NULL, NULL, NULL);

    if (code != SQLITE_CANTOPEN && code != SQLITE_READONLY)
        return true;
    close_database(store);
    char *uri = sqlite3_mprintf("file:%s?immutable=1", store->path);
    bool fine = !strpbrk(store->path, "?#%") && open_file(store, uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);

    sqlite3_free(uri);
    return fine;
}

const char *store_read_error(struct store *store)
{
    if ((sqlite3_errcode(store->db) & 0xff) == SQLITE_BUSY)
        return arena_printf(store->arena, "'%s' is locked by another program; try again when that is done", store->path);
    return arena_printf(store->arena, "cannot read '%s': %s; run chanleak check again", store->path,
                        sqlite3_errmsg(store->db));
}

static const char *read_refusal(struct store *store)
{
    int version = user_version(store);

    if (store->error)
        return store_read_error(store);
    if (version != schema_version())
        return arena_printf(store->arena, "'%s' was written by another version of chanleak; run chanleak check again",
                            store->path);
    return NULL;
}

struct store *store_open_reading(const char *path, struct arena *arena, const char **error)
{
    struct store *store = arena_alloc(arena, sizeof *store);
    enum file_kind kind = kind_of(path);

    store->arena = arena;
    store->path = path;
    store->reading = true;
    *error = NULL;
    if (access(path, R_OK))
        *error = arena_printf(arena, "cannot read '%s': %s; run chanleak check first", path, strerror(errno));
    else if (kind != FILE_OURS)
        *error = arena_printf(arena, "'%s' is not a database of chanleak", path);
    else if (!open_reading(store))
        *error = arena_printf(arena, "cannot read '%s': %s", path, sqlite3_errmsg(store->db));
    else
        *error = read_refusal(store);
    if (!*error)
        return store;
    close_database(store);
    return NULL;
}

const char *const *store_remove(const char *path, struct arena *arena, const char **error)
{
    static const char *const parts[] = { "-wal", "-shm", "-journal", "" };
    const char **removed = ARENA_ARRAY(arena, const char *, sizeof parts / sizeof *parts + 1);
    enum file_kind kind = kind_of(path);
    struct stat status;
    uint32_t n = 0;

    *error = NULL;
    if (!stat(path, &status) && kind != FILE_OURS && kind != FILE_EMPTY)
        *error = arena_printf(arena, "'%s' is not a database of chanleak, and stays as it is", path);
    for (size_t i = 0; i < sizeof parts / sizeof *parts && !*error; i++) {
        char *name = arena_printf(arena, "%s%s", path, parts[i]);

        if (!unlink(name))
            removed[n++] = name;
        else if (errno != ENOENT && errno != ENOTDIR)
            *error = arena_printf(arena, "cannot remove '%s': %s", name, strerror(errno));
    }
    if (!*error)
        remove_folder(path, arena);
    return removed;
}

/* ---- transactions --------------------------------------------------------- */

void store_begin(struct store *store)
{
    if (!store->trial)
        store_run(store, store->reading ? "BEGIN" : "BEGIN IMMEDIATE");
}

enum store_result store_commit(struct store *store)
{
    bool forgotten;

    if (store->trial)
        return store->error ? STORE_FAILED : STORE_DONE;
    if (store_run(store, "COMMIT"))
        return STORE_DONE;
    sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    if (!store->corrupt || store->rebuilt || store->reading)
        return STORE_FAILED;
    store->rebuilt = true;
    close_database(store);
    remove_files(store->path, store->arena);
    return open_database(store, store->path, &forgotten) ? STORE_AGAIN : STORE_FAILED;
}

void store_trial_begins(struct store *store)
{
    store_begin(store);
    store->trial = true;
}

void store_trial_ends(struct store *store)
{
    if (!store->trial)
        return;
    store->trial = store->has_rules = false;
    sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
}
