#include "flow_pack.h"

#include <string.h>

/* One pass over the arrays of a flow serves both ways: an array is its length and, aligned, its
 * elements; what they point at follows them. */
struct packer {
    char         *to;           /* packing: NULL while the room is measured */
    const char   *from;         /* unpacking */
    size_t        at, size;
    bool          wrong;
};

enum { ALIGNMENT = 8 };

static void align(struct packer *p)
{
    p->at = (p->at + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* *array of *count elements; unpacked, it is where it lies among the bytes. */
static void pass_array(struct packer *p, void *array, uint32_t *count, size_t element)
{
    void **a = array;
    size_t size;

    align(p);
    if (p->from) {
        if (p->at + sizeof *count > p->size) {
            p->wrong = true;
            *count = 0;
            return;
        }
        memcpy(count, p->from + p->at, sizeof *count);
    } else if (p->to) {
        memcpy(p->to + p->at, count, sizeof *count);
    }
    p->at += sizeof *count;
    align(p);
    size = *count * element;
    if (p->from && (p->at > p->size || size > p->size - p->at)) {
        p->wrong = true;
        *count = 0;
        return;
    }
    if (p->from)
        *a = (void *)(p->from + p->at);
    else if (p->to && size)
        memcpy(p->to + p->at, *a, size);
    p->at += size;
}

#define PASS(p, array, count) pass_array((p), &(array), &(count), sizeof *(array))

static void pass_strings(struct packer *p, struct flow *flow)
{
    PASS(p, flow->strings, flow->string_count);
    for (uint32_t i = 0; i < flow->string_count && !p->wrong; i++) {
        struct text *t = &flow->strings[i];
        uint32_t size = t->size + 1;
        const char *bytes = t->bytes;

        if (p->from && t->size >= p->size) {
            p->wrong = true;
            return;
        }
        pass_array(p, &bytes, &size, 1);
        if (p->from) {
            p->wrong |= size != t->size + 1 || bytes[t->size];
            t->bytes = bytes;
        }
    }
}

static void pass_function(struct packer *p, struct function *f)
{
    PASS(p, f->reg_names, f->reg_count);
    PASS(p, f->slots, f->slot_count);
    PASS(p, f->params, f->param_count);
    PASS(p, f->exprs, f->expr_count);
    PASS(p, f->instrs, f->instr_count);
    PASS(p, f->args, f->arg_count);
    PASS(p, f->cases, f->case_count);
    PASS(p, f->blocks, f->block_count);
}

static void pass_flow(struct packer *p, struct flow *flow)
{
    PASS(p, flow->files, flow->file_count);
    PASS(p, flow->symbols, flow->symbol_count);
    PASS(p, flow->notes, flow->note_count);
    PASS(p, flow->aliases, flow->alias_count);
    PASS(p, flow->functions, flow->function_count);
    for (uint32_t i = 0; i < flow->function_count && !p->wrong; i++)
        pass_function(p, &flow->functions[i]);
    PASS(p, flow->globals, flow->global_count);
    for (uint32_t i = 0; i < flow->global_count && !p->wrong; i++)
        PASS(p, flow->globals[i].inits, flow->globals[i].init_count);
    pass_strings(p, flow);
}

struct bytes flow_pack(const struct flow *flow, struct arena *arena)
{
    struct packer p = { 0 };
    struct flow copy = *flow;   /* packing writes nothing to it */

    pass_flow(&p, &copy);
    p.size = p.at;
    p.at = 0;
    p.to = arena_alloc(arena, p.size);
    pass_flow(&p, &copy);
    return (struct bytes){ p.to, p.size };
}

struct flow *flow_unpack(struct bytes bytes, struct arena *arena)
{
    struct flow *flow = ARENA_NEW(arena, struct flow);
    struct packer p = { .size = bytes.size };
    void *aligned = arena_alloc(arena, bytes.size + 1);

    memcpy(aligned, bytes.data, bytes.size);    /* pointers are set in it */
    p.from = aligned;
    flow->arena = arena;
    pass_flow(&p, flow);
    return p.wrong || p.at != p.size || flow_check(flow) ? NULL : flow;
}
