#include "inputs.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

#include "paths.h"

static const int64_t second = 1000000000;       /* nanoseconds */

struct inputs *inputs_new(const struct unit_file *overlay, size_t overlay_count, struct arena *arena)
{
    struct inputs *in = ARENA_NEW(arena, struct inputs);

    in->arena = arena;
    in->overlay = overlay;
    in->overlay_count = overlay_count;
    for (size_t i = 0; i < overlay_count; i++)
        in->moves = in->moves || !overlay[i].text != (access(overlay[i].path, F_OK) != 0);
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

const struct unit_file *inputs_text(const struct inputs *in, const char *path)
{
    for (size_t i = 0; i < in->overlay_count; i++)
        if (!strcmp(in->overlay[i].path, path))
            return &in->overlay[i];
    return NULL;
}

const char *inputs_overlay(const struct inputs *in, uint32_t number)
{
    const struct unit_file *text = inputs_text(in, in->list[number].path);

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

/* ---- folders ------------------------------------------------------------------------------- */

/* May it be the name of a header, or of a folder that holds some? */
static bool may_be_included(const char *name)
{
    static const char *const endings[] = { ".h", ".hh", ".hpp", ".inc", ".inl", ".def", ".c" };
    const char *end = strrchr(name, '.');

    for (size_t i = 0; end && i < sizeof endings / sizeof *endings; i++)
        if (!strcmp(end, endings[i]))
            return *name != '.';
    return !end;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void list_names(struct inputs *in, struct input *i)
{
    DIR *folder = i->listed ? NULL : opendir(i->path);
    uint32_t capacity = 0;

    i->listed = true;
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        if (may_be_included(entry->d_name))
            ARENA_PUSH(in->arena, i->names, i->name_count, capacity) = arena_strdup(in->arena, entry->d_name);
    if (folder)
        closedir(folder);
    if (i->name_count)
        qsort(i->names, i->name_count, sizeof *i->names, by_text);
}

static uint64_t hash_names(struct inputs *in, struct input *i)
{
    XXH3_state_t *state = XXH3_createState();
    uint64_t hash;

    XXH3_64bits_reset(state);
    list_names(in, i);
    for (uint32_t n = 0; n < i->name_count; n++)
        XXH3_64bits_update(state, i->names[n], strlen(i->names[n]) + 1);
    hash = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    return hash;
}

bool inputs_has_name(struct inputs *in, uint32_t folder, uint32_t file)
{
    enum { NO = 1, YES };
    struct input *i = &in->list[folder];
    const char *name;

    list_names(in, i);
    if (!i->name_count)
        return false;
    if (file >= i->has_size) {
        i->has = arena_grow(in->arena, i->has, i->has_size, in->capacity);
        i->has_size = in->capacity;
    }
    name = path_last(in->list[file].path);
    if (!i->has[file])
        i->has[file] = bsearch(&name, i->names, i->name_count, sizeof *i->names, by_text) ? YES : NO;
    return i->has[file] == YES;
}

/* ---- what is so now -------------------------------------------------------------------------- */

int64_t inputs_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME_COARSE, &t);
    return t.tv_sec * second + t.tv_nsec;
}

static int64_t written_at(const struct stat *s)
{
    return s->st_mtim.tv_sec * second + s->st_mtim.tv_nsec;
}

static void look(struct inputs *in, struct input *i)
{
    struct stat s;
    bool there = stat(i->path, &s) == 0;

    i->regular = there && S_ISREG(s.st_mode);
    i->written = there ? written_at(&s) : 0;
    if (there && i->changed && i->size == s.st_size && i->changed == i->written)
        return;
    i->fresh = true;
    i->size = there ? s.st_size : -1;
    i->changed = there && inputs_now() - i->written > 2 * second ? i->written : 0;
    if (!there || S_ISFIFO(s.st_mode))      /* that one may never be written to */
        i->hash = 0;
    else
        i->hash = S_ISDIR(s.st_mode) ? hash_names(in, i) : hash_file(i->path, &i->marked);
}

static struct input *look_once(struct inputs *in, uint32_t number)
{
    struct input *i = &in->list[number];

    if (!i->checked)
        look(in, i);
    i->checked = true;
    return i;
}

bool inputs_is_file(struct inputs *in, const char *path)
{
    return look_once(in, inputs_number(in, path))->regular;
}

static uint64_t inputs_hash(struct inputs *in, uint32_t number)
{
    const struct unit_file *text = in->overlay_count ? inputs_text(in, in->list[number].path) : NULL;

    if (text)
        return !text->text ? 0 : XXH3_64bits(text->text, strlen(text->text));
    return look_once(in, number)->hash;
}

static bool is_newer(struct inputs *in, uint32_t number, int64_t time)
{
    const struct input *i = look_once(in, number);
    struct stat s;
    bool there = stat(i->path, &s) == 0;
    int64_t written = there ? written_at(&s) : 0;

    return written != i->written || written >= time || (there && s.st_size != i->size);
}

bool inputs_newer(struct inputs *in, const uint32_t *numbers, uint32_t count, int64_t time)
{
    for (uint32_t i = 0; i < count; i++)
        if (!inputs_text(in, in->list[numbers[i]].path) && is_newer(in, numbers[i], time))
            return true;
    return false;
}

uint64_t inputs_hash_all(struct inputs *in, const uint32_t *numbers, uint32_t count)
{
    uint64_t *hashes;

    while (in->room < count)
        in->hashes = ARENA_ARRAY(in->arena, uint64_t, in->room = in->room ? in->room * 2 : 256);
    hashes = in->hashes;
    for (uint32_t i = 0; i < count; i++)
        hashes[i] = inputs_hash(in, numbers[i]);
    return XXH3_64bits(hashes, count * sizeof *hashes);
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
