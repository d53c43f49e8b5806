#include "store_query.h"

#include <stdlib.h>
#include <string.h>

#include "embedded.h"
#include "store_internal.h"
#include "suggest.h"

/* ---- what is allowed ---------------------------------------------------------------- */

/* Reading, and nothing that could reach another file or stay behind. */
static int authorise(void *self, int action, const char *first, const char *second, const char *database,
                     const char *trigger)
{
    static const char *const harmless[] = {
        "table_info", "table_xinfo", "table_list", "index_list", "index_info", "index_xinfo", "foreign_key_list",
        "application_id", "user_version", "schema_version", "integrity_check", "quick_check", "compile_options",
        "function_list", "page_count", "page_size", NULL,
    };

    (void)self;
    (void)database;
    (void)trigger;
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
        return SQLITE_OK;
    case SQLITE_FUNCTION:
        return strcmp(second, "load_extension") ? SQLITE_OK : SQLITE_DENY;
    case SQLITE_PRAGMA:
        for (const char *const *name = harmless; *name; name++)
            if (!strcmp(first, *name))
                return SQLITE_OK;
    }
    return SQLITE_DENY;
}

static const char only_reads[] = "a query only reads: SELECT, VALUES or WITH";

/* ---- what is wrong with it ------------------------------------------------------------ */

/* ", did you mean 'findings'?" to "no such table: finding" */
static const char *hint(struct store *store, const char *message)
{
    static const char unknown[] = "no such table: ";
    struct suggestion near;
    sqlite3_stmt *s = NULL;
    const char *words = ", see chanleak query --schema";

    if (strncmp(message, unknown, strlen(unknown)))
        return "";
    message += strlen(unknown);
    near = suggest_for(message, strlen(message));
    sqlite3_prepare_v2(store->db, "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')", -1, &s, NULL);
    while (s && sqlite3_step(s) == SQLITE_ROW)
        suggest_consider(&near, store_text(s, 0, store->arena));
    if (suggest_word(&near))
        words = arena_printf(store->arena, ", did you mean '%s'?", suggest_word(&near));
    sqlite3_finalize(s);
    return words;
}

static const char *place_of(const char *sql, int offset, struct arena *arena)
{
    unsigned line = 1, column = 1;

    if (offset < 0)
        return "";
    for (int i = 0; i < offset && sql[i]; i++, column++)
        if (sql[i] == '\n') {
            line++;
            column = 0;
        }
    return arena_printf(arena, "%u:%u: ", line, column);
}

static const char *wrong(struct store *store, const char *sql)
{
    const char *message = arena_strdup(store->arena, sqlite3_errmsg(store->db));
    const char *place = place_of(sql, sqlite3_error_offset(store->db), store->arena);

    switch (sqlite3_errcode(store->db) & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_CORRUPT:
    case SQLITE_IOERR:
        return store_read_error(store);
    case SQLITE_AUTH:
        return only_reads;
    }
    if (!strncmp(message, "not authorized", 14))
        return only_reads;
    return arena_printf(store->arena, "query:%s%s%s", *place ? place : " ", message, hint(store, message));
}

/* ---- rows ------------------------------------------------------------------------------ */

static struct cell cell_of(sqlite3_stmt *row, int column, struct arena *arena)
{
    struct cell cell = { .text = "" };

    switch (sqlite3_column_type(row, column)) {
    case SQLITE_INTEGER:
        cell.kind = CELL_INTEGER;
        cell.integer = sqlite3_column_int64(row, column);
        break;
    case SQLITE_FLOAT:
        cell.kind = CELL_REAL;
        cell.real = sqlite3_column_double(row, column);
        break;
    case SQLITE_BLOB:
        cell.kind = CELL_TEXT;
        cell.text = arena_printf(arena, "(%d bytes)", sqlite3_column_bytes(row, column));
        return cell;
    case SQLITE_TEXT:
        cell.kind = CELL_TEXT;
        break;
    default:
        return cell;
    }
    cell.text = store_text(row, column, arena);
    return cell;
}

static void read_rows(struct store *store, sqlite3_stmt *s, struct table *t)
{
    t->column_count = (uint32_t)sqlite3_column_count(s);
    t->names = ARENA_ARRAY(store->arena, const char *, t->column_count);
    for (uint32_t c = 0; c < t->column_count; c++)
        t->names[c] = arena_strdup(store->arena, sqlite3_column_name(s, (int)c));
    while (sqlite3_step(s) == SQLITE_ROW)
        for (uint32_t c = 0; c < t->column_count; c++)
            ARENA_PUSH(store->arena, t->cells, t->cell_count, t->cell_capacity) = cell_of(s, (int)c, store->arena);
}

const char *store_query(struct store *store, const char *sql, struct table *table)
{
    sqlite3_stmt *s = NULL, *more = NULL;
    const char *error = NULL, *rest = "";

    *table = (struct table){ 0 };
    sqlite3_set_authorizer(store->db, authorise, NULL);
    if (sqlite3_prepare_v2(store->db, sql, -1, &s, &rest) != SQLITE_OK)
        error = wrong(store, sql);
    else if (!s)
        error = "query: there is no SQL; see chanleak help query";
    else if (sqlite3_prepare_v2(store->db, rest, -1, &more, NULL) != SQLITE_OK || more)
        error = "query: more than one statement";
    else if (!sqlite3_stmt_readonly(s) || !sqlite3_column_count(s))
        error = only_reads;
    if (!error) {
        read_rows(store, s, table);
        if (sqlite3_reset(s) != SQLITE_OK)
            error = wrong(store, sql);
    }
    sqlite3_finalize(more);
    sqlite3_finalize(s);
    sqlite3_set_authorizer(store->db, NULL, NULL);
    return error;
}

/* ---- what there is ----------------------------------------------------------------------- */

const char *store_schema(const char *name, struct arena *arena)
{
    const char *text = embedded_schema[0].text, *at = text;

    if (!name)
        return text;
    for (; (at = strstr(at, "\nCREATE ")); at++) {
        const char *word = strpbrk(at + strlen("\nCREATE "), " "), *begin = at, *end = strstr(at, ";\n");
        size_t size = strlen(name);

        if (!word || !end || strncmp(word + 1, name, size) || !strchr(" \n", word[1 + size]))
            continue;
        while (begin > text && !(begin[0] == '\n' && begin[-1] == '\n'))    /* what is said of it */
            begin--;
        return arena_printf(arena, "%.*s", (int)(end + 1 - begin), begin + (*begin == '\n'));
    }
    return NULL;
}
