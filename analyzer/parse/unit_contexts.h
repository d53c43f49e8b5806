/* unit_contexts.h - which contexts an expression can name: of a variable that is one, or through the members of a
 * structure. Of members only those that the file gives a value somewhere; what nobody has set ends nothing.
 */
#ifndef UNIT_CONTEXTS_H
#define UNIT_CONTEXTS_H

#include <clang-c/Index.h>
#include <stdbool.h>
#include <stdint.h>

#include "arena.h"

/* A member that is set somewhere. */
struct context_member {
    CXCursor member;
    bool     held;              /* each time to a reference of its own */
};

struct contexts {
    struct arena *arena;
    CXType        type;         /* of a context, canonical; invalid: there is none */
    bool        (*makes)(void *self, CXCursor call);    /* does the call return a reference of the caller's own? */
    void         *self;
    struct context_member *given;
    uint32_t      count, capacity;
};

/* Look for what the file sets; `done` is the function that a context's channel comes from. All but `type` and `given` are
 * the caller's to fill in. */
void contexts_read(struct contexts *contexts, CXTranslationUnit tu, CXFile file, CXCursor done);
/* Each expression that begins with the variable, or a parameter, and is a context: "ctx", "job->ctx". held: it stays as
 * long as who has the variable. */
void contexts_of(const struct contexts *contexts, CXCursor variable, void (*each)(void *to, const char *text, bool held),
                 void *to);

#endif
