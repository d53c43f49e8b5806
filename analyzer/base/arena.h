/* arena.h - memory with the lifetime of a phase.
 *
 * Nothing in a pass frees: what a pass allocates goes with its arena. Running
 * out of memory ends the program with a message, so nothing here returns NULL.
 */
#ifndef ARENA_H
#define ARENA_H

#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void          arena_free(struct arena *arena);      /* NULL is fine */
void          arena_reset(struct arena *arena);     /* empty it, keep its first block */

size_t        arena_size(const struct arena *arena);   /* bytes it takes */

/* size bytes, aligned for any type, zeroed */
void *arena_alloc(struct arena *arena, size_t size);
/* the first old_size bytes of old in a block of new_size; old stays until the arena goes */
void *arena_grow(struct arena *arena, const void *old, size_t old_size, size_t new_size);
char *arena_strdup(struct arena *arena, const char *s);
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3), nonnull));

#define ARENA_NEW(arena, type)        ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, type, n)   ((type *)arena_alloc((arena), sizeof(type) * (size_t)(n)))

/* Append to an array whose count and capacity are kept beside it, in the style
 * of stretchy buffers: ARENA_PUSH(a, list, count, capacity) is the new last element. */
#define ARENA_PUSH(arena, array, count, capacity)                                        \
    (*((count) < (capacity)                                                              \
           ? &(array)[(count)++]                                                         \
           : ((array) = arena_grow((arena), (array), sizeof *(array) * (count),          \
                                   sizeof *(array) *                                     \
                                       ((capacity) = (capacity) ? (capacity) * 2 : 8)),  \
              &(array)[(count)++])))

#endif
