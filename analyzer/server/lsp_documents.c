#include "lsp_documents.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "paths.h"

/* ---- addresses --------------------------------------------------------------------------------- */

static int hex(char c)
{
    return isdigit((unsigned char)c) ? c - '0' : isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10 : -1;
}

char *lsp_path(const char *uri, struct arena *arena)
{
    char *path, *to;

    if (!uri || strncmp(uri, "file://", 7))
        return NULL;
    uri = strchr(uri + 7, '/');         /* after the host */
    if (!uri)
        return NULL;
    path = to = arena_alloc(arena, strlen(uri) + 1);
    while (*uri && *uri != '?' && *uri != '#') {
        bool coded = *uri == '%' && hex(uri[1]) >= 0 && hex(uri[2]) >= 0;

        *to++ = coded ? (char)(hex(uri[1]) * 16 + hex(uri[2])) : *uri;
        uri += coded ? 3 : 1;
    }
    return path_absolute("/", path, arena);
}

char *lsp_uri(const char *path, struct arena *arena)
{
    char *uri = arena_alloc(arena, strlen(path) * 3 + 8), *to = uri + sprintf(uri, "file://");

    for (; *path; path++)
        to += sprintf(to, isalnum((unsigned char)*path) || strchr("/._-~", *path) ? "%c" : "%%%02X",
                      (unsigned char)*path);
    return uri;
}

const char *lsp_documents_path(const struct lsp_documents *d, const char *uri, struct arena *arena)
{
    const struct lsp_document *doc = lsp_document_at(d, uri);
    const char *path = doc ? NULL : lsp_path(uri, arena);

    return doc ? doc->path : path ? lsp_names_ours(&d->names, path, arena) : NULL;
}

const char *lsp_documents_uri(const struct lsp_documents *d, const char *path, struct arena *arena)
{
    const struct lsp_document *doc = lsp_document_find(d, path);

    return doc ? doc->uri : lsp_uri(lsp_names_theirs(&d->names, path, arena), arena);
}

/* ---- open files --------------------------------------------------------------------------------- */

struct lsp_document *lsp_document_find(const struct lsp_documents *d, const char *path)
{
    for (size_t i = 0; i < d->count; i++)
        if (!strcmp(d->list[i].path, path))
            return &d->list[i];
    return NULL;
}

struct lsp_document *lsp_document_at(const struct lsp_documents *d, const char *uri)
{
    for (size_t i = 0; uri && i < d->count; i++)
        if (!strcmp(d->list[i].uri, uri))
            return &d->list[i];
    return NULL;
}

static char *copy_of(const char *s)
{
    char *copy = strdup(s);

    if (!copy)
        abort();
    return copy;
}

struct lsp_document *lsp_document_open(struct lsp_documents *d, const char *path, const char *uri, const char *text,
                                       size_t size, json_int_t version)
{
    struct lsp_document *doc = lsp_document_at(d, uri);

    if (!doc) {
        if (d->count == d->capacity) {
            d->capacity = d->capacity ? d->capacity * 2 : 16;
            d->list = realloc(d->list, d->capacity * sizeof *d->list);
            if (!d->list)
                abort();
        }
        doc = &d->list[d->count++];
        *doc = (struct lsp_document){ .path = copy_of(path), .uri = copy_of(uri) };
    }
    lsp_text_set(&doc->text, text, size);
    doc->version = version;
    return doc;
}

static bool change(const struct lsp_documents *d, struct lsp_document *doc, const json_t *change)
{
    const json_t *text = json_object_get(change, "text"), *range = json_object_get(change, "range");
    struct lsp_position start, end;
    size_t from, to;

    if (!json_is_string(text))
        return false;
    if (!range || json_is_null(range)) {
        lsp_text_set(&doc->text, json_string_value(text), json_string_length(text));
        return true;
    }
    if (!lsp_read_range(range, &start, &end))
        return false;
    from = lsp_text_offset(&doc->text, start, d->encoding);
    to = lsp_text_offset(&doc->text, end, d->encoding);
    lsp_text_replace(&doc->text, from, to < from ? from : to, json_string_value(text), json_string_length(text));
    return true;
}

bool lsp_document_change(const struct lsp_documents *d, struct lsp_document *doc, const json_t *changes)
{
    bool fine = json_is_array(changes);

    for (size_t i = 0; i < json_array_size(changes); i++)
        fine = change(d, doc, json_array_get(changes, i)) && fine;
    return fine;
}

void lsp_document_close(struct lsp_documents *d, struct lsp_document *doc)
{
    free(doc->path);
    free(doc->uri);
    lsp_text_free(&doc->text);
    d->count--;
    memmove(doc, doc + 1, (size_t)(d->list + d->count - doc) * sizeof *doc);
}

void lsp_documents_rename(struct lsp_documents *d, const struct compdb *db)
{
    struct arena *arena = arena_new();

    lsp_names_load(&d->names, db);
    for (size_t i = 0; i < d->count; i++) {
        const char *path = lsp_path(d->list[i].uri, arena);
        char *copy = copy_of(lsp_names_ours(&d->names, path ? path : d->list[i].path, arena));

        free(d->list[i].path);
        d->list[i].path = copy;
    }
    arena_free(arena);
}

void lsp_documents_free(struct lsp_documents *d)
{
    while (d->count)
        lsp_document_close(d, &d->list[0]);
    free(d->list);
    lsp_names_free(&d->names);
}

struct unit_file *lsp_documents_overlay(const struct lsp_documents *d, size_t *count, struct arena *arena)
{
    struct unit_file *files = ARENA_ARRAY(arena, struct unit_file, d->count + 1);

    *count = 0;
    for (size_t i = 0; i < d->count; i++)
        if (lsp_document_find(d, d->list[i].path) == &d->list[i])
            files[(*count)++] = (struct unit_file){ d->list[i].path, d->list[i].text.bytes };
    return files;
}
