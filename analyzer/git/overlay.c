#include "overlay.h"

#include <string.h>

bool overlay_is_source(const char *path)
{
    static const char *const endings[] = { ".c", ".h", ".i", ".inc", ".inl", ".def", ".tbl", ".x", ".y", ".l" };
    const char *name = strrchr(path, '/'), *end = strrchr(name ? name : path, '.');

    for (size_t i = 0; end && i < sizeof endings / sizeof *endings; i++)
        if (!strcmp(end, endings[i]))
            return true;
    return false;
}

static bool has(const struct overlay *o, const char *path)
{
    for (uint32_t i = 0; i < o->count; i++)
        if (!strcmp(o->list[i].path, path))
            return true;
    return false;
}

static void add(struct git *git, struct overlay *o, const char *path, const char *text)
{
    if (overlay_is_source(path) && !has(o, path))
        ARENA_PUSH(git->arena, o->list, o->count, o->capacity) = (struct unit_file){ path, text };
}

/* Only sources can be left out: what includes a header that is gone does not compile, and one that git was told to
 * forget may be made by the build. */
static void leave_out(struct git *git, struct overlay *o, const char *path)
{
    size_t size = strlen(path);

    if (size > 2 && path[size - 2] == '.' && (path[size - 1] == 'c' || path[size - 1] == 'i'))
        add(git, o, path, NULL);
}

/* The old side of a change is the text of a source. */
static bool has_text(const struct git_change *c)
{
    return c->old_mode && c->old_mode != GIT_LINK && c->old_mode != GIT_SUBMODULE && c->status != 'U' &&
           overlay_is_source(c->path);
}

/* Where the disk differs from the commit, or the index. */
static void add_texts(struct git *git, struct overlay *o, const char *commit)
{
    struct git_changes differ = git_unstaged(git, commit, false);
    const char **blobs = ARENA_ARRAY(git->arena, const char *, differ.count + 1), **texts;
    uint32_t count = 0;

    for (uint32_t i = 0; i < differ.count; i++)
        if (has_text(&differ.list[i]))
            blobs[count++] = differ.list[i].old_blob;
    texts = git_texts(git, blobs, count);
    for (uint32_t i = 0; i < differ.count; i++) {
        const struct git_change *c = &differ.list[i];
        const char *text = has_text(c) ? *texts++ : NULL;

        if (text)
            add(git, o, c->path, text);
        else if (c->status == 'A' && commit)
            leave_out(git, o, c->path);
    }
}

/* The compile database is of today: what it has is the new name, and so that is what the old text is read by. */
static void add_renamed(struct git *git, struct overlay *o, const struct git_changes *changes)
{
    const char **blobs = ARENA_ARRAY(git->arena, const char *, changes->count + 1), **texts;
    uint32_t count = 0;

    for (uint32_t i = 0; i < changes->count; i++)
        if (changes->list[i].status == 'R' && has_text(&changes->list[i]))
            blobs[count++] = changes->list[i].old_blob;
    texts = git_texts(git, blobs, count);
    for (uint32_t i = 0; i < changes->count; i++)
        if (changes->list[i].status == 'R' && has_text(&changes->list[i]))
            add(git, o, changes->list[i].path, *texts++);
}

struct overlay overlay_of_disk(struct git *git, const struct git_changes *changes)
{
    struct overlay o = { 0 };

    for (uint32_t i = 0; i < changes->count; i++)
        if (changes->list[i].status == 'D' || changes->list[i].status == 'R')
            leave_out(git, &o, changes->list[i].old_path);
    return o;
}

struct overlay overlay_of_index(struct git *git, const struct git_changes *changes)
{
    struct overlay o = overlay_of_disk(git, changes);

    add_texts(git, &o, NULL);
    return o;
}

struct overlay overlay_of_commit(struct git *git, const char *commit, const struct git_changes *changes)
{
    struct overlay o = { 0 };

    add_renamed(git, &o, changes);
    for (uint32_t i = 0; i < changes->count; i++)
        if (changes->list[i].status == 'A')
            leave_out(git, &o, changes->list[i].path);
    add_texts(git, &o, commit);
    return o;
}
