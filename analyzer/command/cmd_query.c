/* query: the database of facts answers in SQL. */
#include <string.h>

#include "response.h"
#include "session.h"
#include "store_query.h"

static enum status print_schema(struct session *session)
{
    const struct options *o = session->options;
    const char *name = o->file_count ? o->files[0] : NULL, *text = store_schema(name, session->arena);
    FILE *out;

    if (!text)
        return session_complain(arena_printf(session->arena, "there is no table and no view '%s', see chanleak query --schema",
                                             name));
    out = session_output(session);
    if (!out)
        return STATUS_FAILED;
    fputs(text, out);
    return session_close(session, out) ? STATUS_CLEAN : STATUS_FAILED;
}

/* The SQL itself, of a file (@), or of standard input (-). */
static const char *read_sql(struct session *session, const char **error)
{
    const struct options *o = session->options;

    *error = NULL;
    if (o->file_count > 1)
        *error = arena_printf(session->arena, "query takes one operand, but '%s' was given too: quote the SQL", o->files[1]);
    else if (!o->file_count)
        *error = "query needs SQL, @FILE, or - for standard input; see chanleak query --schema";
    if (*error)
        return NULL;
    if (!strcmp(o->files[0], "-"))
        return response_text("-", session->arena, error);
    return o->files[0][0] == '@' ? response_text(o->files[0] + 1, session->arena, error) : o->files[0];
}

static enum status print_table(struct session *session, const struct table *table)
{
    const char *format = session->options->format_name;
    FILE *out = session_output(session);

    if (!out)
        return STATUS_FAILED;
    if (!strcmp(format, "csv"))
        table_print_csv(table, out);
    else if (!strcmp(format, "json"))
        table_print_json(table, out);
    else
        table_print(table, session_color(session), out);
    return session_close(session, out) ? STATUS_CLEAN : STATUS_FAILED;
}

enum status command_query(struct session *session)
{
    const char *error, *sql;
    struct table table;

    if (session->options->schema)
        return print_schema(session);
    sql = read_sql(session, &error);
    if (!sql)
        return session_complain(error);
    session->store = store_open_reading(session->options->store, session->arena, &error);
    if (session->store)
        error = store_query(session->store, sql, &table);
    return error ? session_complain(error) : print_table(session, &table);
}
