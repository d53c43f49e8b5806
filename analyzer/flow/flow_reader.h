/* flow_reader.h - what the files of the flow text's reader share: a recursive descent
 * reader over the tokens of flow_scan.h. */
#ifndef FLOW_READER_H
#define FLOW_READER_H

#include "flow_scan.h"

/* An array that grows. */
struct list { uint32_t count, room; };
#define LIST_PUSH(r, array, list) ARENA_PUSH((r)->s.arena, array, (list).count, (list).room)

struct reader {
    struct scanner s;
    struct flow   *flow;
    uint32_t       file;                 /* of places that do not name one */

    struct list   strings, files, symbols, functions, globals, notes, aliases;
    uint32_t     *string_table;         /* hash -> string + 1; a power of two in size */
    uint32_t      string_table_size;

    struct function *function;          /* being read, and its arrays */
    struct list   regs, slots, params, exprs, instrs, args, cases, blocks;
    uint32_t     *labels;               /* strings: names of the function's blocks */
    struct list   label_list;
};

/* names, places, types (flow_reader.c) */
uint32_t   reader_intern(struct reader *r, struct text t);
uint32_t   reader_string(struct reader *r);
uint32_t   reader_accept_string(struct reader *r, uint32_t otherwise);
uint32_t   reader_symbol(struct reader *r);
uint32_t   reader_file(struct reader *r, uint32_t string);
struct loc reader_accept_place(struct reader *r, const char *word);
uint32_t   reader_reg(struct reader *r);
uint32_t   reader_slot(struct reader *r);
uint8_t    reader_scalar(struct reader *r);
bool       reader_accept_scalar(struct reader *r, uint8_t *type);

/* what stands in a block (flow_read_code.c) */
bool     reader_at_expr(const struct reader *r);
uint32_t reader_expr(struct reader *r);
uint32_t reader_label(struct reader *r);
void     reader_instr(struct reader *r);
/* true when there was one: the block is complete */
bool     reader_accept_term(struct reader *r, struct block *b);

#endif
