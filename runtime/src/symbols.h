/* symbols.h - names of functions and lines for addresses.
 *
 * The functions are in libchanrt_debug, which needs libdw. The core refers to them weakly:
 * without that library it prints "program(+0xoffset)", which addr2line understands.
 */
#ifndef RT_SYMBOLS_H
#define RT_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rt_symbols;

struct rt_frame {
    const char *function;           /* NULL: unknown */
    const char *file;               /* NULL: unknown */
    int         line;
    uintptr_t   offset;             /* from the function's start; 0 in an inlined one */
    bool        inlined;
};

/* The modules loaded now; NULL when they cannot be read. Strings live until close. */
__attribute__((weak)) struct rt_symbols *rt_symbols_open(void);
__attribute__((weak)) void rt_symbols_close(struct rt_symbols *symbols);

/* The functions that the code at pc belongs to, inlined ones first, up to room; 0 when it
 * is in no module or nothing is known. */
__attribute__((weak)) size_t rt_symbols_find(struct rt_symbols *symbols, uintptr_t pc,
                                             struct rt_frame *frames, size_t room);

#endif
