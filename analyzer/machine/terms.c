#include "terms.h"

#include <xxhash.h>

#include "value.h"

/* A state has a few unknowns, which are looked through; a long way from one operation to the next can compute
 * thousands, which an index finds. It is built when it is needed and follows the list of unknowns. */
enum {
    FEW = 48,
    TABLE_MIN = 256,            /* a power of two, as all sizes of the table are */
};

static bool is_like(const struct unknown *u, const struct unknown *like)
{
    return u->origin == like->origin && u->op == like->op && (u->type == like->type || like->origin == UNKNOWN_CALL) &&
           value_same(u->a, like->a) && value_same(u->b, like->b);
}

/* Of what never changes: a type is set when it is first used. */
static uint64_t hash(const struct unknown *u)
{
    uint64_t parts[5] = { (uint64_t)u->origin << 8 | u->op, (uint64_t)u->a.kind << 32 | u->a.id, (uint64_t)u->a.n,
                          (uint64_t)u->b.kind << 32 | u->b.id, (uint64_t)u->b.n };

    return XXH3_64bits(parts, sizeof parts);
}

static void add(struct machine *m, uint32_t unknown)
{
    struct terms *t = &m->terms;
    uint32_t at = (uint32_t)hash(&m->unknowns[unknown]) & (t->size - 1);

    while (t->table[at])
        at = (at + 1) & (t->size - 1);
    t->table[at] = unknown + 1;
}

static void follow(struct machine *m)
{
    struct terms *t = &m->terms;

    if (!t->indexed || m->unknown_count * 2 > t->size) {
        t->size = t->indexed ? t->size : TABLE_MIN;
        while (m->unknown_count * 2 > t->size)
            t->size *= 2;
        t->table = ARENA_ARRAY(m->arena, uint32_t, t->size);
        t->indexed = 0;
    }
    while (t->indexed < m->unknown_count)
        add(m, t->indexed++);
}

uint32_t terms_find(struct machine *m, const struct unknown *like)
{
    const struct terms *t = &m->terms;

    if (m->unknown_count <= FEW) {
        for (uint32_t i = 0; i < m->unknown_count; i++)
            if (is_like(&m->unknowns[i], like))
                return i;
        return FLOW_NONE;
    }
    follow(m);
    for (uint32_t at = (uint32_t)hash(like) & (t->size - 1); t->table[at]; at = (at + 1) & (t->size - 1))
        if (is_like(&m->unknowns[t->table[at] - 1], like))
            return t->table[at] - 1;
    return FLOW_NONE;
}
