/* What was read: units and the files they are made from; the cache that front.c asks. */
#include "store_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xxhash.h>

#include "flags.h"
#include "places.h"

enum {
    STATES_MAX = 4,             /* of a unit that are kept: what is staged, what is on disk, a branch or two */
    BATCH_MILLISECONDS = 500,   /* what a kill may lose */
};

struct known {                  /* a unit in one state */
    uint64_t    key, hash;
    int64_t     row;
    const char *inputs, *warning;
    const char *folders;
    uint64_t    names, found;
};

struct unit_store {
    struct unit_cache cache;
    struct store     *store;
    struct arena     *arena;
    struct known     *known;    /* by key */
    uint32_t          count, capacity;
    int64_t          *rows;     /* by number of the input: its row; 0: none yet */
    uint32_t          row_capacity;
    uint32_t         *numbers;  /* by row of the input: its number + 1 */
    int64_t           number_count;
    bool              writing;
    double            began;
};

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* ---- a transaction ------------------------------------------------------------------------ */

static void begin(struct unit_store *u)
{
    if (u->writing)
        return;
    store_begin(u->store);
    u->writing = true;
    u->began = now();
}

/* ---- reading ---------------------------------------------------------------------------- */

static int64_t *row_of(struct unit_store *u, uint32_t number)
{
    while (number >= u->row_capacity) {
        uint32_t larger = u->row_capacity ? u->row_capacity * 2 : 1024;

        u->rows = arena_grow(u->arena, u->rows, u->row_capacity * sizeof *u->rows, larger * sizeof *u->rows);
        u->row_capacity = larger;
    }
    return &u->rows[number];
}

static void load_inputs(struct unit_store *u)
{
    sqlite3_stmt *s = store_bind(u->store, SELECT_LAST_INPUT, "");

    if (store_step(u->store, s)) {
        u->number_count = sqlite3_column_int64(s, 0) + 1;
        sqlite3_reset(s);
    }
    u->numbers = ARENA_ARRAY(u->arena, uint32_t, u->number_count);
    s = store_bind(u->store, SELECT_INPUTS, "");
    while (store_step(u->store, s)) {
        int64_t row = sqlite3_column_int64(s, 0);
        uint32_t number = inputs_number(u->cache.inputs, (const char *)sqlite3_column_text(s, 1));

        inputs_remember(u->cache.inputs, number, sqlite3_column_int64(s, 2), sqlite3_column_int64(s, 3),
                        (uint64_t)sqlite3_column_int64(s, 4), sqlite3_column_int(s, 5) != 0);
        *row_of(u, number) = row;
        if (row >= 0 && row < u->number_count)      /* another run may have added some just now */
            u->numbers[row] = number + 1;
    }
}

static void load_units(struct unit_store *u)
{
    sqlite3_stmt *s = store_bind(u->store, SELECT_UNITS, "");

    while (store_step(u->store, s)) {
        const char *warning = (const char *)sqlite3_column_text(s, 4);

        ARENA_PUSH(u->arena, u->known, u->count, u->capacity) = (struct known){
            .row = sqlite3_column_int64(s, 0), .key = (uint64_t)sqlite3_column_int64(s, 1),
            .hash = (uint64_t)sqlite3_column_int64(s, 2),
            .inputs = arena_strdup(u->arena, (const char *)sqlite3_column_text(s, 3)),
            .warning = warning ? arena_strdup(u->arena, warning) : NULL,
            .folders = arena_strdup(u->arena, (const char *)sqlite3_column_text(s, 5)),
            .names = (uint64_t)sqlite3_column_int64(s, 6), .found = (uint64_t)sqlite3_column_int64(s, 7),
        };
    }
}

static int by_key(const void *a, const void *b)
{
    const struct known *x = a, *y = b;

    return x->key != y->key ? (x->key > y->key ? 1 : -1) : (x->row > y->row) - (x->row < y->row);
}

