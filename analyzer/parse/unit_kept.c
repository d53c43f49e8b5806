/* What is included before the first declaration hardly changes while a file is edited: libclang compiles
 * it once and keeps it (a precompiled preamble, as clangd and IDEs use it), checking by contents that it still holds. */
#include "unit_kept.h"

#include <stdlib.h>
#include <string.h>

enum { KEPT_MAX = 6 };

struct kept {
    CXTranslationUnit tu;
    char             *path;
    char            **arguments;
    uint32_t          count;
    uint64_t          used;     /* when, in calls */
};

static struct kept all[KEPT_MAX];

/* Preambles stay in memory: files would be left behind by a process that is killed. */
static CXIndex kept_index(void)
{
    static CXIndex index;
    CXIndexOptions options = { .Size = sizeof options, .StorePreamblesInMemory = 1 };

    if (!index)
        index = clang_createIndexWithOptions(&options);
    return index;
}

static void forget(struct kept *k)
{
    if (k->tu)
        clang_disposeTranslationUnit(k->tu);
    for (uint32_t i = 0; i < k->count; i++)
        free(k->arguments[i]);
    free(k->arguments);
    free(k->path);
    *k = (struct kept){ 0 };
}

void unit_forget_kept(void)
{
    for (int i = 0; i < KEPT_MAX; i++)
        forget(&all[i]);
}

static bool is_it(const struct kept *k, const char *path, const char *const *arguments, uint32_t count)
{
    if (!k->tu || k->count != count || strcmp(k->path, path))
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(k->arguments[i], arguments[i]))
            return false;
    return true;
}

static struct kept *find(const char *path, const char *const *arguments, uint32_t count)
{
    struct kept *oldest = &all[0];

    for (int i = 0; i < KEPT_MAX; i++) {
        if (is_it(&all[i], path, arguments, count))
            return &all[i];
        if (all[i].used < oldest->used)
            oldest = &all[i];
    }
    forget(oldest);
    return oldest;
}

static void fill(struct kept *k, const struct source *source, const char *const *arguments, uint32_t count)
{
    unsigned flags = CXTranslationUnit_PrecompiledPreamble | CXTranslationUnit_CreatePreambleOnFirstParse;

    k->path = strdup(source->path);
    k->arguments = calloc(count + 1, sizeof *k->arguments);
    if (!k->path || !k->arguments)
        abort();
    for (; k->count < count; k->count++)
        if (!(k->arguments[k->count] = strdup(arguments[k->count])))
            abort();
    if (clang_parseTranslationUnit2(kept_index(), source->path, arguments, (int)count, source->overlay,
                                    source->overlay_count, flags, &k->tu))
        forget(k);
}

CXTranslationUnit kept_parse(const struct source *source, const char *const *arguments, uint32_t count)
{
    static uint64_t calls;
    struct kept *k = find(source->path, arguments, count);

    if (k->tu && clang_reparseTranslationUnit(k->tu, source->overlay_count, source->overlay,
                                              clang_defaultReparseOptions(k->tu)))
        forget(k);              /* after a failure it may only be disposed of */
    if (!k->tu)
        fill(k, source, arguments, count);
    k->used = ++calls;
    return k->tu;
}
