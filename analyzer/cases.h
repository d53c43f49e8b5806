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

struct case_list {
    uint32_t count;
    struct {
        uint32_t channel;       /* expression of its channel */
        bool     is_send;
    } of[CASES_MAX];
};

/* Of the select at `at` in fn; false: its cases are not known. */
bool cases_of(const struct function *fn, uint32_t at, struct case_list *list);

/* A store of a case that cases_of() has seen for some select: the channel goes nowhere else. */
bool cases_is_store(const struct function *fn, const struct instr *store);

#endif
