/* Ways out of a function, and what is written before each of them. */
#include <ctype.h>
#include <string.h>

#include "fix_plan.h"

enum { SINGLE_MAX = 4 };        /* ways out that are tried each by itself */

struct exits {
    uint32_t *list;             /* nodes; the function's block: its end */
    uint32_t  count, capacity;
};

/* ---- which ways out ------------------------------------------------------------------------ */

static bool is_one_of(enum flow_op op, const enum flow_op *ops)
{
    while (*ops != FLOW_OP_NONE && *ops != op)
        ops++;
    return *ops != FLOW_OP_NONE;
}

/* Is it done before the place on every way there: in a block that the place is in, and before it? */
static bool is_done(const struct fix_plan *p, const struct fix_leaving *l, uint32_t node, uint32_t at)
{
    const struct outline *o = &p->source->outline;
    uint32_t from = l->from == FLOW_NONE ? 0 : o->nodes[l->from].end;

    for (uint32_t i = l->function; i < o->count && outline_is_within(o, i, l->function); i++) {
        const struct outline_node *n = &o->nodes[i];
        uint32_t argument, block;

        if (n->kind != OUTLINE_CALL || n->begin < from || n->begin >= at || !is_one_of(n->op, l->ops))
            continue;
        argument = outline_argument(o, i, 0);
        block = outline_around(o, i, OUTLINE_BLOCK);
        if (argument != FLOW_NONE && !strcmp(fix_plan_text(p, argument), l->argument) && block != FLOW_NONE &&
            outline_is_within(o, node, block))
            return true;
    }
    return false;
}

/* A value that means the same after what is put in front: a constant, or a local. */
static bool is_plain(const struct fix_plan *p, uint32_t node)
{
    const char *at = fix_plan_text(p, node);

    while (isalnum((unsigned char)*at) || (*at && strchr("_ \t-!+'\"", *at)))
        at++;
    return !*at;
}

/* Does a jump leave the turn of the loop that `from` is in? */
static bool leaves_turn(const struct outline *o, uint32_t jump, uint32_t from)
{
    uint32_t loop = outline_around(o, jump, OUTLINE_LOOP), other = outline_around(o, jump, OUTLINE_SWITCH);

    return from != FLOW_NONE && loop != FLOW_NONE && (other == FLOW_NONE || other < loop) &&
           outline_is_within(o, from, loop);
}

static bool has_place(const struct fix_plan *p, uint32_t node)
{
    const struct outline *o = &p->source->outline;
    uint32_t parent = o->nodes[node].parent;

    return !o->nodes[node].macro_begin && parent != FLOW_NONE && !o->nodes[parent].macro_end &&
           (o->nodes[parent].kind == OUTLINE_BLOCK || o->nodes[parent].kind == OUTLINE_IF ||
            o->nodes[parent].kind == OUTLINE_LOOP || o->nodes[parent].kind == OUTLINE_CASE);
}

/* The block of the function, when its end is a way out. */
static uint32_t open_end(const struct outline *o, uint32_t function)
{
    uint32_t body = FLOW_NONE, last = FLOW_NONE;

    for (uint32_t i = function + 1; i < o->count && outline_is_within(o, i, function); i++) {
        if (o->nodes[i].parent == function && o->nodes[i].kind == OUTLINE_BLOCK)
            body = i;
        if (body != FLOW_NONE && o->nodes[i].parent == body)
            last = i;
    }
    return last != FLOW_NONE && o->nodes[last].kind == OUTLINE_RETURN ? FLOW_NONE : body;
}

static struct exits find_exits(const struct fix_plan *p, const struct fix_leaving *l)
{
    const struct outline *o = &p->source->outline;
    uint32_t from = l->from == FLOW_NONE ? 0 : o->nodes[l->from].end, body = open_end(o, l->function);
    struct exits e = { 0 };

    for (uint32_t i = l->function; i < o->count && outline_is_within(o, i, l->function); i++) {
        const struct outline_node *n = &o->nodes[i];

        if (n->begin < from || (n->kind != OUTLINE_RETURN && n->kind != OUTLINE_JUMP))
            continue;
        if (n->kind == OUTLINE_JUMP ? leaves_turn(o, i, l->from) : is_plain(p, i))
            if (has_place(p, i) && !is_done(p, l, i, n->begin))
                ARENA_PUSH(p->arena, e.list, e.count, e.capacity) = i;
    }
    if (body != FLOW_NONE && !o->nodes[body].macro_end && !is_done(p, l, body, o->nodes[body].end))
        ARENA_PUSH(p->arena, e.list, e.count, e.capacity) = body;
    return e;
}

/* ---- edits ------------------------------------------------------------------------------------ */

/* Behind the last statement of a function's block. */
static struct fix_edit at_end(const struct fix_plan *p, uint32_t body, const char *statements)
{
    const struct outline *o = &p->source->outline;
    const char *text = p->source->text;
    uint32_t brace = o->nodes[body].end - 1, last = FLOW_NONE, end;

    for (uint32_t i = body + 1; i < o->count && outline_is_within(o, i, body); i++)
        if (o->nodes[i].parent == body)
            last = i;
    if (last == FLOW_NONE)
        return (struct fix_edit){ brace, brace, arena_printf(p->arena, " %s; ", statements) };
    end = fix_statement_end(text, o->nodes[last].end);
    return (struct fix_edit){ end, end, fix_after(text, o->nodes[last].begin, statements, p->arena) };
}

static uint32_t edits_for(const struct fix_plan *p, uint32_t exit, const char *statements, struct fix_edit edits[3])
{
    const struct outline_node *nodes = p->source->outline.nodes, *n = &nodes[exit];
    const struct outline_node *parent = &nodes[n->parent];
    const char *text = p->source->text;

    if (n->kind == OUTLINE_BLOCK) {
        edits[0] = at_end(p, exit, statements);
        return 1;
    }
    if (parent->kind == OUTLINE_BLOCK || parent->kind == OUTLINE_CASE) {
        edits[0] = (struct fix_edit){ n->begin, n->begin, fix_before(text, n->begin, statements, p->arena) };
        return 1;
    }
    return fix_braces(text, parent->begin, n->begin, fix_statement_end(text, n->end), statements, p->arena, edits) ? 3 : 0;
}

static const char *words_of(const struct fix_plan *p, const struct fix_leaving *l, uint32_t exit)
{
    const struct outline *o = &p->source->outline;

    if (o->nodes[exit].kind == OUTLINE_BLOCK)
        return arena_printf(p->arena, "%s at the end of %s", l->verb, outline_name(o, l->function));
    return arena_printf(p->arena, "%s before %s leaves in line %u", l->verb, outline_name(o, l->function),
                        o->nodes[exit].line);
}

void fix_plan_leaving(struct fix_plan *p, const struct fix_leaving *l)
{
    struct exits e = find_exits(p, l);
    struct fix_edit *all = ARENA_ARRAY(p->arena, struct fix_edit, e.count * 3 + 1);
    uint32_t count = 0;

    for (uint32_t i = 0; i < e.count; i++) {
        struct fix_edit *edits = all + count;
        uint32_t n = edits_for(p, e.list[i], l->statements, edits);

        if (n && i < SINGLE_MAX)
            fix_plan_add(p, words_of(p, l, e.list[i]), edits, n);
        count += n;
    }
    if (e.count > 1 && count)
        fix_plan_add(p, arena_printf(p->arena, "%s on every way out of %s", l->verb,
                                     outline_name(&p->source->outline, l->function)), all, count);
}
