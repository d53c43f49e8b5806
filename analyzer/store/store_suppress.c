/* Comments that silence findings, and what the rules say of them. */
#include "store_internal.h"

#include <string.h>

#include "suppress.h"

static bool same_text(sqlite3_stmt *row, int column, const char *text)
{
    const char *stored = (const char *)sqlite3_column_text(row, column);

    return stored && text ? !strcmp(stored, text) : !stored && !text;
}

static bool same_row(sqlite3_stmt *row, const struct suppression *s, bool judged)
{
    return same_text(row, 0, s->at.file) && (uint32_t)sqlite3_column_int(row, 1) == s->at.line
        && (uint32_t)sqlite3_column_int(row, 2) == s->at.col && (uint32_t)sqlite3_column_int(row, 3) == s->first
        && (uint32_t)sqlite3_column_int(row, 4) == s->last && same_text(row, 5, s->rule) && same_text(row, 6, s->reason)
        && same_text(row, 7, s->problem) && sqlite3_column_int(row, 8) == s->used && sqlite3_column_int(row, 9) == judged;
}

/* Nothing changed: nothing is written. */
static bool is_stored(struct store *store, const struct suppressions *all, const bool *judged)
{
    sqlite3_stmt *row = store_bind(store, SELECT_SUPPRESSIONS, "");
    uint32_t count = 0;
    bool same = true;

    while (store_step(store, row)) {
        same = same && count < all->count && same_row(row, &all->list[count], judged[count]);
        count++;
    }
    return same && count == all->count;
}

static void write_rows(struct store *store, const struct suppressions *all, const bool *judged)
{
    store_step(store, store_bind(store, DELETE_SUPPRESSIONS, ""));
    for (uint32_t i = 0; i < all->count; i++) {
        const struct suppression *s = &all->list[i];

        store_insert(store, store_bind(store, INSERT_SUPPRESSION, "isiiiisssbb", (int64_t)i + 1, s->at.file,
                                       (int64_t)s->at.line, (int64_t)s->at.col, (int64_t)s->first, (int64_t)s->last,
                                       s->rule, s->reason, s->problem, s->used, judged[i]));
    }
}

void store_suppressions(struct store *store, const struct suppressions *suppressions, const bool *judged,
                        const struct rules *rules, struct findings *findings)
{
    if (!is_stored(store, suppressions, judged))
        write_rows(store, suppressions, judged);
    if (suppressions->count && (store->query_count == rules->count || !store_check_rules(store, rules)))
        store_name_suppressions(store, rules, findings);
}