/* Rows of inputs, "[1,2,3]", as numbers; none: one of them is of another run. */
static uint32_t *numbers_of(struct unit_store *u, const char *rows, uint32_t *count)
{
    uint32_t *numbers = NULL, capacity = 0;
    const char *at = rows + 1;

    *count = 0;
    while (*at && *at != ']') {
        const char *start = at;
        int64_t row = 0;

        while (*at >= '0' && *at <= '9' && row < u->number_count)
            row = row * 10 + *at++ - '0';
        if (at == start || row >= u->number_count || !u->numbers[row]) {
            *count = 0;
            return NULL;
        }
        ARENA_PUSH(u->arena, numbers, *count, capacity) = u->numbers[row] - 1;
        at += *at == ',';
    }
    return numbers;
}

/* Would its headers be found where they were? That is looked into when names have come or gone in the folders; which is
 * remembered, unless it holds with other texts only. */
static bool same_places(struct unit_store *u, struct known *k, const uint32_t *inputs, uint32_t count)
{
    uint32_t place_count, *places = numbers_of(u, k->folders, &place_count);
    uint64_t hash = inputs_hash_all(u->cache.inputs, places, place_count);

    if (!place_count)
        return false;
    if (hash == k->names && !u->cache.inputs->moves)
        return true;
    if (places_found(u->cache.inputs, places, place_count, inputs, count) != k->found)
        return false;
    if (hash != k->names && !u->cache.inputs->moves) {
        begin(u);
        store_step(u->store, store_bind(u->store, SET_PLACES, "hi", hash, k->row));
        k->names = hash;
    }
    return true;
}

static bool is_now(struct unit_store *u, struct known *k)
{
    uint32_t count, *numbers = numbers_of(u, k->inputs, &count);

    return count && inputs_hash_all(u->cache.inputs, numbers, count) == k->hash && same_places(u, k, numbers, count);
}

