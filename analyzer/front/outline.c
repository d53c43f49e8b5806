#include "outline.h"

/* ---- as a message ------------------------------------------------------------------------ */

void outline_pack(const struct outline *o, uint32_t names_size, struct message *m)
{
    message_add(m, (struct bytes){ o->nodes, o->count * sizeof *o->nodes });
    message_add(m, (struct bytes){ o->names, names_size });
    message_add(m, (struct bytes){ o->words, FLOW_OP_COUNT * sizeof *o->words });
    message_add(m, (struct bytes){ o->unless, FLOW_OP_COUNT * sizeof *o->unless });
    message_add(m, (struct bytes){ o->unless_ok, FLOW_OP_COUNT * sizeof *o->unless_ok });
    message_add_string(m, o->scoped);
}

/* A name for each operation; NULL: it is something else. */
static const uint32_t *unpack_words(struct message_reader *r, size_t names_size)
{
    struct bytes words = message_next(r);
    const uint32_t *list = words.data;

    if (words.size != FLOW_OP_COUNT * sizeof *list)
        return NULL;
    for (unsigned i = 0; i < FLOW_OP_COUNT; i++)
        if (list[i] >= names_size)
            return NULL;
    return list;
}

bool outline_unpack(struct message_reader *r, struct outline *o)
{
    struct bytes nodes = message_next(r), names = message_next(r);

    *o = (struct outline){ .nodes = nodes.data, .count = (uint32_t)(nodes.size / sizeof *o->nodes),
                           .names = names.data };
    o->words = unpack_words(r, names.size);
    o->unless = unpack_words(r, names.size);
    o->unless_ok = unpack_words(r, names.size);
    o->scoped = message_next_string(r);
    if (nodes.size % sizeof *o->nodes || !o->words || !o->unless || !o->unless_ok || !names.size ||
        o->names[names.size - 1])
        return false;
    for (uint32_t i = 0; i < o->count; i++)
        if ((o->nodes[i].parent != FLOW_NONE && o->nodes[i].parent >= i) || o->nodes[i].name >= names.size ||
            o->nodes[i].begin > o->nodes[i].end)
            return false;
    return true;
}

/* ---- questions ----------------------------------------------------------------------------- */

const char *outline_name(const struct outline *o, uint32_t node)
{
    return o->names + o->nodes[node].name;
}

const char *outline_word(const struct outline *o, enum flow_op op)
{
    return op < FLOW_OP_COUNT && o->words[op] ? o->names + o->words[op] : NULL;
}

const char *outline_unless(const struct outline *o, enum flow_op op, bool ok)
{
    const uint32_t *list = ok ? o->unless_ok : o->unless;

    return op < FLOW_OP_COUNT && list[op] ? o->names + list[op] : NULL;
}

uint32_t outline_call_at(const struct outline *o, uint32_t line, uint32_t col)
{
    for (uint32_t i = 0; i < o->count; i++) {
        const struct outline_node *n = &o->nodes[i];

        if (n->kind == OUTLINE_CALL && n->op != FLOW_OP_NONE && n->line == line && n->col == col)
            return i;
    }
    return FLOW_NONE;
}

uint32_t outline_argument(const struct outline *o, uint32_t call, unsigned number)
{
    for (uint32_t i = call + 1; i < o->count && outline_is_within(o, i, call); i++)
        if (o->nodes[i].kind == OUTLINE_ARGUMENT && o->nodes[i].parent == call && number-- == 0)
            return o->nodes[i].begin < o->nodes[i].end ? i : FLOW_NONE;
    return FLOW_NONE;
}

uint32_t outline_around(const struct outline *o, uint32_t node, enum outline_kind kind)
{
    do
        node = o->nodes[node].parent;
    while (node != FLOW_NONE && o->nodes[node].kind != kind);
    return node;
}

bool outline_is_within(const struct outline *o, uint32_t node, uint32_t outer)
{
    while (node != FLOW_NONE && node != outer)
        node = o->nodes[node].parent;
    return node == outer;
}

static bool is_statement(const struct outline_node *n)
{
    switch ((enum outline_kind)n->kind) {
    case OUTLINE_IF:
    case OUTLINE_LOOP:
    case OUTLINE_SWITCH:
    case OUTLINE_RETURN:
    case OUTLINE_JUMP:
    case OUTLINE_DECL:
    case OUTLINE_EXPRESSION:
        return true;
    case OUTLINE_FUNCTION:
    case OUTLINE_BLOCK:
    case OUTLINE_CASE:
    case OUTLINE_LABEL:
    case OUTLINE_VARIABLE:
    case OUTLINE_CALL:
    case OUTLINE_ARGUMENT:
    case OUTLINE_BOUND:
    case OUTLINE_USE:
    case OUTLINE_CONTEXT:
        return false;
    }
    return false;
}

uint32_t outline_statement(const struct outline *o, uint32_t node)
{
    while (node != FLOW_NONE && !is_statement(&o->nodes[node]))
        node = o->nodes[node].parent;
    return node;
}
