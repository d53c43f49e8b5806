/* What was read: units. */
#include "store_internal.h"

void store_check_begins(struct store *store, const char *database)
{
    store->checking = database;
    store_step(store, store_bind(store, CLEAR_LAST, ""));
    store_step(store, store_bind(store, CLEAR_CHECKED, ""));
}

void store_check_ends(struct store *store, bool whole)
{
    if (!whole)
        return;
    store_step(store, store_bind(store, DROP_PROGRAMS, "s", store->checking));
    store_step(store, store_bind(store, DROP_CONFIRMATIONS, ""));
}

void store_unit(struct store *store, const struct unit_record *unit)
{
    char *arguments = arena_strdup(store->arena, "");

    for (const char *const *a = unit->arguments; *a; a++)
        arguments = arena_printf(store->arena, "%s%s\n", arguments, *a);
    store_insert(store, store_bind(store, INSERT_UNIT, "ssshss", unit->file, unit->directory, arguments,
                             unit->hash, unit->reason ? "failed" : "analysed", unit->reason));
}
