/* lower_internal.h - what the parts of lowering share. Nothing outside lower*.c
 * includes this.
 *
 *     lower.c         the unit: which functions and globals there are
 *     lower_tree.c    libclang cursors of one function body > nodes
 *     lower_type.c    sizes, scalars, fields, alias keys
 *     lower_source.c  what libclang leaves out, recovered from text
 *     lower_build.c   blocks, instructions, expressions of the function under way
 *     lower_place.c   lvalues: where an expression's object is
 *     lower_expr.c    values
 *     lower_assign.c  assignments
 *     lower_cond.c    conditions
 *     lower_call.c    calls, operations
 *     lower_builtin.c compiler builtins
 *     lower_varargs.c arguments without a name
 *     lower_atomic.c  atomics
 *     lower_init.c    initialisers
 *     lower_stmt.c    statements
 */
#ifndef LOWER_INTERNAL_H
#define LOWER_INTERNAL_H

#include <clang-c/Index.h>

#include "lower.h"
#include "pool.h"

/* ---- the tree of one body ---------------------------------------------- */

struct node {
    CXCursor           cursor;
    enum CXCursorKind  kind;
    CXType             type;        /* of an expression or a variable */
    uint32_t           order;       /* place in the source order of the body */
    struct node       *parent;
    struct node      **child;
    uint32_t           count, capacity;
};

/* ---- types -------------------------------------------------------------- */

struct field {
    CXCursor decl;
    uint64_t bit;               /* offset in its record */
    unsigned width;             /* of a bit-field, else 0 */
    uint64_t unit;              /* byte offset of the memory a bit-field is read and written through */
    unsigned unit_size;
    uint32_t key;               /* alias class */
    bool     in_union;
};

/* Where an object is. */
struct place {
    enum { PLACE_REG, PLACE_MEMORY } kind;
    uint32_t reg;
    uint32_t address;           /* expression */
    uint32_t key;               /* alias class of the scalars in it, as far as the path says */
    bool     key_fixed;         /* inside a union: members do not change the key */
    bool     array_key;         /* an array named by `key`: its elements belong to it */
    bool     atomic;
    bool     pointer;           /* a parameter written as an array or function: libclang gives the
                                   written type, the object is a pointer */
    CXType   type;
    unsigned bit, width;        /* of a bit-field: first bit in the unit, bits; else width 0 */
    unsigned unit_size;         /* bytes of the unit */
};

/* ---- the function under way --------------------------------------------- */

struct local {
    CXCursor decl;
    bool     used;              /* this table entry is */
    bool     addressed;         /* its address is taken */
    bool     placed;
    enum { LOCAL_REG, LOCAL_SLOT, LOCAL_SYMBOL } where;
    uint32_t index;
    uint32_t key;
};

struct cleanup {                /* a variable with a cleanup function, in scope */
    uint32_t     function;      /* symbol */
    uint32_t     slot;
    struct node *scope;
    uint32_t     order;         /* of the declaration */
    CXCursor     decl;
};

struct jump_target {            /* what break and continue lead to */
    struct jump_target *outer;
    uint32_t            break_block, continue_block;    /* FLOW_NONE: not here */
    uint32_t            cleanups;
    struct switch_list *cases;  /* of a switch */
};

struct switch_list {
    struct switch_case *cases;
    uint32_t            count, capacity;
    uint32_t            default_block;
};

struct label {
    CXCursor cursor;            /* LabelStmt */
    uint32_t block;
};

struct build {                  /* struct function with the capacities of its arrays */
    struct function function;
    uint32_t regs, slots, params, exprs, instrs, args, cases, blocks;
    uint32_t *started, started_count, starts;   /* blocks in the order of their code; scratch */
    uint32_t current;           /* block instructions go to; FLOW_NONE: code here is not reached */
    struct loc loc;             /* of the statement under way */
    bool     constant;          /* a static initialiser: nothing may be executed */
    struct init *inits; uint32_t init_count, init_capacity;     /* then: what it says */
};

struct symbol_info {            /* beside flow->symbols */
    const struct model *model;  /* from an annotation */
    bool                queued; /* its definition is lowered or on the list */
    bool                looked; /* its declaration was looked at */
};

struct index_table {            /* hash of numbers to indices */
    uint64_t *keys;
    uint32_t *values;           /* + 1 */
    uint32_t  count, size;
};

