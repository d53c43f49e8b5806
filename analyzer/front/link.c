#include "link.h"

#include <stdlib.h>
#include <string.h>

#include "join.h"
#include "overlaps.h"
#include "paths.h"
#include "startup.h"

struct definition {             /* of an external name */
    const char *name;
    uint32_t    unit;
};

struct linker {
    const struct link_unit *units;
    uint32_t                count;
    const struct models    *models;
    struct arena           *arena;
    struct definition      *definitions;    /* sorted by name, then unit */
    uint32_t                definition_count, definition_capacity;
    bool                   *has_main;
    bool                   *taken;          /* by any program */
    struct programs         programs;
};

/* ---- who defines what ---------------------------------------------------------------- */

static bool defines(const struct flow *flow, const struct symbol *s)
{
    if (s->internal)
        return false;
    return s->function != FLOW_NONE || (s->global != FLOW_NONE && !flow->globals[s->global].is_extern);
}

static bool is_missing(const struct flow *flow, const struct symbol *s)
{
    if (s->internal || s->function != FLOW_NONE || s->model != FLOW_OP_NONE)
        return false;
    return s->is_function || (s->global != FLOW_NONE && flow->globals[s->global].is_extern);
}

static int by_name_and_unit(const void *a, const void *b)
{
    const struct definition *x = a, *y = b;
    int order = strcmp(x->name, y->name);

    return order ? order : (x->unit > y->unit) - (x->unit < y->unit);
}

static void collect_definitions(struct linker *l)
{
    for (uint32_t u = 0; u < l->count; u++) {
        const struct flow *flow = l->units[u].flow;

        for (uint32_t i = 0; i < flow->symbol_count; i++) {
            const struct symbol *s = &flow->symbols[i];
            const char *name = flow_string(flow, s->name);

            if (!defines(flow, s))
                continue;
            ARENA_PUSH(l->arena, l->definitions, l->definition_count, l->definition_capacity) =
                (struct definition){ name, u };
            l->has_main[u] |= s->function != FLOW_NONE && !strcmp(name, "main");
        }
    }
    if (l->definition_count)
        qsort(l->definitions, l->definition_count, sizeof *l->definitions, by_name_and_unit);
}

