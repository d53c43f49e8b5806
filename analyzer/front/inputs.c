#include "inputs.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <xxhash.h>

static const int64_t second = 1000000000;       /* nanoseconds */

struct inputs *inputs_new(const struct unit_file *overlay, size_t overlay_count, struct arena *arena)
{
    struct inputs *in = ARENA_NEW(arena, struct inputs);

    in->arena = arena;
    in->overlay = overlay;
    in->overlay_count = overlay_count;
    in->table_size = 1024;
    in->table = ARENA_ARRAY(arena, uint32_t, in->table_size);
    return in;
}

/* ---- paths ------------------------------------------------------------------------------ */

static uint32_t place_of(const struct inputs *in, const char *path)
{
    uint32_t at = (uint32_t)XXH3_64bits(path, strlen(path)) & (in->table_size - 1);

    while (in->table[at] && strcmp(in->list[in->table[at] - 1].path, path))
        at = (at + 1) & (in->table_size - 1);
    return at;
}

static void grow(struct inputs *in)
{
    in->table_size *= 2;
    in->table = ARENA_ARRAY(in->arena, uint32_t, in->table_size);
    for (uint32_t i = 0; i < in->count; i++)
        in->table[place_of(in, in->list[i].path)] = i + 1;
}

uint32_t inputs_number(struct inputs *in, const char *path)
{
    uint32_t at = place_of(in, path);

    if (in->table[at])
        return in->table[at] - 1;
    ARENA_PUSH(in->arena, in->list, in->count, in->capacity) =
        (struct input){ .path = arena_strdup(in->arena, path), .size = -1 };
    in->table[at] = in->count;
    if (in->count * 2 > in->table_size)
        grow(in);
    return in->count - 1;
}

void inputs_remember(struct inputs *in, uint32_t number, int64_t size, int64_t changed, uint64_t hash,
                     bool marked)
{
    struct input *i = &in->list[number];

    i->size = size;
    i->changed = changed;
    i->hash = hash;
    i->marked = marked;
}

/* ---- contents ------------------------------------------------------------------------------ */

static const struct unit_file *overlay_of(const struct inputs *in, const char *path)
{
    for (size_t i = 0; i < in->overlay_count; i++)
        if (!strcmp(in->overlay[i].path, path))
            return &in->overlay[i];
    return NULL;
}

const char *inputs_overlay(const struct inputs *in, uint32_t number)
{
    const struct unit_file *text = overlay_of(in, in->list[number].path);

    return text ? text->text : NULL;
}

static const char mark[] = "chanleak-";

bool input_is_marked(const char *text, size_t size)
{
    return memmem(text, size, mark, sizeof mark - 1) != NULL;
}

/* Of a file's contents; *marked: see struct input. */
static uint64_t hash_file(const char *path, bool *marked)
{
    XXH3_state_t *state;
    char buffer[65536];
    size_t kept = 0, n;         /* a mark may lie across two reads */
    FILE *f = fopen(path, "rb");
    uint64_t hash;

    *marked = false;
    if (!f)
        return 0;
    state = XXH3_createState();
    XXH3_64bits_reset(state);
    while ((n = fread(buffer + kept, 1, sizeof buffer - kept, f)) > 0) {
        XXH3_64bits_update(state, buffer + kept, n);
        *marked = *marked || input_is_marked(buffer, kept + n);
        n += kept;
        kept = n < sizeof mark ? n : sizeof mark;
        memmove(buffer, buffer + n - kept, kept);
    }
    fclose(f);
    hash = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    return hash;
}

int64_t inputs_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return t.tv_sec * second + t.tv_nsec;
}

static void look(struct input *i)
{
    struct stat s;
    bool there = stat(i->path, &s) == 0;

    i->written = there ? s.st_mtim.tv_sec * second + s.st_mtim.tv_nsec : 0;
    if (there && i->changed && i->size == s.st_size && i->changed == i->written)
        return;
    i->fresh = true;
    i->size = there ? s.st_size : -1;
    i->changed = there && inputs_now() - i->written > 2 * second ? i->written : 0;
    i->hash = there ? hash_file(i->path, &i->marked) : 0;
}

static uint64_t inputs_hash(struct inputs *in, uint32_t number)
{
    struct input *i = &in->list[number];
    const struct unit_file *text = overlay_of(in, i->path);

    if (text)
        return !text->text ? 0 : XXH3_64bits(text->text, strlen(text->text));
    if (!i->checked)
        look(i);
    i->checked = true;
    return i->hash;
}

bool inputs_newer(struct inputs *in, const uint32_t *numbers, uint32_t count, int64_t time)
{
    for (uint32_t i = 0; i < count; i++) {
        inputs_hash(in, numbers[i]);
        if (!overlay_of(in, in->list[numbers[i]].path) && in->list[numbers[i]].written > time - second / 100)
            return true;
    }
    return false;
}

uint64_t inputs_hash_all(struct inputs *in, const uint32_t *numbers, uint32_t count)
{
    XXH3_state_t *state = XXH3_createState();
    uint64_t all;

    XXH3_64bits_reset(state);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t hash = inputs_hash(in, numbers[i]);

        XXH3_64bits_update(state, &hash, sizeof hash);
    }
    all = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    return all;
}

uint64_t inputs_stamp(const char *path)
{
    struct stat s;
    int64_t stamp[5] = { (int64_t)XXH3_64bits(path, strlen(path)), -1 };

    if (!stat(path, &s)) {
        stamp[1] = s.st_size;
        stamp[2] = s.st_mtim.tv_sec;
        stamp[3] = s.st_mtim.tv_nsec;
        stamp[4] = (int64_t)s.st_ino;
    }
    return XXH3_64bits(stamp, sizeof stamp);
}
