#include "baseline.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "paths.h"
#include "source.h"
#include "utf8.h"

enum { VERSION = 1 };

/* ---- keys ---------------------------------------------------------------------------- */

/* file as it is reached from folder, both absolute. */
static const char *relative(const char *folder, const char *file, struct arena *arena)
{
    size_t common = 0, at = 0;
    const char *up = "";

    for (; folder[at] && folder[at] == file[at]; at++)
        if (folder[at] == '/')
            common = at + 1;
    if (!folder[at] && (file[at] == '/' || folder[at - 1] == '/'))
        return file + at + (file[at] == '/');
    for (at = common; folder[at - 1]; at++)
        if (folder[at] == '/' || !folder[at])
            up = arena_printf(arena, "%s../", up);
    return arena_printf(arena, "%s%s", up, file + common);
}

struct finding_key baseline_key(const struct baseline *b, const struct finding *f)
{
    const char *file = f->at.file ? path_absolute("/", f->at.file, b->arena) : "/";
    struct finding_key key = finding_key(f, relative(b->folder, file, b->arena),
                                         source_line(f->at.file, f->at.line, b->arena), b->arena);

    /* As the file can hold them, so that what is read is what was written. */
    key.path = utf8_text(key.path, b->arena);
    key.function = utf8_text(key.function, b->arena);
    key.object = utf8_text(key.object, b->arena);
    key.line = utf8_text(key.line, b->arena);
    return key;
}

static struct baseline_entry *find(struct baseline *b, const struct finding_key *key)
{
    uint64_t hash = finding_key_hash(key);

    for (uint32_t i = 0; i < b->count; i++)
        if (b->entries[i].hash == hash)
            return &b->entries[i];
    return NULL;
}

void baseline_add(struct baseline *b, const struct finding_key *key, uint32_t count)
{
    struct baseline_entry *e = find(b, key);

    if (!e) {
        e = &ARENA_PUSH(b->arena, b->entries, b->count, b->capacity);
        *e = (struct baseline_entry){ .key = *key, .hash = finding_key_hash(key) };
    }
    e->count += count;
    e->left += count;
}

bool baseline_take(struct baseline *b, const struct finding_key *key)
{
    struct baseline_entry *e = find(b, key);

    if (!e || !e->left)
        return false;
    e->left--;
    return true;
}

static int compare(const void *left, const void *right)
{
    const struct finding_key *a = &((const struct baseline_entry *)left)->key;
    const struct finding_key *b = &((const struct baseline_entry *)right)->key;
    const char *const pairs[][2] = {
        { a->path, b->path }, { a->rule, b->rule }, { a->function, b->function }, { a->object, b->object },
        { a->line, b->line },
    };

    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        int order = strcmp(pairs[i][0], pairs[i][1]);

        if (order)
            return order;
    }
    return 0;
}

void baseline_sort(struct baseline *b)
{
    if (b->count)
        qsort(b->entries, b->count, sizeof *b->entries, compare);
}

/* ---- the file -------------------------------------------------------------------------- */

/* NULL, or what is wrong with the entry. */
static const char *read_entry(struct baseline *b, json_t *value)
{
    struct finding_key key;
    int count = 1;
    json_error_t error;

    if (json_unpack_ex(value, &error, JSON_STRICT, "{s:s, s:s, s:s, s:s, s:s, s?i}", "path", &key.path, "rule", &key.rule,
                       "function", &key.function, "object", &key.object, "line", &key.line, "count", &count))
        return arena_strdup(b->arena, error.text);
    if (count < 1)
        return "a count is at least 1";
    key = (struct finding_key){ arena_strdup(b->arena, key.rule), arena_strdup(b->arena, key.path),
                                arena_strdup(b->arena, key.function), arena_strdup(b->arena, key.object),
                                arena_strdup(b->arena, key.line) };
    baseline_add(b, &key, (uint32_t)count);
    return NULL;
}

static const char *read_document(struct baseline *b, json_t *document)
{
    json_t *list = json_object_get(document, "findings"), *value;
    const char *wrong = NULL;
    size_t i;

    if (json_integer_value(json_object_get(document, "version")) != VERSION)
        return "not a baseline of this version: write it anew with chanleak baseline write";
    if (!json_is_array(list))
        return "no list of findings";
    json_array_foreach(list, i, value) {
        wrong = read_entry(b, value);
        if (wrong)
            return arena_printf(b->arena, "finding %zu: %s", i + 1, wrong);
    }
    return NULL;
}

struct baseline *baseline_read(const char *path, struct arena *arena, const char **error)
{
    struct baseline *b = ARENA_NEW(arena, struct baseline);
    const char *wrong, *shown = source_path(path, arena);
    json_error_t where;
    json_t *document;
    FILE *in = fopen(path, "rb");

    *b = (struct baseline){ .arena = arena, .path = path, .folder = path_folder(path, arena), .there = in != NULL };
    *error = !in && errno != ENOENT ? arena_printf(arena, "cannot read '%s': %s", shown, strerror(errno)) : NULL;
    if (!in)
        return *error ? NULL : b;
    document = json_loadf(in, JSON_REJECT_DUPLICATES, &where);
    wrong = document ? read_document(b, document) : where.text;
    if (wrong)
        *error = arena_printf(arena, "%s:%d: %s", shown, document ? 1 : where.line > 0 ? where.line : 1, wrong);
    json_decref(document);
    fclose(in);
    return *error ? NULL : b;
}

bool baseline_write(const struct baseline *b)
{
    struct output *out = output_open(b->path);
    json_t *list = json_array(), *document;
    bool fine;

    for (uint32_t i = 0; i < b->count; i++) {
        const struct baseline_entry *e = &b->entries[i];
        json_t *value = json_pack("{s:s, s:s, s:s, s:s, s:s}", "path", e->key.path, "rule", e->key.rule,
                                  "function", e->key.function, "object", e->key.object, "line", e->key.line);

        if (e->count > 1)
            json_object_set_new(value, "count", json_integer(e->count));
        json_array_append_new(list, value);
    }
    document = json_pack("{s:i, s:o}", "version", VERSION, "findings", list);
    fine = out && !json_dumpf(document, output_file(out), JSON_INDENT(2)) && fputc('\n', output_file(out)) != EOF;
    json_decref(document);
    return out && output_close(out, fine) && fine;
}