struct lower {
    CXTranslationUnit    tu;
    struct flow         *flow;
    struct arena        *arena;     /* of the flow */
    struct arena        *scratch;   /* of the function under way */
    struct arena        *work;      /* of the unit under way */
    const struct models *models;
    struct pool          pool;
    struct model_list   *annotated; /* out: models found in this unit; may be NULL */

    uint32_t symbols, functions, globals, notes, files, aliases;   /* capacities */
    struct symbol_info *info;   uint32_t info_capacity;
    struct index_table  symbol_of;      /* name string > symbol */
    struct index_table  alias_of;       /* pair of keys > seen */
    struct field       *fields; uint32_t field_size, field_count;   /* hash by declaration */
    CXFile             *seen_files; uint32_t seen_capacity;     /* beside flow->files */
    CXCursor           *queue;  uint32_t queue_count, queue_capacity;   /* definitions to lower */
    uint32_t            function;       /* index of the one under way, or FLOW_NONE */

    /* the function under way */
    struct build        f;
    CXCursor            decl;
    uint32_t            name;           /* string */
    uint32_t            result_name;    /* string: what the next call's result goes to, or FLOW_NONE */
    struct local       *locals; uint32_t local_size, local_count;
    struct cleanup     *cleanups; uint32_t cleanup_count, cleanup_capacity;
    struct jump_target *target;
    struct label       *labels; uint32_t label_count, label_capacity;
    struct node        *scope;          /* compound statement or loop */
    uint32_t            nodes;
    const char         *pretty;         /* text of the function as clang prints it, made on demand */
    uint32_t            unnamed;        /* slot of the arguments without a name, where it is variadic */
    uint32_t            literals;       /* counter for unique names */
};

/* ---- lower.c ------------------------------------------------------------ */

