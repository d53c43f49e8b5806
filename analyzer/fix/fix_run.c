#include "fix_run.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "fix.h"
#include "text_diff.h"

/* A file with repairs in it. */
struct repaired {
    const char *file;
    const char *before;         /* its text as it was */
    const char *after;
};

struct run {
    struct session  *session;
    struct fixer    *fixer;
    struct repaired *list;
    uint32_t         count, capacity;
};

static void keep(struct run *r, const struct fix *fix)
{
    for (uint32_t i = 0; i < r->count; i++)
        if (!strcmp(r->list[i].file, fix->file)) {
            r->list[i].after = fix->text;
            return;
        }
    ARENA_PUSH(r->session->arena, r->list, r->count, r->capacity) =
        (struct repaired){ fix->file, fix->before, fix->text };
}

static void repair(struct run *r, uint32_t number, bool only_shown)
{
    const struct finding *finding = &r->session->findings.list[number];
    struct arena *arena = r->session->arena;
    struct fix fix;

    session_progress(r->session, "repair", number, r->session->findings.count, source_path(finding->at.file, arena));
    if (!fixer_find(r->fixer, finding, NULL, NULL, &fix))
        return;
    keep(r, &fix);
    fixer_accept(r->fixer, &fix);
    session_progress_end(r->session);
    fprintf(stderr, "%s:%u:%u: %s: %s [%s]\n", source_path(finding->at.file, arena), finding->at.line,
            finding->at.col, only_shown || access(fix.file, W_OK) ? "can be repaired" : "repaired", fix.title, finding->rule);
}

/* Not over what somebody has written meanwhile. */
static bool write_file(struct run *r, const struct repaired *file)
{
    struct arena *arena = r->session->arena;
    const char *now = fix_read(file->file, arena), *path = source_path(file->file, arena);
    struct output *out;
    bool fine;

    if (!now || strcmp(now, file->before)) {
        session_complain(arena_printf(arena, "'%s' has changed meanwhile: not repaired", path));
        return false;
    }
    out = output_open(file->file);
    fine = out && fputs(file->after, output_file(out)) >= 0;
    fine = out && output_close(out, fine) && fine;
    if (!fine)
        session_complain(arena_printf(arena, "cannot write '%s': %s", path, strerror(errno)));
    return fine;
}

bool fix_run(struct session *session, FILE *diff, uint32_t *count)
{
    struct run r = { .session = session, .fixer = fixer_new(session, session->arena) };
    bool fine = true;

    *count = 0;
    for (uint32_t i = 0; i < session->findings.count; i++)
        repair(&r, i, diff != NULL);
    for (uint32_t i = 0; i < r.count; i++) {
        if (diff)
            text_diff(source_path(r.list[i].file, session->arena), r.list[i].before, r.list[i].after,
                      session->arena, diff);
        else
            fine = write_file(&r, &r.list[i]) && fine;
        *count += 1;
    }
    fixer_free(r.fixer);
    return fine;
}
