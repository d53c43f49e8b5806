#include "lsp_lens.h"

#include <inttypes.h>
#include <string.h>

#include "lsp_transport.h"
#include "loops.h"
#include "plan.h"

enum { CALLS_DEEP = 4 };        /* of the task's function, that are looked into for its loop */

struct lenses {
    const struct session   *session;
    const struct lsp_words *words;
    const struct flow      *flow;
    int64_t                 program;    /* in the store */
    struct plan             plan;       /* its ranges alone */
    bool                   *known;      /* per function: they are */
    json_t                 *found;
};

/* ---- what ends it ------------------------------------------------------------------------------------------- */

static bool *ranges_of(struct lenses *l, uint32_t f)
{
    struct arena *arena = l->words->arena;

    if (!l->known[f]) {
        struct cfg g = cfg_make(&l->flow->functions[f], arena);

        loops_ranges(l->flow, &l->plan, f, &g);
        l->known[f] = true;
    }
    return l->plan.functions[f].range;
}

static uint32_t callee_of(const struct flow *flow, const struct instr *i)
{
    return i->kind == INSTR_CALL && i->symbol != FLOW_NONE ? flow->symbols[i->symbol].function : FLOW_NONE;
}

/* The first receive that a loop of the function goes round for, or of those it calls; NULL: none with a name. */
static const char *ended_by(struct lenses *l, uint32_t f, unsigned deep)
{
    const struct function *fn = &l->flow->functions[f];
    const bool *range = ranges_of(l, f);

    for (uint32_t i = 0; i < fn->instr_count; i++) {
        uint32_t callee = deep ? callee_of(l->flow, &fn->instrs[i]) : FLOW_NONE;
        const char *name = range[i] ? flow_string(l->flow, fn->instrs[i].name)
                         : callee != FLOW_NONE ? ended_by(l, callee, deep - 1) : NULL;

        if (name && *name)
            return name;
    }
    return NULL;
}

static uint32_t entry_of(const struct flow *flow, const struct function *fn, const struct instr *i)
{
    uint32_t at = i->op == FLOW_GROUP_SPAWN;
    const struct expr *e = at < i->arg_count ? &fn->exprs[fn->args[i->first_arg + at]] : NULL;

    return e && e->kind == EXPR_GLOBAL ? flow->symbols[e->index].function : FLOW_NONE;
}

/* ---- what keeps it -------------------------------------------------------------------------------------------- */

static const struct finding *kept_by(const struct lenses *l, struct site at)
{
    const struct findings *all = &l->session->findings;

    for (uint32_t i = 0; i < all->count; i++) {
        const struct finding *f = &all->list[i];

        if (f->program == l->program && f->spawned.file && f->spawned.line == at.line && f->spawned.col == at.col
            && !strcmp(f->spawned.file, at.file) && (f->stuck || !strcmp(f->kind, "endless")))
            return f;
    }
    return NULL;
}

static const char *title_of(struct lenses *l, const struct function *fn, const struct instr *i, struct site at)
{
    const struct finding *f = kept_by(l, at);
    uint32_t entry = entry_of(l->flow, fn, i);
    const char *channel = !f && entry != FLOW_NONE ? ended_by(l, entry, CALLS_DEEP) : NULL;

    if (f)
        return arena_printf(l->words->arena, "may never end: %s, line %" PRIu32, f->rule, f->at.line);
    return channel ? arena_printf(l->words->arena, "ends when '%s' is closed", channel) : NULL;
}

/* ---- spawns --------------------------------------------------------------------------------------------------- */

static bool is_spawn(const struct instr *i)
{
    return i->kind == INSTR_OP && (i->op == FLOW_SPAWN || i->op == FLOW_SPAWN_COPY || i->op == FLOW_GROUP_SPAWN);
}

/* Of two programs that share the file, the one that has something to fear. */
static void add(struct lenses *l, struct site at, const char *title)
{
    const char *uri = lsp_uri_of(l->words, at.file);
    json_t *list = json_object_get(l->found, uri), *range = lsp_range_at(l->words, at);

    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *lens = json_array_get(list, i);

        if (!json_equal(json_object_get(lens, "range"), range))
            continue;
        if (!strncmp(title, "may", 3))
            json_object_set_new(lens, "title", lsp_string(title));
        json_decref(range);
        return;
    }
    json_array_append_new(list, json_pack("{s:o, s:o}", "range", range, "title", lsp_string(title)));
}

static void look_at(struct lenses *l, const struct function *fn)
{
    for (uint32_t i = 0; i < fn->instr_count; i++) {
        const struct instr *in = &fn->instrs[i];
        struct site at = { flow_string(l->flow, l->flow->files[in->loc.file]), in->loc.line, in->loc.col };
        const char *title;

        if (!is_spawn(in) || !at.line || !lsp_document_find(l->words->documents, at.file))
            continue;
        title = title_of(l, fn, in, at);
        if (title)
            add(l, at, title);
    }
}

static void look_through(struct lenses *l)
{
    uint32_t count = l->flow->function_count;
    struct arena *arena = l->words->arena;

    l->plan.functions = ARENA_ARRAY(arena, struct function_plan, count);
    l->known = ARENA_ARRAY(arena, bool, count);
    for (uint32_t f = 0; f < count; f++)
        l->plan.functions[f].range = ARENA_ARRAY(arena, bool, l->flow->functions[f].instr_count);
    for (uint32_t f = 0; f < count; f++)
        look_at(l, &l->flow->functions[f]);
}

json_t *lsp_lenses(const struct session *session, const struct lsp_words *words)
{
    struct lenses l = { .session = session, .words = words, .found = json_object() };

    for (size_t i = 0; i < words->documents->count; i++)
        json_object_set_new(l.found, words->documents->list[i].uri, json_array());
    for (uint32_t i = 0; i < session->front->program_count && i < session->program_count; i++) {
        l.flow = session->front->programs[i].flow;
        l.program = session->programs[i];
        look_through(&l);
    }
    return l.found;
}
