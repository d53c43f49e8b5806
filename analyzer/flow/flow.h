/* flow.h - the flow graph: what a C program looks like to the explorer.
 *
 * A flow holds functions, global objects and the symbols that name them. One
 * unit lowers to one flow; link.c joins the flows of a program into one.
 *
 * A function is a control flow graph of blocks. A block is a run of
 * instructions and one terminator. Expressions are pure trees: calls and side
 * effects are instructions, && || ?: are branches.
 *
 * Memory is objects of bytes; a pointer is an object and a byte offset, so
 * casts, container_of, embedded structs and unions need nothing special.
 * Scalars whose address is never taken live in registers (%n), everything else
 * that is local in slots ($n), one fresh object per slot and frame.
 *
 * All references are indices, so a flow can be stored, read back and joined
 * with others. Everything is allocated from the flow's arena and freed with it.
 */
#ifndef FLOW_H
#define FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"

#define FLOW_NONE UINT32_MAX

/* ---- scalars ---------------------------------------------------------- */

enum scalar {
    SCALAR_I8, SCALAR_I16, SCALAR_I32, SCALAR_I64,
    SCALAR_U8, SCALAR_U16, SCALAR_U32, SCALAR_U64,
    SCALAR_BOOL,        /* 0 or 1 */
    SCALAR_PTR,         /* object or function pointer, or integer 0 */
    SCALAR_FLOAT,       /* any floating type: its value is never known */
};

/* ---- expressions ------------------------------------------------------ */

enum expr_kind {
    EXPR_CONST,         /* number                       (const 42) or 42 */
    EXPR_REG,           /* register `index`             %3 */
    EXPR_SLOT,          /* address of slot `index`      $0 */
    EXPR_GLOBAL,        /* address of symbol `index`, object or function   @name */
    EXPR_STRING,        /* address of string `index`    (string 4) */
    EXPR_LOAD,          /* scalar `type` at address a   (load i32 "struct job.id" a)
                           `key` names the alias class: what may be the same memory */
    EXPR_BINARY,        /* a `op` b, result in `type`   (add i32 a b) */
    EXPR_UNARY,         /* `op` a                       (not bool a) */
    EXPR_CAST,          /* a converted to `type`        (cast u8 a)
                           number not 0, to PTR: a is the address of so many bytes, a member of something
                           larger: what is written through it stays within   (within 32 a) */
    EXPR_INDEX,         /* address a + b * number       (index 24 a b); number is bytes
                           `index` not 0: of an array of so many    (index 24 of 3 a b) */
    EXPR_UNKNOWN,       /* some value of `type`, a new one each time it is met   (unknown i32) */
};

enum expr_op {          /* names in the text form: add sub mul div rem and or xor shl shr eq ... */
    OP_ADD, OP_SUB, OP_MUL, OP_DIV, OP_REM, OP_AND, OP_OR, OP_XOR, OP_SHL, OP_SHR,
    OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE,   /* `type` is the operands' common type; result 0 or 1 */
    OP_NEG, OP_INVERT, OP_NOT,                  /* unary: -a ~a !a */
    OP_POPCOUNT, OP_CTZ, OP_CLZ, OP_BSWAP,      /* unary, of the bits of `type`: how many are 1, how many 0 come
                                                   after the last 1 and before the first; bytes the other way round */
    OP_PTRDIFF,                                 /* (a - b) in bytes, of two addresses */
};

struct expr {
    uint8_t  kind;      /* enum expr_kind */
    uint8_t  op;        /* enum expr_op */
    uint8_t  type;      /* enum scalar */
    uint32_t index;     /* register, slot, symbol, string; LOAD: key; INDEX: elements */
    uint32_t a, b;      /* operands, indices into function.exprs */
    int64_t  number;
};

static inline bool expr_op_is_unary(unsigned op)
{
    return op >= OP_NEG && op <= OP_BSWAP;
}

/* How many operands it has: none, a, or a and b. */
static inline unsigned expr_operands(const struct expr *e)
{
    switch ((enum expr_kind)e->kind) {
    case EXPR_BINARY: case EXPR_INDEX:
        return 2;
    case EXPR_LOAD: case EXPR_UNARY: case EXPR_CAST:
        return 1;
    case EXPR_CONST: case EXPR_REG: case EXPR_SLOT: case EXPR_GLOBAL: case EXPR_STRING: case EXPR_UNKNOWN:
        return 0;
    }
    return 0;
}

/* ---- instructions ----------------------------------------------------- */

/* What an operation means. The word is what an annotation says after
 * "chanleak:", and the number of arguments the operation needs; arguments stand
 * in the order of chanrt.h. */
