/* The picture of a program: its functions, its channels, and who does what to which.
 * A channel is told from another by what people call it: the graph shows the source,
 * the exploration knows better (see the trace of a finding). */
#include "report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"
#include "utf8.h"

/* An object people call `name` in the program. */
struct node {
    const char *name;
    struct site made;           /* file NULL: no place makes one of that name */
    int64_t     capacity;
    const char *kind;           /* make, after, ticker_make, ... */
};

struct picture {
    const struct flow *flow;
    const char        *prefix;  /* of the names of nodes: several pictures may be one */
    FILE              *out;
    struct arena      *arena;
    struct node       *nodes;
    uint32_t           count, capacity;
    bool              *matters; /* by function: it, or what it calls, does something */
};

/* "ch" of "a->ch" and "self.ch": the same channel goes by many paths. */
static const char *last_name(const char *words)
{
    const char *name = words;

    for (; *words; words++)
        if ((*words == '.' || *words == '>') && words[1])
            name = words + 1;
    return *name == '&' ? name + 1 : name;
}

static uint32_t find_node(struct picture *p, const char *words)
{
    const char *name = *words ? last_name(words) : "channel";

    for (uint32_t i = 0; i < p->count; i++)
        if (!strcmp(p->nodes[i].name, name))
            return i;
    ARENA_PUSH(p->arena, p->nodes, p->count, p->capacity) =
        (struct node){ .name = name, .capacity = -1 };
    return p->count - 1;
}

/* ---- what an operation does to which side ---------------------------------------- */

enum arrow { ARROW_NONE, ARROW_MAKE, ARROW_TO, ARROW_FROM, ARROW_SPAWN };

static enum arrow arrow_of(enum flow_op op)
{
    switch ((unsigned)op) {
    case FLOW_MAKE:
    case FLOW_AFTER:
    case FLOW_TICKER_MAKE:
    case FLOW_CTX_MAKE:
    case FLOW_CTX_MAKE_TIMEOUT:
    case FLOW_GROUP_MAKE:
        return ARROW_MAKE;
    case FLOW_SEND:
    case FLOW_SEND_SIZED:
    case FLOW_TRY_SEND:
    case FLOW_CLOSE:
    case FLOW_CTX_CANCEL:
    case FLOW_WG_ADD:
    case FLOW_WG_DONE:
    case FLOW_LOCK:
    case FLOW_RDLOCK:
    case FLOW_WRLOCK:
    case FLOW_COND_SIGNAL:
    case FLOW_COND_BROADCAST:
        return ARROW_TO;
    case FLOW_RECV:
    case FLOW_TRY_RECV:
    case FLOW_SELECT:
    case FLOW_POLL:
    case FLOW_SELECT_TIMEOUT:
    case FLOW_WG_WAIT:
    case FLOW_COND_WAIT:
    case FLOW_GROUP_WAIT:
        return ARROW_FROM;
    case FLOW_SPAWN:
    case FLOW_SPAWN_COPY:
    case FLOW_GROUP_SPAWN:
        return ARROW_SPAWN;
    }
    return ARROW_NONE;
}

static const struct expr *argument(const struct function *f, const struct instr *i, unsigned n)
{
    return n < i->arg_count ? &f->exprs[f->args[i->first_arg + n]] : NULL;
}

static uint32_t called(const struct picture *p, const struct instr *i)
{
    return i->kind == INSTR_CALL && i->symbol != FLOW_NONE ? p->flow->symbols[i->symbol].function
                                                           : FLOW_NONE;
}

static uint32_t spawned(const struct picture *p, const struct function *f, const struct instr *i)
{
    const struct expr *e = argument(f, i, i->op == FLOW_GROUP_SPAWN);

    return e && e->kind == EXPR_GLOBAL ? p->flow->symbols[e->index].function : FLOW_NONE;
}

static bool is_select(const struct instr *i)
{
    return i->op == FLOW_SELECT || i->op == FLOW_POLL || i->op == FLOW_SELECT_TIMEOUT;
}