/* The first of that key, or where it would be. */
static uint32_t first_of(const struct unit_store *u, uint64_t key)
{
    uint32_t low = 0, high = u->count;

    while (low < high) {
        uint32_t middle = (low + high) / 2;

        if (u->known[middle].key < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool knows(void *self, uint64_t key)
{
    const struct unit_store *u = self;
    uint32_t at = first_of(u, key);

    return at < u->count && u->known[at].key == key;
}

static bool find(void *self, uint64_t key, const char **warning, uint64_t *hash, int64_t *row)
{
    struct unit_store *u = self;

    for (uint32_t at = first_of(u, key); at < u->count && u->known[at].key == key; at++)
        if (is_now(u, &u->known[at])) {
            *warning = u->known[at].warning;
            *hash = u->known[at].hash;
            *row = u->known[at].row;
            return true;
        }
    return false;
}

static struct bytes flow(void *self, int64_t row, struct arena *arena)
{
    struct unit_store *u = self;
    sqlite3_stmt *s = store_bind(u->store, SELECT_UNIT_FLOW, "i", row);
    struct bytes bytes = { 0 };

    if (store_step(u->store, s)) {
        size_t size = (size_t)sqlite3_column_bytes(s, 0);
        void *copy = arena_alloc(arena, size + 1);

        if (size)
            memcpy(copy, sqlite3_column_blob(s, 0), size);
        bytes = (struct bytes){ copy, size };
        sqlite3_reset(s);
    }
    return bytes;
}

static void users(void *self, const char *path, void (*each)(void *to, const char *source), void *to)
{
    struct unit_store *u = self;
    sqlite3_stmt *s = store_bind(u->store, SELECT_USERS, "s", path);

    while (store_step(u->store, s))
        each(to, store_text(s, 0, u->arena));
}

/* ---- writing ---------------------------------------------------------------------------- */

/* The row of an input, up to date with what is known of it now. */
static int64_t store_input(struct unit_store *u, uint32_t number)
{
    struct input *i = &u->cache.inputs->list[number];
    int64_t *row = row_of(u, number);
    sqlite3_stmt *s;

    if (*row && !i->fresh)
        return *row;
    s = store_bind(u->store, INSERT_INPUT, "siihb", i->path, i->size, i->checked ? i->changed : 0, i->hash, i->marked);
    if (store_step(u->store, s)) {
        *row = sqlite3_column_int64(s, 0);
        sqlite3_reset(s);
    }
    i->fresh = false;
    return *row;
}

static const char *joined(const char *const *arguments, struct arena *arena)
{
    uint32_t count = 0;

    while (arguments[count])
        count++;
    return words_join(arguments, count, arena);
}

static char *store_inputs(struct unit_store *u, const uint32_t *numbers, uint32_t count)
{
    char *text = NULL, *copy;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    fputc('[', out);
    for (uint32_t i = 0; i < count; i++)
        fprintf(out, "%s%lld", i ? "," : "", (long long)store_input(u, numbers[i]));
    fputc(']', out);
    fclose(out);
    copy = arena_strdup(u->arena, text);
    free(text);
    return copy;
}

static void keep(void *self, const struct cached_unit *unit)
{
    struct unit_store *u = self;
    struct store *store = u->store;
    const char *arguments = joined(unit->arguments, u->arena);
    struct inputs *inputs = u->cache.inputs;
    sqlite3_stmt *s;
    int64_t row;

    begin(u);
    store_step(store, store_bind(store, DELETE_OLD_UNITS, "sssi", unit->file, unit->directory, arguments,
                                 (int64_t)unit->key));
    store_step(store, store_bind(store, DELETE_UNIT_STATES, "hii", unit->key, (int64_t)unit->key,
                                 (int64_t)(STATES_MAX - 1)));
    s = store_bind(store, INSERT_UNIT, "ssshhssssf", unit->file, unit->directory, arguments, unit->key, unit->hash,
                   store_inputs(u, unit->inputs, unit->input_count), unit->error ? "failed" : "analysed", unit->error, unit->warning,
                   unit->flow.data, unit->flow.size);
    row = store_insert(store, s);
    store_step(store, store_bind(store, INSERT_PLACES, "ishh", row, store_inputs(u, unit->places, unit->place_count),
                                 inputs_hash_all(inputs, unit->places, unit->place_count),
                                 places_found(inputs, unit->places, unit->place_count, unit->inputs, unit->input_count)));
    if (now() - u->began > BATCH_MILLISECONDS)
        store_cache_commit(&u->cache);
}

void store_cache_commit(const struct unit_cache *cache)
{
    struct unit_store *u = cache->self;

    for (uint32_t i = 0; i < cache->inputs->count; i++)
        if (cache->inputs->list[i].fresh && *row_of(u, i)) {
            begin(u);
            store_input(u, i);
        }
    if (u->writing && store_commit(u->store) != STORE_DONE && u->rows)     /* the file is another one now */
        memset(u->rows, 0, u->row_capacity * sizeof *u->rows);
    u->writing = false;
}

void store_check_begins(struct store *store, const char *database)
{
    store->checking = database;
    store_step(store, store_bind(store, CLEAR_CHECKED, ""));
}

void store_check_ends(struct store *store, bool whole)
{
    store_step(store, store_bind(store, CLEAR_LAST, ""));
    if (!whole)
        return;
    store_step(store, store_bind(store, DROP_PROGRAMS, "s", store->checking));
    store_step(store, store_bind(store, DROP_CONFIRMATIONS, ""));
}

void store_failed(struct store *store, const char *file, const char *reason)
{
    store_step(store, store_bind(store, INSERT_FAILED, "shs", file, (uint64_t)XXH3_64bits(file, strlen(file)),
                                 reason));
}

const struct unit_cache *store_cache(struct store *store, const struct unit_file *overlay, size_t overlay_count,
                                     struct arena *arena)
{
    struct unit_store *u = ARENA_NEW(arena, struct unit_store);

    u->cache = (struct unit_cache){ .self = u, .inputs = inputs_new(overlay, overlay_count, arena), .find = find,
                                    .knows = knows, .flow = flow, .users = users, .keep = keep };
    u->store = store;
    u->arena = arena;
    load_inputs(u);
    load_units(u);
    if (u->count)
        qsort(u->known, u->count, sizeof *u->known, by_key);
    return &u->cache;
}
