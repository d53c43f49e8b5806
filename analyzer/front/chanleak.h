/* chanleak.h - tell chanleak what your functions mean.
 *
 * Put CHANLEAK_MODEL on the declaration of a function whose body chanleak cannot
 * see, or should not look into: a wrapper of another channel library, say. The
 * annotation wins over a body. Compilers other than clang see nothing of it.
 *
 *     void mq_put(queue *q, const void *item)  CHANLEAK_MODEL("send");
 *
 * The same declarations may stand in a header of their own that only chanleak
 * reads, `chanleak check --model mq-model.h`; there, a function with a body is
 * analysed in place of the library's.
 *
 * An operation has arguments in a fixed order (below). Where the function's
 * parameters are in another order, their positions follow the word, counted
 * from 1; 0 stands for a constant 0 or NULL. Parameters not named are ignored:
 *
 *     int mq_push(const void *item, int flags, queue *q)  CHANLEAK_MODEL("send", 3, 1);
 *     void mq_signal(queue *q)                            CHANLEAK_MODEL("send", 1, 0);
 */
#ifndef CHANLEAK_H
#define CHANLEAK_H

#if defined(__clang__)
#define CHANLEAK_MODEL(...) __attribute__((annotate("chanleak:" __VA_ARGS__)))
#else
#define CHANLEAK_MODEL(...)
#endif

/* The words. "blocks" says that a task may wait in it for ever; "-> x" what it returns.
 *
 * Tasks
 *   spawn            function, argument         start function(argument) as a task
 *   spawn_copy       function, address, size    the same on a copy of size bytes
 *   yield, sleep     -, duration
 *
 * Channels
 *   make             element size, capacity -> channel
 *   retain, release  channel
 *   send             channel, address of the element or NULL; blocks
 *   send_sized       channel, address, size; blocks
 *   recv             channel, address or NULL -> false once closed and drained; blocks
 *   close            channel
 *   try_send         channel, address -> whether it was sent
 *   try_recv         channel, address -> whether one was received
 *   len, cap         channel -> number
 *
 * Select: the first argument points to an array of records whose first four fields
 * are the direction (0 receive, 1 send), the channel, the element's address and
 * the address of a bool that tells "closed", in this order
 *   select           cases, count -> index; blocks
 *   poll             cases, count -> index or -1 at once
 *   select_timeout   cases, count, duration -> index or -1
 *
 * Time
 *   after            duration -> channel that receives once
 *   ticker_make      period -> ticker
 *   ticker_chan      ticker -> channel
 *   ticker_stop      ticker
 *
 * Cancellation
 *   ctx_background   -> context
 *   ctx_make         parent -> context
 *   ctx_make_timeout parent, duration -> context
 *   ctx_cancel, ctx_retain, ctx_release   context
 *   ctx_done         context -> channel closed when cancelled
 *   ctx_err          context -> 0 until cancelled
 *   ctx_scope_end    address of a context pointer: cancel and release it
 *
 * Waiting and locking
 *   wg_add           wait group, number
 *   wg_done, wg_wait wait group; wait blocks
 *   lock, trylock, unlock               mutex; lock blocks, trylock -> whether locked
 *   rdlock, rdunlock, wrlock, wrunlock  read-write lock; the locks block
 *   cond_wait        condition, mutex; blocks
 *   cond_signal, cond_broadcast         condition
 *   once             once, function, argument; blocks
 *   group_make       parent context, limit -> group
 *   group_ctx        group -> context
 *   group_spawn      group, function, argument; blocks at the limit
 *   group_wait       group -> error; blocks
 *
 * Leak checks
 *   leak_check_begin -> a record of 16 bytes
 *   leak_check_end   that record, timeout -> number of leaks
 *
 * Everything else
 *   alloc            size -> memory
 *   zalloc           count, size -> memory, all zero
 *   realloc, free    address, size; address
 *   copy             to, from, size -> to
 *   fill             address, byte, size -> address
 *   exit, abort      end the process on purpose; because something is wrong
 *   pure             touches nothing; its result is a new unknown each time
 *   function         touches nothing; the same arguments give the same result
 *   writes           as pure, but changes what its arguments point at
 *   atomic           a point where other tasks may run
 *   assume           the path goes on only where the argument is not 0
 *   unsupported      a function that calls it counts as not understood
 */

#endif
