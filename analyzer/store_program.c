/* What was read of a program: its functions, what they do, where. */
#include "store_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <xxhash.h>

#include "flow_text.h"

/* ---- places of a flow, as columns ------------------------------------------ */

struct columns store_place_of(const struct flow *flow, struct loc loc)
{
    if (!loc.line)
        return (struct columns){ NULL, -1, -1 };
    return (struct columns){ flow_string(flow, flow->files[loc.file]), loc.line, loc.col };
}

static const struct instr *store_instr_at(const struct flow *flow, struct place place)
{
    if (place.function == FLOW_NONE || place.instr == FLOW_NONE)
        return NULL;
    return &flow->functions[place.function].instrs[place.instr];
}

struct columns store_place_at(const struct flow *flow, struct place place)
{
    const struct instr *i = store_instr_at(flow, place);

    return i ? store_place_of(flow, i->loc) : (struct columns){ NULL, -1, -1 };
}

const char *store_word_at(const struct flow *flow, struct place place)
{
    const struct instr *i = store_instr_at(flow, place);

    return i && i->kind == INSTR_OP ? flow_op_word(i->op) : NULL;
}

const char *store_name_at(const struct flow *flow, struct place place)
{
    const struct instr *i = store_instr_at(flow, place);

    if (i && i->kind == INSTR_DECL)
        return flow_string(flow, flow->functions[place.function].slots[i->slot].name);
    return i ? flow_string(flow, i->name) : NULL;
}

/* ---- functions ------------------------------------------------------------- */

static const struct expr *argument(const struct function *f, const struct instr *i, unsigned n)
{
    return n < i->arg_count ? &f->exprs[f->args[i->first_arg + n]] : NULL;
}

static int64_t constant(const struct expr *e)
{
    return e && e->kind == EXPR_CONST ? e->number : -1;
}

static const char *named_function(const struct flow *flow, const struct expr *e)
{
    return e && e->kind == EXPR_GLOBAL ? flow_string(flow, flow->symbols[e->index].name) : NULL;
}

static void store_operation(struct store *store, int64_t function, const struct flow *flow,
                            const struct function *f, uint32_t at)
{
    const struct instr *i = &f->instrs[at];
    struct columns c = store_place_of(flow, i->loc);
    int64_t row = store_insert(store, store_bind(store, INSERT_OPERATION, "iisssoo", function,
                                           (int64_t)at, flow_op_word(i->op),
                                           flow_string(flow, i->name), c.file, c.line, c.col));

    if (i->op == FLOW_SPAWN || i->op == FLOW_SPAWN_COPY || i->op == FLOW_GROUP_SPAWN)
        store_insert(store, store_bind(store, INSERT_TASK, "is", row,
                                 named_function(flow, argument(f, i, i->op == FLOW_GROUP_SPAWN))));
    if (i->op == FLOW_MAKE)
        store_insert(store, store_bind(store, INSERT_CHANNEL, "ioo", row, constant(argument(f, i, 0)),
                                 constant(argument(f, i, 1))));
    if (i->op == FLOW_AFTER || i->op == FLOW_TICKER_MAKE || i->op == FLOW_CTX_MAKE
        || i->op == FLOW_CTX_MAKE_TIMEOUT)
        store_insert(store, store_bind(store, INSERT_CHANNEL, "ioo", row, (int64_t)-1, (int64_t)-1));
}

static void store_call(struct store *store, int64_t function, const struct flow *flow,
                       const struct function *f, uint32_t at)
{
    const struct instr *i = &f->instrs[at];
    struct columns c = store_place_of(flow, i->loc);

    store_insert(store, store_bind(store, INSERT_CALL, "iissoo", function, (int64_t)at,
                             i->symbol == FLOW_NONE ? NULL
                                 : flow_string(flow, flow->symbols[i->symbol].name),
                             c.file, c.line, c.col));
}

static void store_function(struct store *store, int64_t program, const struct flow *flow,
                           uint32_t at)
{
    const struct function *f = &flow->functions[at];
    struct columns c = store_place_of(flow, f->loc);
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    flow_print_function(flow, at, out);
    fclose(out);

    int64_t row = store_insert(store, store_bind(store, INSERT_FUNCTION, "issooohbs", program,
                                           flow_function_name(flow, at), c.file, c.line, c.col,
                                           (int64_t)f->end.line, (uint64_t)XXH3_64bits(text, size),
                                           f->incomplete, text));
    free(text);
    for (uint32_t i = 0; i < f->instr_count; i++) {
        if (f->instrs[i].kind == INSTR_OP)
            store_operation(store, row, flow, f, i);
        else if (f->instrs[i].kind == INSTR_CALL)
            store_call(store, row, flow, f, i);
    }
}

int64_t store_program(struct store *store, const struct front_program *p)
{
    store_step(store, store_bind(store, DELETE_PROGRAM, "s", p->name));

    int64_t program = store_insert(store, store_bind(store, INSERT_PROGRAM, "sso", p->name, store->checking,
                                                     (int64_t)-1));

    store_step(store, store_bind(store, INSERT_LAST, "s", p->name));
    store_step(store, store_bind(store, INSERT_CHECKED, "s", p->name));

    for (uint32_t i = 0; i < p->part_count; i++)
        store_insert(store, store_bind(store, INSERT_PART, "iisssh", program, (int64_t)i, p->parts[i].file,
                                 p->parts[i].directory, p->parts[i].command,
                                 store_file_hash(p->parts[i].file)));
    for (uint32_t i = 0; i < p->flow->function_count && !store->error; i++)
        store_function(store, program, p->flow, i);
    return program;
}
