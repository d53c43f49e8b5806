#include "startup.h"

#include <string.h>

/* The order is that of the GNU tools: constructors by their priority, those without one last, of
 * equal priority in the order in which they are defined; destructors the other way round.
 * That of different files is the linker's, which no compile database tells: here, the
 * order in which they were taken in.
 *
 * exit() runs destructors too. But there every task is ended on purpose, and nothing is claimed. */

struct list {
    uint32_t *function;
    uint32_t  count;
};

static uint32_t when(const struct flow *flow, uint32_t function, bool before)
{
    const struct symbol *s = &flow->symbols[flow->functions[function].symbol];

    return before ? s->constructor : s->destructor;
}

bool startup_has_constructor(const struct flow *flow)
{
    for (uint32_t f = 0; f < flow->function_count; f++)
        if (when(flow, f, true))
            return true;
    return false;
}

/* Insertion keeps the order of equals. */
static struct list list_of(const struct flow *flow, bool before)
{
    struct list l = { .function = ARENA_ARRAY(flow->arena, uint32_t, flow->function_count + 1) };

    for (uint32_t f = 0; f < flow->function_count; f++) {
        uint32_t own = when(flow, f, before), at = l.count;

        if (!own)
            continue;
        for (; at && when(flow, l.function[at - 1], before) > own; at--)
            l.function[at] = l.function[at - 1];
        l.function[at] = f;
        l.count++;
    }
    return l;
}

static void reverse(struct list *l)
{
    for (uint32_t i = 0; i < l->count / 2; i++) {
        uint32_t other = l->function[i];

        l->function[i] = l->function[l->count - 1 - i];
        l->function[l->count - 1 - i] = other;
    }
}

/* ---- main ---------------------------------------------------------------------------- */

static struct function *main_of(struct flow *flow)
{
    for (uint32_t f = 0; f < flow->function_count; f++)
        if (!strcmp(flow_function_name(flow, f), "main") && flow->functions[f].block_count)
            return &flow->functions[f];
    return NULL;
}

/* Calls in a row, behind all other instructions: nothing else changes its number. */
static uint32_t append_calls(struct flow *flow, struct function *fn, const struct list *l)
{
    uint32_t first = fn->instr_count;
    struct instr *instrs = ARENA_ARRAY(flow->arena, struct instr, first + l->count);

    if (first)
        memcpy(instrs, fn->instrs, first * sizeof *instrs);
    fn->instrs = instrs;
    for (uint32_t i = 0; i < l->count; i++) {
        const struct function *callee = &flow->functions[l->function[i]];

        instrs[fn->instr_count++] = (struct instr){
            .kind = INSTR_CALL, .dst = FLOW_NONE, .dst_address = FLOW_NONE, .a = FLOW_NONE, .b = FLOW_NONE,
            .symbol = callee->symbol, .slot = FLOW_NONE, .key = FLOW_NONE, .name = FLOW_NONE, .loc = callee->loc,
        };
    }
    return first;
}

static uint32_t append_block(struct flow *flow, struct function *fn, struct block block)
{
    struct block *blocks = ARENA_ARRAY(flow->arena, struct block, fn->block_count + 1);

    memcpy(blocks, fn->blocks, fn->block_count * sizeof *blocks);
    blocks[fn->block_count] = block;
    fn->blocks = blocks;
    return fn->block_count++;
}

static void lead_to(uint32_t *block, uint32_t from, uint32_t to)
{
    if (*block == from)
        *block = to;
}

/* Whoever goes to the block `from` goes to `to` instead. */
static void redirect(struct flow *flow, struct function *fn, uint32_t from, uint32_t to)
{
    struct switch_case *cases = ARENA_ARRAY(flow->arena, struct switch_case, fn->case_count + 1);

    if (fn->case_count)
        memcpy(cases, fn->cases, fn->case_count * sizeof *cases);
    fn->cases = cases;
    for (uint32_t i = 0; i < fn->case_count; i++)
        lead_to(&cases[i].block, from, to);
    for (uint32_t b = 0; b < fn->block_count; b++) {
        lead_to(&fn->blocks[b].then_block, from, to);
        lead_to(&fn->blocks[b].else_block, from, to);
    }
}

/* What the entry was stands in another block, and the entry leads there. */
static void call_before(struct flow *flow, struct function *fn, const struct list *l)
{
    uint32_t body, first = append_calls(flow, fn, l);

    body = append_block(flow, fn, fn->blocks[0]);
    redirect(flow, fn, 0, body);
    fn->blocks[0] = (struct block){
        .first_instr = first, .instr_count = l->count, .term = TERM_JUMP, .cond = FLOW_NONE,
        .then_block = body, .else_block = FLOW_NONE,
    };
}

static void call_after(struct flow *flow, struct function *fn, const struct list *l)
{
    uint32_t count = fn->block_count;

    for (uint32_t b = 0; b < count; b++) {
        struct block end = fn->blocks[b];
        uint32_t last;

        if (end.term != TERM_RETURN)
            continue;
        end.first_instr = append_calls(flow, fn, l);
        end.instr_count = l->count;
        last = append_block(flow, fn, end);
        fn->blocks[b].term = TERM_JUMP;
        fn->blocks[b].cond = FLOW_NONE;
        fn->blocks[b].then_block = last;
    }
}

void startup_call(struct flow *program)
{
    struct function *fn = main_of(program);
    struct list before = list_of(program, true), after = list_of(program, false);

    if (!fn)
        return;
    reverse(&after);
    if (after.count)
        call_after(program, fn, &after);
    if (before.count)
        call_before(program, fn, &before);
}
