/* pages.h - what is needed where malloc may not be called: memory straight from the system,
 * files under /proc, and reading memory that may not be there.
 */
#ifndef RT_PAGES_H
#define RT_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Zeroed, takes memory only where it is touched; NULL when there is none. */
void *rt_pages_get(size_t size);
void  rt_pages_put(void *pages, size_t size);

/* The ranges that rt_pages_get gave out and that were not put back, until visit returns
 * false. */
void rt_pages_each_own(bool (*visit)(void *start, void *end, void *arg), void *arg);

/* The whole of a file under /proc, '\0' behind it; NULL when it cannot be read. *size is
 * what to put back. */
char *rt_pages_read_file(const char *path, size_t *size);

/* Call each with the names in a directory, until it returns false. False when it cannot be read. */
bool rt_pages_list(const char *path, bool (*each)(const char *name, void *arg), void *arg);

/* Copy from an address of this process; returns how many bytes could be read. */
size_t rt_pages_peek(uintptr_t address, void *to, size_t size);

#endif
