#include "states.h"

#include <inttypes.h>

/* ---- values and objects --------------------------------------------------------- */

static void print_value(const struct machine *m, struct value v, FILE *out)
{
    v = value_resolve(m, v);
    switch ((enum value_kind)v.kind) {
    case VALUE_UNSET:
        fputc('_', out);
        break;
    case VALUE_INT:
        fprintf(out, "%" PRId64, v.n);
        break;
    case VALUE_ADDRESS:
        fprintf(out, "&%" PRIu32, v.id);
        if (v.n)
            fprintf(out, "+%" PRId64, v.n);
        break;
    case VALUE_SOMEWHERE:
        fprintf(out, "&%" PRIu32 "+?", v.id);
        break;
    case VALUE_FUNCTION:
        fprintf(out, "@%s", flow_string(m->flow, m->flow->symbols[v.id].name));
        break;
    case VALUE_UNKNOWN:
        fprintf(out, "?%" PRIu32, v.id);
        if (v.n)
            fprintf(out, "%+" PRId64, v.n);
        break;
    }
}

static void print_object(const struct machine *m, uint32_t number, FILE *out)
{
    static const char *const words[] = {
        [STORE_MEMORY] = "memory", [STORE_CHANNEL] = "channel", [STORE_CONTEXT] = "context",
        [STORE_GROUP] = "group",
    };
    const struct object *o = &m->objects[number];

    fprintf(out, "  &%" PRIu32 " %s", number, words[o->store]);
    if (o->store == STORE_CHANNEL) {
        fprintf(out, " %" PRIu32 " of ", o->length);
        print_value(m, o->capacity, out);
    }
    fprintf(out, "%s%s%s%s:", o->closed ? " closed" : "", o->cancelled ? " cancelled" : "",
            o->spent ? " spent" : "", o->external ? " external" : "");
    for (uint32_t i = 0; i < o->cell_count; i++) {
        fprintf(out, " %" PRIu32 "=", o->cells[i].offset);
        print_value(m, o->cells[i].value, out);
    }
    fputc('\n', out);
}

static void print_unknown(const struct machine *m, uint32_t number, FILE *out)
{
    const struct unknown *u = &m->unknowns[number];

    fprintf(out, "  ?%" PRIu32 " %" PRId64 "..%" PRId64, number, u->low, u->high);
    if (u->origin != UNKNOWN_FRESH && u->origin != UNKNOWN_COUNTER) {
        fprintf(out, " of %u ", u->op);
        print_value(m, u->a, out);
        fputc(' ', out);
        print_value(m, u->b, out);
    }
    fputc('\n', out);
}

/* ---- tasks ------------------------------------------------------------------------ */

static void print_frame(const struct machine *m, const struct frame *f, FILE *out)
{
    const struct function *fn = &m->flow->functions[f->function];
    const struct block *b = &fn->blocks[f->block];
    bool inside = f->instr < b->first_instr + b->instr_count;
    const bits_word *live = frame_live(m, f);

    fprintf(out, " %s:%" PRIu32, flow_function_name(m->flow, f->function),
            inside ? fn->instrs[f->instr].loc.line : b->loc.line);
    if (inside && fn->instrs[f->instr].kind == INSTR_OP)
        fprintf(out, " %s", flow_op_word(fn->instrs[f->instr].op));
    for (uint32_t r = 0; r < fn->reg_count; r++)
        if (live && bit_test(live, r)) {
            fprintf(out, " %s", flow_string(m->flow, fn->reg_names[r]));
            fprintf(out, "%%%" PRIu32 "=", r);
            print_value(m, f->regs[r], out);
        }
    for (uint32_t s = 0; s < fn->slot_count; s++)
        if (live && bit_test(live, fn->reg_count + s) && f->slots[s] != FLOW_NONE)
            fprintf(out, " %s=&%" PRIu32, flow_string(m->flow, fn->slots[s].name), f->slots[s]);
}

static void print_task(const struct machine *m, uint32_t number, FILE *out)
{
    static const char *const phases[] = {
        [PHASE_NONE] = "", [PHASE_QUEUED] = " queued", [PHASE_WAITING] = " waiting",
        [PHASE_SIGNALLED] = " signalled",
    };
    const struct task *t = &m->tasks[number];

    fprintf(out, "  T%" PRIu32 "%s%s", number, phases[t->phase], t->paused ? " paused" : "");
    for (uint32_t i = 0; i < t->frame_count; i++)
        print_frame(m, &t->frames[i], out);
    fputs(t->frame_count ? "\n" : " gone\n", out);
}

static void print_state(struct search *s, uint32_t node, FILE *out)
{
    const struct machine *m = s->m;
    const struct node *n = &s->nodes[node];

    search_load(s, node);
    fprintf(out, "state %" PRIu32, node);
    if (n->parent != FLOW_NONE)
        fprintf(out, " from %" PRIu32 " by T%" PRIu32, n->parent, n->task);
    fprintf(out, " leads to");
    for (uint32_t e = 0; e < n->edge_count; e++)
        fprintf(out, " %" PRIu32, s->edges[n->first_edge + e].to);
    fprintf(out, "%s%s%s\n", n->open ? " ..." : "", n->ended ? " (ends)" : "", n->done ? "" : " (not expanded)");
    for (uint32_t i = 0; i < m->task_count; i++)
        print_task(m, i, out);
    for (uint32_t i = 0; i < m->object_count; i++)
        print_object(m, i, out);
    for (uint32_t i = 0; i < m->unknown_count; i++)
        print_unknown(m, i, out);
}

void states_print(struct search *s, FILE *out)
{
    fprintf(out, "root %s: %" PRIu32 " states, %" PRIu64 " transitions\n", flow_function_name(s->m->flow, s->root),
            s->node_count, s->transitions);
    for (uint32_t i = 0; i < s->node_count; i++)
        print_state(s, i, out);
}
