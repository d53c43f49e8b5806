/* cases.h - what the cases of a select are about, where its function fills them in one by one.
 *
 * The array of a select is a local that chan_select() writes and nothing else looks at:
 *     store i32 "struct chan_case.op" (index 1 $cases 32) 1
 *     store ptr "struct chan_case.ch" (index 1 $cases 40) CHANNEL
 * Any other use of the local, and nothing is claimed of it.
 */
#ifndef CASES_H
#define CASES_H

#include "plan.h"

enum { CASE_SEVERAL = 0xfffffffe };     /* one of several */

struct case_list {
    uint32_t count;
    struct {
        uint32_t channel;       /* expression of its channel */
        uint32_t value;         /* and of where the value lies; FLOW_NONE: not filled in; or CASE_SEVERAL */
        bool     is_send;
    } of[CASES_MAX];
};

/* Of the select at `at` in fn; false: its cases are not known. */
bool cases_of(const struct function *fn, uint32_t at, struct case_list *list);

/* A store of a case that cases_of() has seen for some select: the channel goes nowhere else. */
bool cases_is_store(const struct function *fn, const struct instr *store);

/* Does the store fill in some case of a select in a local array? */
bool cases_fill(const struct function *fn, const struct instr *store);

#endif
