/* Arguments beyond those a function names. Its definition gets a register more for each of the
 * first so many, which it puts side by side; a va_list begins with the address of the next one
 * (so char *, void * and the records of the ABIs are alike). */
#include "lower_internal.h"

#include <string.h>

enum {
    UNNAMED_ARGS = 16,
    UNNAMED_SIZE = 8,           /* of one; whatever is larger is passed by address */
};

static uint32_t unnamed_key(struct lower *l)
{
    return pool_string(&l->pool, "va_arg");
}

/* Of a va_list, the address of the next argument. */
static uint32_t next_key(struct lower *l)
{
    return pool_string(&l->pool, "va_list");
}

void lower_unnamed_parameters(struct lower *l)
{
    struct function *f = &l->f.function;
    uint32_t none = pool_string(&l->pool, "");

    f->variadic = true;
    l->unnamed = build_slot(l, none, UNNAMED_ARGS * UNNAMED_SIZE);
    build_decl(l, l->unnamed);
    for (uint32_t i = 0; i < UNNAMED_ARGS; i++) {
        struct param param = { .type = SCALAR_I64, .index = build_reg(l, none) };

        ARENA_PUSH(l->arena, f->params, f->param_count, l->f.params) = param;
        build_store(l, SCALAR_I64, unnamed_key(l), ex_offset(l, ex_slot(l, l->unnamed), i * UNNAMED_SIZE),
                    ex_reg(l, param.index, SCALAR_I64));
    }
}

void lower_check_unnamed(struct lower *l, CXType callee, uint32_t given, struct loc loc)
{
    int named = clang_getNumArgTypes(callee);

    if (clang_isFunctionTypeVariadic(callee) && named > 0 && given > (uint32_t)named + UNNAMED_ARGS)
        lower_note(l, loc, "call with more than %d unnamed arguments", UNNAMED_ARGS);
}

/* The address of a va_list: an array or a pointer to one where it is a parameter, else an object. */
static uint32_t list_address(struct lower *l, struct node *list)
{
    struct node *n = tree_skip_casts(list);

    if (type_class(n->type) == TYPE_ARRAY || type_class(n->type) == TYPE_RECORD)
        return lower_value(l, n);
    if (n->kind == CXCursor_DeclRefExpr && type_class(type_pointee(n->type)) == TYPE_RECORD)
        return lower_value(l, n);
    return place_of(l, n).address;
}

/* Returns whether the builtin is one of those; none has a value. */
bool lower_list(struct lower *l, struct node *n, const char *name)
{
    const char *word = name + strlen("__builtin_");
    bool starts = !strcmp(word, "va_start") || !strcmp(word, "c23_va_start");

    if (n->count < 2 || (starts ? !l->f.function.variadic : strcmp(word, "va_copy") != 0))
        return false;
    uint32_t to = list_address(l, n->child[1]);
    uint32_t next = starts ? ex_slot(l, l->unnamed)
                           : ex_load(l, SCALAR_PTR, next_key(l), list_address(l, n->child[2]));
    build_store(l, SCALAR_PTR, next_key(l), to, next);
    return true;
}

uint32_t lower_va_arg(struct lower *l, struct node *n)
{
    uint32_t list = ex_stable(l, SCALAR_PTR, list_address(l, n->child[0]));
    uint32_t next = build_temp(l, SCALAR_PTR, ex_load(l, SCALAR_PTR, next_key(l), list));
    enum scalar type = type_class(n->type) == TYPE_SCALAR ? type_scalar(n->type) : SCALAR_PTR;

    build_store(l, SCALAR_PTR, next_key(l), list, ex_offset(l, next, UNNAMED_SIZE));
    return build_temp(l, type, ex_cast(l, type, ex_load(l, SCALAR_I64, unnamed_key(l), next)));
}