/* What people call what it is done to; "done, jobs" are the channels of a select's cases. */
static uint32_t names_of(const struct picture *p, const struct instr *i, const char *names[CASES_MAX])
{
    const char *words = flow_string(p->flow, i->name), *end;
    uint32_t count = 0;

    while (is_select(i) && count + 1 < CASES_MAX && (end = strstr(words, ", "))) {
        names[count++] = arena_printf(p->arena, "%.*s", (int)(end - words), words);
        words = end + 2;
    }
    names[count++] = words;
    return count;
}

/* The cases that are known, when there is one for each name; else they are taken for receives. */
static struct case_list list_of(const struct function *f, const struct instr *i, uint32_t count)
{
    struct case_list list = { 0 };

    if (!is_select(i) || !cases_of(f, (uint32_t)(i - f->instrs), &list) || list.count != count)
        list = (struct case_list){ 0 };
    return list;
}

/* ---- printing -------------------------------------------------------------------- */

/* A label's entities are read like HTML's. */
static void print_quoted(struct picture *p, const char *text)
{
    for (text = utf8_printable(text, p->arena); *text; text++) {
        if (*text == '"' || *text == '\\')
            putc('\\', p->out);
        fputs(*text == '&' ? "&amp;" : (char[]){ *text, 0 }, p->out);
    }
}

static void collect_nodes(struct picture *p, const struct function *f)
{
    for (uint32_t n = 0; n < f->instr_count; n++) {
        const struct instr *i = &f->instrs[n];
        enum arrow arrow = i->kind == INSTR_OP ? arrow_of(i->op) : ARROW_NONE;

        if (arrow == ARROW_NONE || arrow == ARROW_SPAWN)
            continue;
        const char *names[CASES_MAX];
        uint32_t count = names_of(p, i, names), at = 0;

        for (uint32_t k = 0; k < count; k++)
            at = find_node(p, names[k]);            /* may move the nodes */
        struct node *node = &p->nodes[at];

        if (arrow != ARROW_MAKE || node->made.file || !i->loc.line)
            continue;
        node->made = (struct site){ flow_string(p->flow, p->flow->files[i->loc.file]),
                                    i->loc.line, i->loc.col };
        node->kind = flow_op_word(i->op);
        const struct expr *capacity = i->op == FLOW_MAKE ? argument(f, i, 1) : NULL;
        if (capacity && capacity->kind == EXPR_CONST)
            node->capacity = capacity->number;
    }
}

/* Functions that operate, or call or start one that does, until nothing changes. */
static void find_what_matters(struct picture *p)
{
    bool more = true;

    while (more) {
        more = false;
        for (uint32_t n = 0; n < p->flow->function_count; n++) {
            const struct function *f = &p->flow->functions[n];

            for (uint32_t k = 0; k < f->instr_count && !p->matters[n]; k++) {
                const struct instr *i = &f->instrs[k];
                uint32_t callee = called(p, i);

                p->matters[n] = (i->kind == INSTR_OP && arrow_of(i->op) != ARROW_NONE)
                    || (callee != FLOW_NONE && p->matters[callee]);
                more |= p->matters[n];
            }
        }
    }
}

static void print_nodes(struct picture *p)
{
    for (uint32_t n = 0; n < p->count; n++) {
        const struct node *node = &p->nodes[n];

        fprintf(p->out, "    %so%" PRIu32 " [class=object, shape=ellipse, label=\"", p->prefix, n);
        print_quoted(p, node->name);
        if (node->made.file) {
            fputs("\\n", p->out);
            print_quoted(p, source_path(node->made.file, p->arena));
            fprintf(p->out, ":%" PRIu32, node->made.line);
        }
        if (node->capacity >= 0)
            fprintf(p->out, "\\ncapacity %" PRId64, node->capacity);
        fputs("\"];\n", p->out);
    }
}

/* from and to: 'f', a function, or 'o', an object */
static void print_arrow(struct picture *p, char from, uint32_t from_number, char to, uint32_t to_number, const char *style)
{
    fprintf(p->out, "    %s%c%" PRIu32 " -> %s%c%" PRIu32 " [%s", p->prefix, from, from_number, p->prefix, to, to_number, style);
}