#define FLOW_OPERATIONS(X)                                                    \
    X(SPAWN, "spawn", 2)                 /* fn, arg */                        \
    X(SPAWN_COPY, "spawn_copy", 3)       /* fn, address, size */              \
    X(YIELD, "yield", 0)                                                      \
    X(SLEEP, "sleep", 1)                                                      \
    X(MAKE, "make", 2)                   /* element size, capacity -> chan */ \
    X(RETAIN, "retain", 1)               /* chan -> the same */               \
    X(RELEASE, "release", 1)                                                  \
    X(SEND, "send", 2)                   /* chan, address or NULL; blocks */  \
    X(SEND_SIZED, "send_sized", 3)       /* chan, address, size; blocks */    \
    X(RECV, "recv", 2)                   /* chan, address or NULL -> bool; blocks */ \
    X(CLOSE, "close", 1)                                                      \
    X(TRY_SEND, "try_send", 2)                                                \
    X(TRY_RECV, "try_recv", 2)                                                \
    X(LEN, "len", 1)                                                          \
    X(CAP, "cap", 1)                                                          \
    /* cases, n, timeout (0 where there is none), then the layout of a case   \
     * record, five constants: its size and the offsets of direction (0       \
     * receive, 1 send), chan, value, ok -> index or -1 */                    \
    X(SELECT, "select", 8)               /* blocks */                         \
    X(POLL, "poll", 8)                                                        \
    X(SELECT_TIMEOUT, "select_timeout", 8)                                    \
    X(AFTER, "after", 1)                 /* duration -> chan */               \
    X(TICKER_MAKE, "ticker_make", 1)                                          \
    X(TICKER_CHAN, "ticker_chan", 1)                                          \
    X(TICKER_STOP, "ticker_stop", 1)                                          \
    X(CTX_BACKGROUND, "ctx_background", 0)                                    \
    X(CTX_MAKE, "ctx_make", 1)           /* parent */                         \
    X(CTX_MAKE_TIMEOUT, "ctx_make_timeout", 2)                                \
    X(CTX_CANCEL, "ctx_cancel", 1)                                            \
    X(CTX_DONE, "ctx_done", 1)                                                \
    X(CTX_ERR, "ctx_err", 1)                                                  \
    X(CTX_RETAIN, "ctx_retain", 1)                                            \
    X(CTX_RELEASE, "ctx_release", 1)                                          \
    X(CTX_SCOPE_END, "ctx_scope_end", 1) /* address of a context pointer */   \
    X(WG_ADD, "wg_add", 2)                                                    \
    X(WG_DONE, "wg_done", 1)                                                  \
    X(WG_WAIT, "wg_wait", 1)             /* blocks */                         \
    X(LOCK, "lock", 1)                   /* blocks */                         \
    X(TRYLOCK, "trylock", 1)                                                  \
    X(UNLOCK, "unlock", 1)                                                    \
    X(RDLOCK, "rdlock", 1)               /* blocks */                         \
    X(RDUNLOCK, "rdunlock", 1)                                                \
    X(WRLOCK, "wrlock", 1)               /* blocks */                         \
    X(WRUNLOCK, "wrunlock", 1)                                                \
    X(COND_WAIT, "cond_wait", 2)         /* condition, mutex; blocks */       \
    X(COND_SIGNAL, "cond_signal", 1)                                          \
    X(COND_BROADCAST, "cond_broadcast", 1)                                    \
    X(ONCE, "once", 3)                   /* once, fn, arg; blocks, calls fn */ \
    X(GROUP_MAKE, "group_make", 2)       /* parent context, limit */          \
    X(GROUP_CTX, "group_ctx", 1)                                              \
    X(GROUP_SPAWN, "group_spawn", 3)     /* group, fn, arg; blocks at the limit */ \
    X(GROUP_WAIT, "group_wait", 1)       /* blocks */                         \
    X(LEAK_CHECK_BEGIN, "leak_check_begin", 0) /* -> record of 16 bytes */    \
    X(LEAK_CHECK_END, "leak_check_end", 2)     /* address of the record, timeout -> count */ \
    /* the C library */                                                       \
    X(ALLOC, "alloc", 1)                 /* size -> fresh object, unset */    \
    X(ZALLOC, "zalloc", 2)               /* count, size -> fresh object of zeros */ \
    X(REALLOC, "realloc", 2)             /* address, size */                  \
    X(FREE, "free", 1)                                                        \
    X(COPY, "copy", 3)                   /* to, from, size -> to */           \
    X(FILL, "fill", 3)                   /* address, byte, size -> address */ \
    X(EXIT, "exit", 0)                   /* ends the process on purpose */    \
    X(ABORT, "abort", 0)                 /* ends the process; nothing is claimed after it */ \
    X(PURE, "pure", 0)                   /* result depends on nothing we know; touches nothing */ \
    X(FUNCTION, "function", 0)           /* same arguments, same result; touches nothing */ \
    X(COMPARE, "compare", 3)             /* addresses, size: of the bytes there, -> under, at or over 0 */ \
    /* the same, to a byte 0 at most, of memory that holds characters: two more  \
     * arguments, never evaluated, that read it */                            \
    X(COMPARE_TEXT, "compare_text", 5)                                        \
    X(COMPARE_FOLDED, "compare_folded", 5) /* letters of either case are equal */ \
    X(TEXT_LENGTH, "text_length", 3)     /* address, at most; one more as above: bytes before a byte 0 */ \
    X(WRITES, "writes", 0)               /* as pure, but fills the objects its arguments point at */ \
    X(SHUFFLE, "shuffle", 1)             /* address of an array: unless all in it is known, its order is not, and is  \
                                          * never asked for: -> whether that is so */ \
    X(FORMAT, "format", 0)               /* to, size, format, ...: writes that text there, as snprintf does */ \
    X(ATOMIC, "atomic", 0)               /* orders tasks: others may run before it */ \
    X(ASSUME, "assume", 1)               /* the path goes on only where the argument is not 0 */

