/* site.c - return addresses as "program(+0xoffset)", for addr2line -e program. */
#define _GNU_SOURCE
#include "site.h"

#include <errno.h>
#include <link.h>
#include <stdio.h>
#include <string.h>

struct search {
    uintptr_t   pc;
    uintptr_t   base;
    const char *object;
};

static int object_has_pc(struct dl_phdr_info *info, size_t size, void *arg)
{
    struct search *s = arg;

    (void)size;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *ph = &info->dlpi_phdr[i];

        if (ph->p_type != PT_LOAD || !(ph->p_flags & PF_X) ||
            s->pc - (info->dlpi_addr + ph->p_vaddr) >= ph->p_memsz)
            continue;
        s->base = info->dlpi_addr;
        s->object = info->dlpi_name;
        return 1;
    }
    return 0;
}

const char *rt_pc_text(uintptr_t pc, char buffer[RT_SITE_MAX])
{
    struct search s = { .pc = pc };
    const char *name;

    if (!dl_iterate_phdr(object_has_pc, &s))
        return NULL;
    name = s.object && *s.object ? strrchr(s.object, '/') : NULL;
    name = name ? name + 1 : s.object && *s.object ? s.object : program_invocation_short_name;
    snprintf(buffer, RT_SITE_MAX, "%.90s(+0x%lx)", name, (unsigned long)(pc - s.base));
    return buffer;
}

const char *rt_site_text(const char *site, char buffer[RT_SITE_MAX])
{
    uintptr_t pc = (uintptr_t)site & ~(uintptr_t)RT_SITE_IS_PC;

    if (!((uintptr_t)site & RT_SITE_IS_PC))
        return site;
    /* One back: the call, not the line after it. */
    if (rt_pc_text(pc - 1, buffer))
        return buffer;
    snprintf(buffer, RT_SITE_MAX, "0x%lx", (unsigned long)pc);
    return buffer;
}
