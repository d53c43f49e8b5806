/* repeat.h - a schedule that does the same many times over, told once.
 *
 * A round is a run of steps that comes again at once: its first step says how many steps it has, and
 * each of them how often the round is gone through (struct step). Rounds do not nest.
 */
#ifndef REPEAT_H
#define REPEAT_H

#include "facts.h"

/* Make one round of the last `length` steps, which are none yet, gone through `times` times. */
void repeat_mark(struct step *steps, uint32_t count, uint32_t length, int64_t times);

/* Fold what repeats itself, in place; returns how many steps are left. */
uint32_t repeat_fold(struct step *steps, uint32_t count);

/* The numbers of a scaled program are not the source's: how often, and how many, is not known. */
void repeat_forget(struct step *steps, uint32_t count);

#endif
