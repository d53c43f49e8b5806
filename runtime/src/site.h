/* site.h - places in the program: "file:line" from the header's macros, or a return
 * address when the plain function was called. */
#ifndef RT_SITE_H
#define RT_SITE_H

#include <stdint.h>

/* Both travel as const char *; no user-space string has the top bit set in its
 * address, so that bit marks a return address. */
#define RT_SITE_IS_PC (UINT64_C(1) << 63)

static inline const char *rt_site_of(void *pc)
{
    return (const char *)((uintptr_t)pc | RT_SITE_IS_PC);
}

/* The place a plain function was called from. */
#define RT_CALLER rt_site_of(__builtin_return_address(0))

enum { RT_SITE_MAX = 128 };

/* The site as text: itself, or "program(+0xoffset)" written to buffer. */
const char *rt_site_text(const char *site, char buffer[RT_SITE_MAX]);

/* The same for a program counter; NULL when it is in no loaded code. */
const char *rt_pc_text(uintptr_t pc, char buffer[RT_SITE_MAX]);

#endif