enum flow_op {
#define X(name, word, args) FLOW_##name,
    FLOW_OPERATIONS(X)
#undef X
    FLOW_OP_COUNT,
    FLOW_OP_NONE = 255,
};

enum instr_kind {
    INSTR_SET,          /* %dst = a */
    INSTR_STORE,        /* scalar `type` at address a becomes b; `key` as in EXPR_LOAD */
    INSTR_COPY,         /* copy `size` bytes from address b to address a (assignment of a struct) */
    INSTR_ZERO,         /* `size` bytes at address a become zero */
    INSTR_DECL,         /* slot `slot` begins: an object of its size, contents unset */
    INSTR_CALL,         /* call symbol, or through pointer a when symbol is FLOW_NONE */
    INSTR_OP,           /* the operation `op` */
    INSTR_HAVOC,        /* code that was not understood: what args point at may hold anything;
                           `name` says what it was */
};

struct loc {
    uint32_t file;      /* index into flow.files */
    uint32_t line, col; /* from 1; 0: no place in the source */
};

struct instr {
    uint8_t     kind;   /* enum instr_kind */
    uint8_t     op;     /* enum flow_op */
    uint8_t     type;   /* enum scalar: of STORE; CALL and OP: of the result in dst, 0 where it is not said */
    uint32_t    dst;    /* SET, CALL, OP: register that takes the result, or FLOW_NONE */
    uint32_t    dst_address; /* CALL, OP returning a struct: address expression that takes it, or FLOW_NONE */
    uint32_t    a, b;   /* expressions */
    uint32_t    symbol; /* CALL: callee */
    uint32_t    slot;   /* DECL */
    uint32_t    key;    /* STORE: index into flow.strings */
    uint32_t    size;   /* COPY, ZERO */
    uint32_t    first_arg, arg_count;   /* CALL, OP, HAVOC: in function.args. A struct argument is its address */
    uint32_t    name;   /* index into flow.strings: for OP the words a person would use for the object
                           ("ch" in chan_send(a->ch, ..); for a make, what its result is assigned to) */
    struct loc  loc;    /* of the call as written, macros expanded at their outermost use */
};

enum term_kind {
    TERM_JUMP,          /* to then_block */
    TERM_BRANCH,        /* cond is not 0: then_block, else else_block */
    TERM_SWITCH,        /* cond against flow cases; else_block is the default */
    TERM_RETURN,        /* cond: the value, the address of a struct, or FLOW_NONE */
    TERM_UNREACHABLE,   /* e.g. after a noreturn call */
};

struct switch_case {
    int64_t  low, high; /* inclusive; `case 1 ... 3` is a range */
    uint32_t block;
};

struct block {
    uint32_t   first_instr, instr_count;
    uint8_t    term;                    /* enum term_kind */
    uint32_t   cond;                    /* expression */
    uint32_t   then_block, else_block;
    uint32_t   first_case, case_count;  /* in function.cases */
    struct loc loc;                     /* of the condition, or of the return */
    uint32_t   end_line, end_col;       /* where the condition's text ends, exclusive */
};

struct slot {
    uint32_t name;      /* index into flow.strings */
    uint32_t size;      /* bytes */
};

/* A parameter: a register, or a slot when its address is taken or it is a struct. */
struct param {
    bool     in_slot;
    bool     is_struct; /* the argument is the address of size bytes to copy */
    uint8_t  type;      /* enum scalar when it is not a struct */
    uint32_t index;     /* register or slot */
};

