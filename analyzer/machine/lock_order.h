/* lock_order.h - critical sections in which nothing happens that others could notice.
 *
 * A task that takes locks, does nothing inside that matters, and gives them back is in nobody's way,
 * and nothing keeps it from coming to the end of it, as long as locks are never taken in a circle
 * (Coffman, Elphick, Shoshani, "System Deadlocks", 1971). Such a section is one step with whatever comes before it
 * (the D-reduction of Lipton, "Reduction", 1975): its locks are passed over. Which locks that holds
 * for is not known before; they are passed over until a section is come to that holds more, or one
 * lock is taken twice: from then on the locks of those are as they are, and the exploration begins anew.
 *
 * A circle that only empty sections make harms nobody but those who wait in it: where the schedules in which it closes
 * are all found by themselves (circles.h), its locks can be passed over elsewhere.
 *
 * A lock is known by where it lies: the place that made its object, and the offset there. Of two objects made at one
 * place, taken inside each other, the order is not known: that is a circle.
 */
#ifndef LOCK_ORDER_H
#define LOCK_ORDER_H

#include "machine.h"

struct lock_order;

/* All locks are passed over that do not show to be more. */
struct lock_order *lock_order_new(struct arena *arena);

/* Has a lock been passed over that must not be? What was explored since the last lock_order_again() is void. */
bool lock_order_is_refuted(const struct lock_order *o);

/* Has any been passed over since then? */
bool lock_order_has_passed(const struct lock_order *o);

/* Where locks are taken inside others in a circle: places, each once, at most TAKEN_MAX; returns how many. */
enum { TAKEN_MAX = 64 };
uint32_t lock_order_circles(const struct lock_order *o, struct place *places);

/* The same, but that locks of circles are as they are. */
struct lock_order *lock_order_with_circles(const struct lock_order *o, struct arena *arena);

/* Begin anew, with what is known of the locks. */
void lock_order_again(struct lock_order *o);

/* A step begins. */
void lock_order_step(struct lock_order *o);

/* Is the instruction an operation on a lock that is passed over? These want m->lock_order. */
bool lock_order_passes(struct machine *m, uint32_t task, const struct instr *in);

/* Do that operation. */
void lock_order_pass(struct machine *m, uint32_t task, const struct instr *in);

/* The lock is looked at in a way that tells whether it is taken. */
void lock_order_looked_at(struct machine *m, uint32_t task, const struct instr *in);

/* The task comes to rest, or does what others could notice: it must not be inside a section. */
void lock_order_noticed(struct machine *m);

/* Could others notice the instruction? Operations that op_sync() does are left to that. */
bool lock_order_minds(const struct instr *in);

#endif
