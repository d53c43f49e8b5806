/* outline.h - how the functions of a source file are built up: what a repair has to know of their syntax. libclang
 * sees it (unit_outline.c), and it comes to us as a message.
 */
#ifndef OUTLINE_H
#define OUTLINE_H

#include "bytes.h"
#include "flow.h"

enum outline_kind {
    OUTLINE_FUNCTION,   /* name; one defined in the file itself */
    OUTLINE_BLOCK,      /* { ... } */
    OUTLINE_IF, OUTLINE_LOOP, OUTLINE_SWITCH, OUTLINE_CASE, OUTLINE_LABEL,
    OUTLINE_RETURN,
    OUTLINE_JUMP,       /* break, continue, goto */
    OUTLINE_DECL,       /* a statement that declares variables */
    OUTLINE_EXPRESSION, /* a statement that is one */
    OUTLINE_VARIABLE,   /* name; `end` is where its name ends */
    OUTLINE_CALL,       /* name of the callee, `op` of what it does */
    OUTLINE_ARGUMENT,   /* of a call with an operation, in the operation's order; empty: not in the file as such */
    OUTLINE_BOUND,      /* what a loop's condition compares to */
    OUTLINE_USE,        /* name of a variable */
    OUTLINE_CONTEXT,    /* a context that its parent's variable, or a variable of the file or function, leads to: name is
                           the expression, "a->ctx"; op FLOW_CTX_RETAIN: of a reference of its own, or of the caller's */
};

/* What a function returns. */
enum outline_result { RESULT_VOID, RESULT_BOOL, RESULT_OTHER };

struct outline_node {
    uint8_t  kind;              /* enum outline_kind */
    uint8_t  op;                /* enum flow_op, or FLOW_OP_NONE */
    uint8_t  result;            /* enum outline_result, of a function */
    bool     macro_begin, macro_end;    /* comes out of a macro */
    uint32_t parent;            /* a node before it; FLOW_NONE: none */
    uint32_t begin, end;        /* bytes of the file, without a ';' */
    uint32_t line, col;         /* of begin, from 1 */
    uint32_t name;              /* in names */
};

struct outline {
    const struct outline_node *nodes;   /* in the order of the source */
    uint32_t                   count;
    const char                *names;
    /* what a declared function does that takes just the operation's arguments: its name, 0 for none */
    const uint32_t            *words;   /* FLOW_OP_COUNT of them */
    /* how it is written when a receive may end the wait: see CHANRT_UNLESS of chanrt.h; FLOW_OP_COUNT of each, names */
    const uint32_t            *unless, *unless_ok;
    const char                *scoped;  /* how a variable is declared whose context ends with its scope; NULL */
};

void outline_pack(const struct outline *outline, uint32_t names_size, struct message *message);
/* False: it is something else. Strings and nodes are the message's. */
bool outline_unpack(struct message_reader *reader, struct outline *outline);

const char *outline_name(const struct outline *outline, uint32_t node);
/* What the operation is called there; NULL: it is not declared. */
const char *outline_word(const struct outline *outline, enum flow_op op);
/* What a header says of how it is written when something else may end the wait; ok: and its result counts. NULL: nothing. */
const char *outline_unless(const struct outline *outline, enum flow_op op, bool ok);
/* The call of an operation that begins at the place; FLOW_NONE: none. */
uint32_t    outline_call_at(const struct outline *outline, uint32_t line, uint32_t col);
/* Argument `number` of a call, from 0; FLOW_NONE: it is not there as such. */
uint32_t    outline_argument(const struct outline *outline, uint32_t call, unsigned number);
/* The innermost node around it of that kind; FLOW_NONE. */
uint32_t    outline_around(const struct outline *outline, uint32_t node, enum outline_kind kind);
bool        outline_is_within(const struct outline *outline, uint32_t node, uint32_t outer);
/* The innermost statement that it is, or is part of: one of a block, or what an if or a loop does; FLOW_NONE. */
uint32_t    outline_statement(const struct outline *outline, uint32_t node);

#endif
