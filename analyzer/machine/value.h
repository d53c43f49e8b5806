/* value.h - what computing with values (value.c) and deciding on them (decide.c) share. */
#ifndef VALUE_H
#define VALUE_H

#include "machine.h"

bool         value_same(struct value a, struct value b);
bool         value_is_pointer(struct value v);
bool         value_compares(enum expr_op op);
bool         unknown_excludes(const struct unknown *u, int64_t n);

/* The unknown that `a op b` is: the same one each time. */
struct value value_term(struct machine *m, enum unknown_origin origin, uint8_t op, enum scalar type,
                        struct value a, struct value b);

/* What is known of `a op b` without choosing: 1, 0, or -1. */
int          value_decide(const struct machine *m, enum expr_op op, struct value a, struct value b);

/* The quotients of an unknown lie between those of its ends. */
void         value_narrow_quotients(struct machine *m, uint32_t id);

/* a op b of numbers, as `type` holds it. False: that means nothing. */
bool         value_compute(enum expr_op op, enum scalar type, int64_t a, int64_t b, int64_t *n);
int64_t      value_compute_unary(enum expr_op op, enum scalar type, int64_t a);

void         value_note_fixed(struct machine *m, struct value v);

#endif
