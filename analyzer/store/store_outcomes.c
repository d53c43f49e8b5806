/* What was found in states of programs: see outcome.h. */
#include "store_internal.h"

enum { STATES_MAX = 8 };        /* of a program */

static int64_t find_outcome(struct store *store, uint64_t state)
{
    sqlite3_stmt *row = store_bind(store, SELECT_OUTCOME, "h", state);
    int64_t outcome = 0;

    if (store_step(store, row)) {
        outcome = sqlite3_column_int64(row, 0);
        sqlite3_reset(row);
    }
    return outcome;
}

bool store_outcome(struct store *store, uint64_t state, struct outcome *outcome, struct arena *arena)
{
    int64_t number = find_outcome(store, state);
    sqlite3_stmt *row;

    *outcome = (struct outcome){ 0 };
    if (!number)
        return false;
    row = store_bind(store, SELECT_OUTCOME_FINDINGS, "i", number);
    while (store_step(store, row))
        ARENA_PUSH(arena, outcome->list, outcome->count, outcome->capacity) = (struct outcome_finding){
            .rule = store_text(row, 0, arena),
            .at = { store_text(row, 1, arena), (uint32_t)sqlite3_column_int64(row, 2),
                    (uint32_t)sqlite3_column_int64(row, 3) },
            .function = store_text(row, 4, arena), .object = store_text(row, 5, arena),
            .text = store_text(row, 6, arena),
        };
    return true;
}

void store_keep_outcome(struct store *store, const char *program, uint64_t state, struct outcome outcome)
{
    int64_t number;

    if (find_outcome(store, state))
        return;
    number = store_insert(store, store_bind(store, INSERT_OUTCOME, "sh", program, state));
    store_step(store, store_bind(store, DELETE_OUTCOMES, "si", program, (int64_t)STATES_MAX));
    for (uint32_t i = 0; i < outcome.count && !store->error; i++) {
        const struct outcome_finding *f = &outcome.list[i];

        store_step(store, store_bind(store, INSERT_OUTCOME_FINDING, "issiisss", number, f->rule, f->at.file,
                                     (int64_t)f->at.line, (int64_t)f->at.col, f->function, f->object, f->text));
    }
}
