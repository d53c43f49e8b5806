/* store_query.h - questions that people ask of the database in SQL. Nothing can be changed by them. */
#ifndef STORE_QUERY_H
#define STORE_QUERY_H

#include "store.h"
#include "table.h"

/* The one statement's rows, of the store's arena. NULL, or what is wrong, one line. store: of
 * store_open_reading(). */
const char *store_query(struct store *store, const char *sql, struct table *table);

/* Tables and views with what they mean, or of these the one of that name; NULL: there is none. */
const char *store_schema(const char *name, struct arena *arena);

#endif