/* The definitions of a name: the first, and how many. */
static const struct definition *definitions_of(const struct linker *l, const char *name, uint32_t *count)
{
    uint32_t low = 0, high = l->definition_count, end;

    while (low < high) {
        uint32_t middle = (low + high) / 2;

        if (strcmp(l->definitions[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (end = low; end < l->definition_count && !strcmp(l->definitions[end].name, name); end++)
        ;
    *count = end - low;
    return l->definitions + low;
}

/* ---- which definition a reference means ------------------------------------------------ */

/* How many leading folders two paths share. */
static unsigned nearness(const char *a, const char *b)
{
    unsigned folders = 0;

    for (; *a && *a == *b; a++, b++)
        folders += *a == '/';
    return folders;
}

static bool same_target(const struct linker *l, uint32_t a, uint32_t b)
{
    return *l->units[a].target && !strcmp(l->units[a].target, l->units[b].target);
}

static bool in_program(const struct program *p, uint32_t unit)
{
    for (uint32_t i = 0; i < p->unit_count; i++)
        if (p->units[i] == unit)
            return true;
    return false;
}

enum {
    RANK_NONE,              /* out of the question */
    RANK_ELSEWHERE,         /* and one more for each folder on the way there */
    RANK_TARGET = 3000,
    RANK_PROGRAM,
};

/* Rank of a definition in `unit` for a reference in a program: higher is better. */
static unsigned rank(const struct linker *l, const struct program *p, uint32_t unit)
{
    if (in_program(p, unit))
        return RANK_PROGRAM;
    if (l->has_main[unit])
        return RANK_NONE;
    if (p->unit_count && same_target(l, p->units[0], unit))
        return RANK_TARGET;
    return RANK_ELSEWHERE + nearness(l->units[p->units[0]].file, l->units[unit].file);
}

enum { AMBIGUOUS = FLOW_NONE - 1 };

/* The unit that defines the name for this program; FLOW_NONE, or AMBIGUOUS. */
static uint32_t resolve(const struct linker *l, const struct program *p, const char *name)
{
    uint32_t count, best = FLOW_NONE;
    unsigned best_rank = 0;
    const struct definition *d = definitions_of(l, name, &count);
    bool modelled = models_find(l->models, name) != NULL;

    for (uint32_t i = 0; i < count; i++) {
        unsigned r = rank(l, p, d[i].unit);

        if (modelled && r < RANK_TARGET && *l->units[p->units[0]].target)
            continue;               /* the library's, not another program's of that name */
        if (r > best_rank) {
            best_rank = r;
            best = d[i].unit;
        } else if (r && r == best_rank && r < RANK_TARGET) {
            best = AMBIGUOUS;
        }
    }
    return best;
}

/* ---- programs ----------------------------------------------------------------------------- */

static void take(struct linker *l, struct program *p, uint32_t unit)
{
    if (in_program(p, unit))
        return;
    ARENA_PUSH(l->arena, p->units, p->unit_count, p->unit_capacity) = unit;
    l->taken[unit] = true;
}

static void note_ambiguous(struct linker *l, struct join *join, const struct flow *flow, const struct symbol *s)
{
    join_note(join, arena_printf(l->arena, "several files define '%s'", flow_string(flow, s->name)));
}

/* Take in what the program's units refer to, and what those refer to. */
static void take_needed(struct linker *l, struct program *p, struct join *join)
{
    for (uint32_t at = 0; at < p->unit_count; at++) {
        const struct flow *flow = l->units[p->units[at]].flow;

        for (uint32_t i = 0; i < flow->symbol_count; i++) {
            const struct symbol *s = &flow->symbols[i];
            uint32_t unit = is_missing(flow, s) ? resolve(l, p, flow_string(flow, s->name)) : FLOW_NONE;

            if (unit == AMBIGUOUS)
                note_ambiguous(l, join, flow, s);
            else if (unit != FLOW_NONE)
                take(l, p, unit);
        }
    }
}

/* Whether the unit refers to what the program defines. */
static bool refers_to(const struct linker *l, const struct program *p, uint32_t unit)
{
    const struct flow *flow = l->units[unit].flow;

    for (uint32_t i = 0; i < flow->symbol_count; i++) {
        const struct symbol *s = &flow->symbols[i];
        uint32_t count = 0;
        const struct definition *d = is_missing(flow, s) ? definitions_of(l, flow_string(flow, s->name), &count) : NULL;

        for (uint32_t k = 0; k < count; k++)
            if (in_program(p, d[k].unit))
                return true;
    }
    return false;
}

/* Nobody has to name a unit that makes itself known before main runs. It is part of the program when it is of its
 * target, or, where there are no targets, when it stands in the folder of main and refers to the program. */
static bool joins_by_itself(const struct linker *l, const struct program *p, uint32_t unit)
{
    const struct link_unit *main = &l->units[p->units[0]], *u = &l->units[unit];
    size_t folder = (size_t)(path_last(main->file) - main->file);

    if (l->has_main[unit] || in_program(p, unit) || !startup_has_constructor(u->flow))
        return false;
    if (*main->target || *u->target)
        return same_target(l, p->units[0], unit);
    return (size_t)(path_last(u->file) - u->file) == folder && !strncmp(main->file, u->file, folder) &&
           refers_to(l, p, unit);
}

static void take_constructors(struct linker *l, struct program *p, struct join *join)
{
    for (uint32_t u = 0; u < l->count; u++)
        if (joins_by_itself(l, p, u)) {
            take(l, p, u);
            take_needed(l, p, join);
        }
}

/* Two programs of one source (compiled twice) need two names. */
static const char *unique_name(struct linker *l, const char *name, const char *target)
{
    unsigned same = 0;

    for (uint32_t i = 0; i < l->programs.count; i++)
        same += !strncmp(l->programs.list[i].name, name, strlen(name));
    if (!same)
        return name;
    return *target ? arena_printf(l->arena, "%s of %s, %u", name, path_last(target), same + 1)
                   : arena_printf(l->arena, "%s, %u", name, same + 1);
}

static void finish(struct linker *l, struct program *p, struct join *join, const char *name)
{
    for (uint32_t i = 0; i < p->unit_count; i++)
        join_unit(join, l->units[p->units[i]].flow);
    join_models(join, l->models);
    p->flow = join_flow(join);
    startup_call(p->flow);
    overlaps_join(p->flow);
    p->name = unique_name(l, name, l->units[p->units[0]].target);
    ARENA_PUSH(l->arena, l->programs.list, l->programs.count, l->programs.capacity) = *p;
}

static void link_main(struct linker *l, uint32_t unit)
{
    struct join *join = join_new(l->arena);
    struct program p = { 0 };

    take(l, &p, unit);
    take_needed(l, &p, join);
    take_constructors(l, &p, join);
    finish(l, &p, join, l->units[unit].file);
}

/* ---- libraries ------------------------------------------------------------------------------- */

/* Union-find (Galler and Fischer, 1964) over the units no main has taken. */
static uint32_t leader(uint32_t *parent, uint32_t unit)
{
    while (parent[unit] != unit)
        unit = parent[unit] = parent[parent[unit]];
    return unit;
}

static void unite_references(struct linker *l, uint32_t *parent, uint32_t unit)
{
    const struct flow *flow = l->units[unit].flow;
    struct program alone = { .units = &unit, .unit_count = 1 };

    for (uint32_t i = 0; i < flow->symbol_count; i++) {
        const struct symbol *s = &flow->symbols[i];
        uint32_t other = is_missing(flow, s) ? resolve(l, &alone, flow_string(flow, s->name)) : FLOW_NONE;

        if (other < l->count && !l->taken[other])
            parent[leader(parent, other)] = leader(parent, unit);
    }
}

static void unite_targets(struct linker *l, uint32_t *parent, uint32_t unit)
{
    for (uint32_t other = 0; other < unit; other++)
        if (!l->taken[other] && same_target(l, unit, other)) {
            parent[leader(parent, unit)] = leader(parent, other);
            return;
        }
}

static void link_library(struct linker *l, uint32_t *parent, const bool *apart, uint32_t first)
{
    struct join *join = join_new(l->arena);
    struct program p = { 0 };
    const char *target = l->units[first].target;

    for (uint32_t u = first; u < l->count; u++)
        if (apart[u] && leader(parent, u) == leader(parent, first))
            take(l, &p, u);
    take_needed(l, &p, join);
    finish(l, &p, join, *target ? target : l->units[first].file);
}

static void link_libraries(struct linker *l)
{
    uint32_t *parent = ARENA_ARRAY(l->arena, uint32_t, l->count);
    bool *apart = ARENA_ARRAY(l->arena, bool, l->count);

    for (uint32_t u = 0; u < l->count; u++) {
        parent[u] = u;
        apart[u] = !l->taken[u];
    }
    for (uint32_t u = 0; u < l->count; u++)
        if (apart[u]) {
            unite_references(l, parent, u);
            unite_targets(l, parent, u);
        }
    for (uint32_t u = 0; u < l->count; u++)
        if (apart[u] && !l->taken[u])
            link_library(l, parent, apart, u);
}

struct programs link_programs(const struct link_unit *units, uint32_t count,
                              const struct models *models, struct arena *arena)
{
    struct linker l = {
        .units = units, .count = count, .models = models, .arena = arena,
        .has_main = ARENA_ARRAY(arena, bool, count), .taken = ARENA_ARRAY(arena, bool, count),
    };

    collect_definitions(&l);
    for (uint32_t u = 0; u < count; u++)
        if (l.has_main[u])
            link_main(&l, u);
    link_libraries(&l);
    return l.programs;
}
