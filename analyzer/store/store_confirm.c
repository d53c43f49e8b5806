/* What confirm reads and writes: how programs are built, and which findings a run has shown. */
#include "store_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <xxhash.h>

/* The same as long as the rule, the place and each step of the schedule are. */
static uint64_t fingerprint(const struct finding *f)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    uint64_t hash;

    fprintf(out, "%s|%s|%u|%u|%s|%u", f->rule, f->at.file ? f->at.file : "", f->at.line, f->at.col,
            f->root, f->task);
    for (uint32_t i = 0; i < f->step_count; i++) {
        const struct finding_step *s = &f->steps[i];

        fprintf(out, "|%d %u %u %s %s %s:%u:%u %lld %lld %u", s->kind, s->task, s->other, s->function,
                s->word, s->at.file ? s->at.file : "", s->at.line, s->at.col, (long long)s->value,
                (long long)s->times, s->round);
    }
    fclose(out);
    hash = XXH3_64bits(text, size);
    free(text);
    return hash;
}

void store_fingerprints(struct store *store, struct finding *findings, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct finding *f = &findings[i];
        sqlite3_stmt *row;

        if (!store->reading)
            store_step(store, store_bind(store, SET_FINGERPRINT, "hi", fingerprint(f), f->row));
        row = store_bind(store, SELECT_CONFIRMATION, "h", fingerprint(f));
        if (store_step(store, row)) {
            f->confirmed = arena_strdup(store->arena, (const char *)sqlite3_column_text(row, 0));
            sqlite3_reset(row);
        }
    }
}

uint64_t store_file_hash(const char *path)
{
    XXH3_state_t *state = XXH3_createState();
    char buffer[65536];
    FILE *in = fopen(path, "rb");
    uint64_t hash = 0;
    size_t n;

    XXH3_64bits_reset(state);
    while (in && (n = fread(buffer, 1, sizeof buffer, in)) > 0)
        XXH3_64bits_update(state, buffer, n);
    if (in) {
        hash = XXH3_64bits_digest(state);
        fclose(in);
    }
    XXH3_freeState(state);
    return hash;
}

const struct front_part *store_parts(struct store *store, int64_t program, uint32_t *count,
                                     bool *has_main, const char **changed)
{
    sqlite3_stmt *row = store_bind(store, SELECT_PARTS, "i", program);
    struct front_part *parts = NULL;
    uint32_t capacity = 0;

    *count = 0;
    *changed = NULL;
    while (store_step(store, row)) {
        struct front_part part = { store_string(row, 0, store->arena), store_string(row, 1, store->arena),
                                   store_string(row, 2, store->arena) };

        if ((uint64_t)sqlite3_column_int64(row, 3) != store_file_hash(part.file))
            *changed = part.file;
        ARENA_PUSH(store->arena, parts, *count, capacity) = part;
    }
    row = store_bind(store, SELECT_MAIN, "i", program);
    *has_main = store_step(store, row);
    if (row)
        sqlite3_reset(row);
    return parts;
}

void store_confirm(struct store *store, const struct finding *f, const char *how,
                   const char *arguments, const char *binary)
{
    store_begin(store);
    store_step(store, store_bind(store, INSERT_CONFIRMATION, "hsss", fingerprint(f), how, arguments,
                                 binary));
    store_commit(store);
}
