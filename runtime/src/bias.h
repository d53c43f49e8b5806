/* bias.h - a channel's lock, which costs its usual user no atomic operation.
 *
 * Most channels are used by the tasks of one worker for a long time. Such a worker comes
 * to own the lock: it says in a plain store which lock it is inside of, then looks whether it
 * still owns it. Whoever else wants the lock takes the ordinary one below it, takes the
 * ownership away, makes all processors see both (membarrier(2) runs a barrier on every
 * processor that runs this process), and waits until the owner is not inside any more.
 * Either the owner's store came before that barrier, then the other one sees and waits; or
 * its look comes after it, then it finds that it is no owner and takes the ordinary lock.
 * After biased locking (Kawachiya, Koseki and Onodera, "Lock Reservation", 2002; Russell
 * and Detlefs, "Eliminating Synchronization-Related Atomic Operations with Biased Locking
 * and Bulk Rebiasing", 2006), with the kernel's barrier for the asymmetric one of Dice,
 * Huang and Yang ("Asymmetric Dekker Synchronization", 2001).
 *
 * A lock is owned after a streak of uses by one worker without another in between, and each
 * time it is taken away the next streak must be longer; so that what taking away costs
 * (0.3 to 3 us) stays below a fraction of what the streak has saved.
 *
 * A worker may be inside several locks, each in a slot of its own: each waits for nobody
 * but the owner inside this one, so that locks taken in one order do not deadlock.
 */
#ifndef RT_BIAS_H
#define RT_BIAS_H

#include "barrier.h"
#include "worker.h"

struct rt_bias_lock {
    _Atomic(struct rt_worker *) owner;      /* written under `under` */
    struct rt_lock              under;
    /* under `under`: */
    uint16_t                    taken_away; /* how often */
    uint32_t                    streak;     /* uses in a row by last */
    struct rt_worker           *last;
};

/* A new lock, all zero. With a single worker that owns it at once: then only threads that are
 * no workers can take it away, which pay for a system call with every wait anyway. */
static inline void rt_bias_init(struct rt_bias_lock *l, struct rt_worker *w)
{
    if (w && rt_workers_wanted == 1 && rt_barrier_possible) {
        l->last = w;
        atomic_store_explicit(&l->owner, w, memory_order_relaxed);
    }
}

/* Returns with the lock held: inside the slot, or the one below. */
void rt_bias_lock_slow(struct rt_bias_lock *l, struct rt_worker *w, unsigned slot);

/* The owner's way, in and out. False when the worker w (not NULL) owns the lock no more, or
 * never did. slot: free, at most RT_INSIDE - 1. */
static inline bool rt_bias_enter(struct rt_bias_lock *l, struct rt_worker *w, unsigned slot)
{
    if (__builtin_expect(atomic_load_explicit(&l->owner, memory_order_relaxed) != w, 0))
        return false;
    atomic_store_explicit(&w->inside[slot], l, memory_order_release);
    atomic_signal_fence(memory_order_seq_cst);
    if (__builtin_expect(atomic_load_explicit(&l->owner, memory_order_acquire) == w, 1))
        return true;
    atomic_store_explicit(&w->inside[slot], NULL, memory_order_release);
    return false;
}

static inline void rt_bias_leave(struct rt_worker *w, unsigned slot)
{
    atomic_store_explicit(&w->inside[slot], NULL, memory_order_release);
}

/* w: the calling thread's worker or NULL. slot: free, at most RT_INSIDE - 1. */
static inline void rt_bias_lock(struct rt_bias_lock *l, struct rt_worker *w, unsigned slot)
{
    if (!w || !rt_bias_enter(l, w, slot))
        rt_bias_lock_slow(l, w, slot);
}

/* On the thread that locked, with the same slot. Its last access to the lock. */
static inline void rt_bias_unlock(struct rt_bias_lock *l, struct rt_worker *w, unsigned slot)
{
    if (__builtin_expect(w && atomic_load_explicit(&w->inside[slot], memory_order_relaxed) == l, 1))
        rt_bias_leave(w, slot);
    else
        rt_unlock(&l->under);
}

#endif
