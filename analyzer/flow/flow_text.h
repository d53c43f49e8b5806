/* flow_text.h - the flow graph as text, written and read.
 *
 * What flow_print writes flow_read reads back to an equal flow: functions,
 * blocks, instructions, registers, slots, symbols and files keep their numbers
 * (instructions where they stand in the order of their blocks, as lowering puts
 * them); strings and expressions are stored anew. Tests of the explorer start from this
 * text, `chanleak --dump=flow` prints it.
 *
 *     file "search.c"                    # places without a file are in the last one named
 *     symbol @search static function     # may be left out
 *     symbol @setup static function constructor 101    # runs before main; destructor: after it
 *     global @limit size 4 const at 3:12
 *       init 0 i32 42 "@limit"           # its alias class may be left out
 *     func @search(%0 ptr, $1 struct) returns 16 at 5:13 to 12:1
 *       regs 4 %0 "arg" %3 "n"           # may be left out
 *       slot $0 16 "r"
 *       slot $1 24 "options"
 *     b0:
 *       decl $0
 *       %2 = (load ptr "struct args.ch" (index 1 %0 8))
 *       store i32 "struct result.err" $0 0
 *       %3 = i32 call @count %2 at 7:9
 *       branch (gt i32 %3 1) b1 b2 at 8:7 to 8:12
 *     b1:
 *       send %2 $0 "ch" at 9:3
 *       jump b2
 *     b2:
 *       return
 *
 * A line is one thing; # starts a comment. Files are "path", places LINE:COL or
 * "path":LINE:COL.
 *
 * Instructions. E is an expression; [ ] may be left out; every instruction may end
 * in "NAME" (what a person calls the object) and `at PLACE`.
 *     %N = E                  store TYPE ["KEY"] E-ADDRESS E     decl $N
 *     move SIZE E-TO E-FROM   zero SIZE E-ADDRESS                havoc E...
 *     [%N = [TYPE]] [into E-ADDRESS] call @SYMBOL E...    or: call through E-POINTER E...
 *     [%N = [TYPE]] [into E-ADDRESS] WORD E...            WORD as in FLOW_OPERATIONS
 * Terminators: jump B, branch E B B, switch E LOW[..HIGH]:B ... else B,
 *     return [E], unreachable; all may end in `at PLACE [to LINE:COL]`.
 * Expressions: 42  %N  $N  @symbol  (string "text")  (load TYPE ["KEY"] E)
 *     (OP TYPE E [E]) with OP one of add sub mul div rem and or xor shl shr eq ne lt
 *     le gt ge neg invert not ptrdiff,  (cast TYPE E)  (within BYTES E)
 *     (index BYTES [of ELEMENTS] E E)  (unknown TYPE)
 * Also: note "TEXT" [in @FUNCTION] [at PLACE], and alias "KEY" "KEY".
 * Types: those of scalar_name().
 *
 * By hand, registers and slots may be named instead (%ch, $cases: numbered as
 * they are met; do not mix the two ways in a function), and so may blocks. The first
 * block is the entry. A second symbol of the same name is @name~2, an odd one @"a b".
 */
#ifndef FLOW_TEXT_H
#define FLOW_TEXT_H

#include <stdio.h>

#include "flow.h"

void flow_print(const struct flow *flow, FILE *out);
void flow_print_function(const struct flow *flow, uint32_t function, FILE *out);

/* The same of many functions of a flow: what is the same for all of them is found out once. */
struct flow_texts;

struct flow_texts *flow_texts_new(const struct flow *flow);
/* Ends in a NUL that is not counted; until the next call. */
const char        *flow_texts_of(struct flow_texts *texts, uint32_t function, size_t *size);
void               flow_texts_free(struct flow_texts *texts);   /* NULL is fine */

/* The flow that `text` describes, allocated from `arena`, or NULL and in *error
 * (of the arena) what is wrong, with its line: "name:3: unknown block 'b7'". */
struct flow *flow_read(const char *text, const char *name, struct arena *arena,
                       const char **error);

/* The words of the text form, in the order of their enums. */
extern const char *const flow_expr_op_words[OP_PTRDIFF + 1];

#endif