static void print_label(struct picture *p, const struct instr *i, const char *word)
{
    fprintf(p->out, ", label=\"%s :%" PRIu32 "\"];\n", word, i->loc.line);
}

/* Values come from there; those of a select's sends go there. */
static void print_from(struct picture *p, uint32_t function, const struct function *f, const struct instr *i)
{
    const char *names[CASES_MAX];
    uint32_t count = names_of(p, i, names);
    struct case_list list = list_of(f, i, count);

    for (uint32_t k = 0; k < count; k++) {
        uint32_t object = find_node(p, names[k]);

        if (k < list.count && list.of[k].is_send)
            print_arrow(p, 'f', function, 'o', object, "class=to");
        else
            print_arrow(p, 'o', object, 'f', function, "class=from");
        print_label(p, i, flow_op_word(i->op));
    }
}

static void print_edge(struct picture *p, uint32_t function, const struct function *f,
                       const struct instr *i)
{
    uint32_t callee = called(p, i);
    const char *word;

    if (callee != FLOW_NONE && p->matters[callee]) {
        print_arrow(p, 'f', function, 'f', callee, "class=call, color=gray];\n");
    }
    if (i->kind != INSTR_OP)
        return;
    word = flow_op_word(i->op);
    switch (arrow_of(i->op)) {
    case ARROW_NONE:
        return;
    case ARROW_SPAWN:
        callee = spawned(p, f, i);
        if (callee == FLOW_NONE)
            return;
        print_arrow(p, 'f', function, 'f', callee, "class=spawn, style=bold");
        word = "starts";
        break;
    case ARROW_MAKE:
    case ARROW_TO:
        print_arrow(p, 'f', function, 'o', find_node(p, flow_string(p->flow, i->name)),
                    arrow_of(i->op) == ARROW_MAKE ? "class=make, style=dotted"
                    : i->op == FLOW_CLOSE ? "class=close, style=dashed" : "class=to");
        break;
    case ARROW_FROM:
        print_from(p, function, f, i);
        return;
    }
    print_label(p, i, word);
}

static void print_functions(struct picture *p)
{
    for (uint32_t n = 0; n < p->flow->function_count; n++) {
        if (!p->matters[n])
            continue;
        collect_nodes(p, &p->flow->functions[n]);
        fprintf(p->out, "    %sf%" PRIu32 " [class=function, shape=box, label=\"", p->prefix, n);
        print_quoted(p, flow_function_name(p->flow, n));
        fputs("\"];\n", p->out);
    }
}

static void print_picture(struct picture *p, const char *head, const char *name)
{
    find_what_matters(p);
    fputs(head, p->out);
    print_quoted(p, name);
    fputs(*p->prefix ? "\";\n" : "\" {\n", p->out);
    if (!*p->prefix)
        fputs(REPORT_GRAPH_STYLE, p->out);
    print_functions(p);
    print_nodes(p);
    for (uint32_t n = 0; n < p->flow->function_count; n++)
        for (uint32_t k = 0; p->matters[n] && k < p->flow->functions[n].instr_count; k++)
            print_edge(p, n, &p->flow->functions[n], &p->flow->functions[n].instrs[k]);
    fputs("}\n", p->out);
}

void report_graph(const struct flow *flow, const char *name, FILE *out)
{
    struct arena *arena = arena_new();
    struct picture p = { .flow = flow, .out = out, .arena = arena, .prefix = "",
                         .matters = ARENA_ARRAY(arena, bool, flow->function_count) };

    print_picture(&p, "digraph \"", name);
    arena_free(arena);
}

void report_graph_part(const struct flow *flow, const char *name, uint32_t number, FILE *out)
{
    struct arena *arena = arena_new();
    struct picture p = { .flow = flow, .out = out, .arena = arena, .prefix = arena_printf(arena, "p%" PRIu32 "_", number),
                         .matters = ARENA_ARRAY(arena, bool, flow->function_count) };

    print_picture(&p, arena_printf(arena, "subgraph cluster_%" PRIu32 " {\n    label=\"", number), name);
    arena_free(arena);
}