uint32_t lower_symbol(struct lower *l, CXCursor decl);          /* a function or global variable */
uint32_t lower_symbol_named(struct lower *l, const char *name); /* an external function */
/* an internal global of a new name; *symbol of it */
uint32_t lower_hidden_global(struct lower *l, uint32_t name, CXType type, struct loc loc, uint32_t *symbol);
void     lower_note(struct lower *l, struct loc loc, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* the place in the source, macros expanded at their outermost use */
struct loc lower_loc(struct lower *l, CXCursor cursor);
struct loc lower_location(struct lower *l, CXSourceLocation location);

/* ---- lower_tree.c -------------------------------------------------------- */

struct node *tree_of(struct lower *l, CXCursor cursor);
struct node *tree_skip_parens(struct node *n);
/* also through conversions that keep the object: decay, lvalue to rvalue, casts */
struct node *tree_skip_casts(struct node *n);
struct local *local_of(struct lower *l, CXCursor decl);         /* made when new */
bool         tree_is_under(const struct node *n, const struct node *ancestor);

/* ---- lower_type.c -------------------------------------------------------- */

enum type_class { TYPE_VOID, TYPE_SCALAR, TYPE_RECORD, TYPE_ARRAY, TYPE_FUNCTION };

enum type_class type_class(CXType type);
enum scalar     type_scalar(CXType type);
uint32_t        type_size(CXType type);         /* VLAs: VLA_SIZE */
CXType          type_value(CXType type);        /* canonical, unqualified, atomics looked through */
CXType          type_pointee(CXType type);      /* of a pointer, or element of an array */
bool            type_is_atomic(CXType type);
bool            type_is_union(CXType type);
uint32_t        type_key(struct lower *l, CXType type);         /* "*int" */
/* of the scalars in an array, however deep; FLOW_NONE when they are records */
uint32_t        type_element_key(struct lower *l, CXType type);
const struct field *type_field(struct lower *l, CXCursor decl);
/* the member without a name that declares `field`, inside `record`; null: `record` itself does */
CXCursor        type_anonymous_in(CXType record, CXCursor field);
/* `key` may be any member of the record, by name */
void            alias_members(struct lower *l, uint32_t key, CXType record);
/* `key` may be any scalar of the type */
void            alias_type(struct lower *l, uint32_t key, CXType type);
/* a pointer to `from` becomes a pointer to `to` */
void            alias_convert(struct lower *l, CXType from, CXType to);

enum { VLA_SIZE = 1 << 20 };

/* ---- lower_source.c ------------------------------------------------------ */

/* which of the three parts of a for loop are there: bits 1, 2, 4 */
unsigned source_for_parts(struct lower *l, const struct node *loop);
/* the identifier that is written at the cursor's place, in a buffer of size */
const char *source_word(struct lower *l, CXCursor cursor, char *buffer, size_t size);
/* name of the function of a variable's cleanup attribute, or NULL; scratch arena */
const char *source_cleanup(struct lower *l, CXCursor var);
/* When a function that is declared here runs by itself, if that is not known yet (flow.h). */
void source_startup(CXCursor decl, uint32_t *constructor, uint32_t *destructor);
/* whether "..." stands between the two */
bool source_is_range(struct lower *l, CXCursor low, CXCursor high);
/* the association a _Generic takes, 0 is the first; or -1 */
int source_generic_choice(struct lower *l, const struct node *generic);

/* ---- lower_build.c ------------------------------------------------------- */

uint32_t ex_const(struct lower *l, enum scalar type, int64_t number);
uint32_t ex_reg(struct lower *l, uint32_t reg, enum scalar type);
uint32_t ex_slot(struct lower *l, uint32_t slot);
uint32_t ex_global(struct lower *l, uint32_t symbol);
uint32_t ex_string(struct lower *l, uint32_t string);
uint32_t ex_load(struct lower *l, enum scalar type, uint32_t key, uint32_t address);
uint32_t ex_binary(struct lower *l, enum expr_op op, enum scalar type, uint32_t a, uint32_t b);
uint32_t ex_unary(struct lower *l, enum expr_op op, enum scalar type, uint32_t a);
uint32_t ex_cast(struct lower *l, enum scalar type, uint32_t a);
uint32_t ex_index(struct lower *l, int64_t size, uint32_t a, uint32_t b);
uint32_t ex_element(struct lower *l, int64_t size, uint32_t elements, uint32_t a, uint32_t b);   /* of so many; 0: not known */
uint32_t ex_within(struct lower *l, uint32_t address, uint32_t bytes);   /* of an object of so many */
uint32_t ex_offset(struct lower *l, uint32_t address, int64_t bytes);
uint32_t ex_unknown(struct lower *l, enum scalar type);
bool     ex_is_const(struct lower *l, uint32_t e, int64_t *number);
uint32_t ex_stable(struct lower *l, enum scalar type, uint32_t e);  /* may be used twice, and later */

uint32_t      build_reg(struct lower *l, uint32_t name);
uint32_t      build_slot(struct lower *l, uint32_t name, uint32_t size);
uint32_t      build_block(struct lower *l);             /* not yet the current one */
void          build_start(struct lower *l, uint32_t block);     /* ends the one before with a jump */
struct instr *build_instr(struct lower *l, enum instr_kind kind);
uint32_t      build_args(struct lower *l, const uint32_t *args, uint32_t count);
void          build_set(struct lower *l, uint32_t reg, uint32_t e);
uint32_t      build_temp(struct lower *l, enum scalar type, uint32_t e);    /* EXPR_REG of a copy */
void          build_store(struct lower *l, enum scalar type, uint32_t key, uint32_t address, uint32_t e);
void          build_copy(struct lower *l, uint32_t to, uint32_t from, uint32_t size);
void          build_zero(struct lower *l, uint32_t address, uint32_t size);
void          build_decl(struct lower *l, uint32_t slot);
void          build_op(struct lower *l, enum flow_op op, const uint32_t *args, uint32_t count);
void          build_havoc(struct lower *l, const char *what, const uint32_t *args, uint32_t count);
void          build_jump(struct lower *l, uint32_t block);
void          build_branch(struct lower *l, uint32_t cond, uint32_t then_block, uint32_t else_block,
                           const struct node *at);
/* the index of the block, whose cases and default are set later */
uint32_t      build_switch(struct lower *l, uint32_t value, const struct node *at);
void          build_return(struct lower *l, uint32_t value, struct loc loc);
void          build_unreachable(struct lower *l);
void          build_prune(struct lower *l);     /* drop blocks nothing leads to */

/* ---- lower_place.c ------------------------------------------------------- */

struct place place_of(struct lower *l, struct node *n);
struct place place_of_local(struct lower *l, CXCursor decl);
struct place place_of_symbol(struct lower *l, uint32_t symbol, CXType type);    /* of a global variable */
struct place place_pointed(struct lower *l, struct node *pointer);   /* what it points at, x for &x */
/* Its address becomes known: pointers to `type` may read and write it. */
void         place_hand_out(struct lower *l, const struct place *p, CXType type);
uint32_t     place_load(struct lower *l, const struct place *p);    /* value, or address of array, record */
void         place_store(struct lower *l, const struct place *p, uint32_t value);
struct place place_member(struct lower *l, const struct place *base, CXCursor field);
struct place place_element(struct lower *l, const struct place *base, uint32_t index);
enum scalar  place_unit(const struct place *p);                     /* of a bit-field */
uint32_t     place_string(struct lower *l, struct node *n);         /* string literal > string */

/* ---- lower_expr.c -------------------------------------------------------- */

uint32_t lower_value(struct lower *l, struct node *n);  /* scalar, or address of array, record, function */
void     lower_effect(struct lower *l, struct node *n); /* for its side effects */
uint32_t lower_convert(struct lower *l, uint32_t e, CXType from, CXType to);
bool     lower_constant(CXCursor cursor, int64_t *number);
uint32_t lower_name_of(struct lower *l, struct node *n);    /* what a person would call it */

/* ---- lower_assign.c ------------------------------------------------------ */

/* value of `n` as an object of type `to` is stored into place */
void     lower_assign(struct lower *l, const struct place *to, struct node *n);
/* the object behind a record-typed expression goes straight to address when it is a call */
uint32_t lower_assignment(struct lower *l, struct node *n, bool wanted);
uint32_t lower_compound_assignment(struct lower *l, struct node *n, bool wanted);
/* ++ and --: post gives the value before */
uint32_t lower_step(struct lower *l, struct node *n, int step, bool post, bool wanted);
/* of a binary operator, with an assignment or without; false: not one of ours */
bool     lower_operator(enum CXBinaryOperatorKind kind, enum expr_op *op);

/* ---- lower_cond.c -------------------------------------------------------- */

void     lower_cond(struct lower *l, struct node *n, uint32_t then_block, uint32_t else_block);
bool     cond_is_logical(struct node *n);           /* && || */
struct node *cond_truth_of(struct node *n);         /* past what does not change whether it is zero */
uint32_t lower_truth(struct lower *l, struct node *n);     /* 0 or 1 in a register */
uint32_t lower_choice(struct lower *l, struct node *n, struct node *cond, struct node *yes_arm,
                      struct node *no_arm, bool wanted);
uint32_t lower_elvis(struct lower *l, struct node *n);     /* a ?: b */

/* ---- lower_call.c, lower_builtin.c, lower_atomic.c ----------------------- */

/* a record result goes to the address `into`, or to a temporary when FLOW_NONE */
uint32_t lower_call(struct lower *l, struct node *n, uint32_t into, bool wanted);
uint32_t lower_argument(struct lower *l, struct node *n);    /* and how far what it points at reaches */
uint8_t  lower_result_type(CXType type);         /* of a call, for instr.type */
void     lower_cleanup(struct lower *l, const struct cleanup *c);
void     lower_atomic_point(struct lower *l);
bool     lower_builtin(struct lower *l, struct node *n, const char *name, uint32_t *result);
uint32_t lower_atomic(struct lower *l, struct node *n, const char *name);    /* AtomicExpr */
bool     lower_sync(struct lower *l, struct node *n, const char *name, uint32_t *result);    /* calls */

/* ---- lower_varargs.c ----------------------------------------------------- */

void     lower_unnamed_parameters(struct lower *l);     /* of the variadic function under way */
void     lower_check_unnamed(struct lower *l, CXType callee, uint32_t given, struct loc loc);
bool     lower_list(struct lower *l, struct node *n, const char *name);     /* va_start, va_copy */
uint32_t lower_va_arg(struct lower *l, struct node *n);

/* ---- lower_init.c -------------------------------------------------------- */

void     init_local(struct lower *l, const struct place *to, struct node *init);
uint32_t init_literal(struct lower *l, struct node *n);     /* a compound literal: its address */
/* into flow->globals[global], whose symbol and type are given */
void     init_global(struct lower *l, uint32_t global, CXCursor init, CXType type);

/* ---- lower_stmt.c -------------------------------------------------------- */

void     lower_stmt(struct lower *l, struct node *n);
int64_t  lower_label_address(struct lower *l, CXCursor reference);       /* of &&label */
uint32_t lower_stmt_expr(struct lower *l, struct node *n);

#endif
