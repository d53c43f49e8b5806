/* model.h - what calls of library functions mean, read from model headers.
 *
 * A model header is C: declarations whose annotations name an operation of
 * flow.h ("chanleak:send"), and definitions whose bodies stand for the
 * function. No other part of the analyzer knows a function's name.
 */
#ifndef MODEL_H
#define MODEL_H

#include "flow.h"

enum { MODEL_ARGS = 8, MODEL_LAYOUT = 5 };

struct model {
    const char *name;
    uint8_t     op;             /* enum flow_op */
    bool        unsupported;    /* "chanleak:unsupported": a call makes the function incomplete */
    bool        mapped;         /* the annotation gives the arguments' places: */
    int8_t      map[MODEL_ARGS];    /* argument i is parameter map[i], from 1; 0 is the constant 0 */
    bool        has_layout;     /* select, poll, select_timeout: of the case record */
    uint64_t    layout[MODEL_LAYOUT];   /* size; offsets of direction, channel, value, ok */
    const struct flow *body;    /* or NULL: a function defined in a model header, */
    uint32_t    function;       /* and its index; op is FLOW_OP_NONE then */
    uint32_t    order;          /* in which it was read */
};

struct model_list {
    struct arena *arena;
    struct model *list;
    uint32_t      count, capacity;
};

struct models {
    struct arena      *arena;
    struct model_list  list;        /* sorted by name */
    const struct flow **flows;      /* that hold the bodies */
    uint32_t           flow_count, flow_capacity;
};

/* Read the built-in models, then the header files given, which win. NULL and an
 * error message (of the arena) when one cannot be read or has errors. */
struct models *models_load(const char *const *files, size_t count, struct arena *arena,
                           const char **error);

int                 model_by_name(const void *a, const void *b);     /* for qsort and bsearch */
const struct model *models_find(const struct models *models, const char *name);   /* or NULL */

/* As parts of a message, and back; NULL: they are something else. */
struct message;
struct message_reader;
void           models_pack(const struct models *models, struct message *message);
struct models *models_unpack(struct message_reader *reader, struct arena *arena);

/* The argument of the operation, from 0, that a person would name it by; or: */
enum { NAMED_BY_RESULT = -1, NAMED_BY_NOTHING = -2 };
int model_naming(enum flow_op op);
/* index of the call's argument that is argument `i` of the operation; -1: a constant 0 */
int model_argument(const struct model *model, unsigned i);

/* Capacities of a function's arrays that grow; equal to their counts at first. */
struct model_room {
    uint32_t args, exprs;
};

/* Make the call `instr` of `function` the operation of the model. Keeps it and
 * returns false when the call has too few arguments for it. */
bool model_apply(struct flow *flow, struct function *function, struct instr *instr,
                 const struct model *model, struct model_room *room);

#endif