struct function {
    uint32_t            symbol;
    uint32_t            return_size;    /* of a struct result, else 0 */
    uint32_t            reg_count;
    uint32_t           *reg_names;      /* index into flow.strings, "" for temporaries */
    struct slot        *slots;   uint32_t slot_count;
    struct param       *params;  uint32_t param_count;
    struct expr        *exprs;   uint32_t expr_count;
    struct instr       *instrs;  uint32_t instr_count;
    uint32_t           *args;    uint32_t arg_count;     /* expressions */
    struct switch_case *cases;   uint32_t case_count;
    struct block       *blocks;  uint32_t block_count;   /* entry is block 0 */
    struct loc          loc, end;       /* name; closing brace */
    bool                variadic;       /* its last parameters, which have no name, may be given or not */
    bool                incomplete;     /* something in it was not understood: see notes */
};

/* ---- globals, symbols, flow -------------------------------------------- */

struct init {           /* one scalar of a static initialiser */
    uint32_t offset;
    uint8_t  type;      /* enum scalar */
    uint8_t  kind;      /* EXPR_CONST, EXPR_GLOBAL, EXPR_STRING or EXPR_UNKNOWN */
    uint32_t index;     /* symbol or string; of a constant: its alias class, or FLOW_NONE */
    int64_t  number;    /* constant; or byte offset to add to the address */
};

struct global {
    uint32_t     symbol;
    uint32_t     size;
    struct init *inits;  uint32_t init_count;   /* the rest is zero */
    bool         is_const;
    bool         is_extern;     /* declared here, defined elsewhere (perhaps nowhere we see) */
    struct loc   loc;
};

struct symbol {
    uint32_t name;      /* index into flow.strings */
    bool     internal;  /* static: never joined with another unit's */
    uint32_t function;  /* index into flow.functions, or FLOW_NONE */
    uint32_t global;    /* index into flow.globals, or FLOW_NONE */
    uint8_t  model;     /* what a call to it means, from an annotation: enum flow_op, or FLOW_OP_NONE */
    bool     noreturn;
    bool     is_function;       /* names a function, defined here or not */
    uint32_t constructor, destructor;   /* runs by itself before main, or after: its priority + 1; 0: it does not */
};

enum { PRIORITY_LAST = 65535 }; /* of constructors that name none */

/* Something in the source that lowering could not express. */
struct note {
    struct loc loc;
    uint32_t   function;        /* index, or FLOW_NONE */
    uint32_t   text;            /* "inline assembly", "variable length array of structs", ... */
};

#define FLOW_TEXT_KEY "*char"            /* what pointers to characters point at */
#define FLOW_CASES_KEY "(cases)"        /* every member of a record that is a case of a select */

/* Two alias classes that may be the same memory although their names differ:
 * the address of a field was taken as a value, a pointer was converted to
 * one of another scalar type, or one pointer may lead to both (overlaps.h). Symmetric, not transitive. */
struct alias {
    uint32_t a, b;      /* keys, indices into flow.strings */
};

struct text {                   /* strings may hold NUL: literals do */
    const char *bytes;
    uint32_t    size;           /* without the terminating NUL, which is always there */
};

struct flow {
    struct arena    *arena;
    struct text     *strings;    uint32_t string_count;
    uint32_t        *files;      uint32_t file_count;    /* strings: paths as the compiler saw them */
    struct symbol   *symbols;    uint32_t symbol_count;
    struct function *functions;  uint32_t function_count;
    struct global   *globals;    uint32_t global_count;
    struct note     *notes;      uint32_t note_count;
    struct alias    *aliases;    uint32_t alias_count;
};

/* ---- names ------------------------------------------------------------- */

const char *flow_string(const struct flow *flow, uint32_t string);      /* "" for FLOW_NONE */
const char *flow_function_name(const struct flow *flow, uint32_t function);
const char *flow_op_word(enum flow_op op);                              /* "send" */
enum flow_op flow_op_from_word(const char *word);                       /* FLOW_OP_NONE when unknown */
unsigned    flow_op_args(enum flow_op op);                              /* arguments it needs */
const char *scalar_name(enum scalar type);                              /* "i32" */
unsigned    scalar_size(enum scalar type);                              /* bytes */
int64_t     scalar_wrap(enum scalar type, int64_t n);                   /* n, as an object of the type holds it */

/* Is there a load in the expression? FLOW_NONE: no. */
bool        expr_reads_memory(const struct function *function, uint32_t expr);

/* Check what every pass relies on: indices in range, terminators that lead to
 * blocks, argument counts. Returns NULL, or what is wrong (in the flow's arena). */
const char *flow_check(const struct flow *flow);

#endif
