/* symbols.c - names of functions and lines, by libdwfl.
 *
 * A function's name comes from its debug information, or else from the ELF symbol table;
 * of a stripped program, only what it exports is known.
 *
 * libdw takes more stack than a task has: a thread of its own does the work, one question
 * at a time, from open to close.
 */
#include "symbols.h"
#include "thread.h"

#include <dwarf.h>
#include <elfutils/libdwfl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define STACK_SIZE ((size_t)8 << 20)
#define GUARD_SIZE ((size_t)64 << 10)   /* a page, whatever their size */

struct rt_symbols {
    Dwfl            *dwfl;          /* NULL: the modules cannot be read */
    pthread_t        thread;
    void            *stack;
    sem_t            asked, answered;
    uintptr_t        pc;            /* the question */
    struct rt_frame *frames;        /* NULL: there is none any more */
    size_t           room;
    size_t           found;         /* the answer */
};

static char *debuginfo_path;        /* NULL: libdwfl's own */

static const Dwfl_Callbacks callbacks = {
    .find_elf = dwfl_linux_proc_find_elf,
    .find_debuginfo = dwfl_standard_find_debuginfo,
    .debuginfo_path = &debuginfo_path,
};

static Dwfl *open_modules(void)
{
    Dwfl *dwfl = dwfl_begin(&callbacks);

    if (dwfl && dwfl_linux_proc_report(dwfl, getpid()) == 0 &&
        dwfl_report_end(dwfl, NULL, NULL) == 0)
        return dwfl;
    dwfl_end(dwfl);
    return NULL;
}

/* The compilation unit of pc. Their table need not have all, for clang writes none, and
 * what it lacks seems to belong to a neighbour: then look at each. */
static Dwarf_Die *unit_of(Dwfl_Module *module, Dwarf_Addr pc, Dwarf_Addr *bias)
{
    Dwarf_Die *unit = dwfl_module_addrdie(module, pc, bias);

    if (unit && dwarf_haspc(unit, pc - *bias) == 1)
        return unit;
    unit = NULL;
    while ((unit = dwfl_module_nextcu(module, unit, bias)) != NULL)
        if (dwarf_haspc(unit, pc - *bias) == 1)
            return unit;
    return NULL;
}

static bool is_function(Dwarf_Die *die)
{
    int tag = dwarf_tag(die);

    return tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine;
}

/* Where an inlined function was called. */
static void call_site(Dwarf_Die *inlined, Dwarf_Die *unit, struct rt_frame *caller)
{
    Dwarf_Attribute attribute;
    Dwarf_Word file, line;
    Dwarf_Files *files;

    caller->file = NULL;
    caller->line = 0;
    if (dwarf_getsrcfiles(unit, &files, NULL) == 0 &&
        dwarf_formudata(dwarf_attr(inlined, DW_AT_call_file, &attribute), &file) == 0 &&
        dwarf_formudata(dwarf_attr(inlined, DW_AT_call_line, &attribute), &line) == 0) {
        caller->file = dwarf_filesrc(files, file, NULL, NULL);
        caller->line = (int)line;
    }
}

/* The entries around pc as they lie in the code, innermost first: dwarf_getscopes goes on
 * with the definition of an inlined function, not with its caller. */
static int scopes_at(Dwarf_Die *unit, Dwarf_Addr pc, Dwarf_Die **scopes)
{
    Dwarf_Die *innermost = NULL;
    int count = dwarf_getscopes(unit, pc, &innermost);

    if (count > 0)
        count = dwarf_getscopes_die(&innermost[0], scopes);
    free(innermost);
    return count;
}

static size_t by_scopes(Dwarf_Die *unit, Dwarf_Addr pc, struct rt_frame *frames, size_t room)
{
    Dwarf_Die *scopes = NULL;
    int count = scopes_at(unit, pc, &scopes);
    Dwarf_Line *line = dwarf_getsrc_die(unit, pc);
    size_t n = 0;
    Dwarf_Addr low;

    if (line && room > 0) {
        frames[0].file = dwarf_linesrc(line, NULL, NULL);
        dwarf_lineno(line, &frames[0].line);
    }
    for (int i = 0; i < count && n < room; i++) {
        struct rt_frame *f = &frames[n];

        if (!is_function(&scopes[i]))
            continue;
        f->function = dwarf_diename(&scopes[i]);
        f->inlined = dwarf_tag(&scopes[i]) == DW_TAG_inlined_subroutine;
        if (!f->inlined && dwarf_entrypc(&scopes[i], &low) == 0)
            f->offset = pc - low;
        n++;
        if (!f->inlined)
            break;
        if (n < room)
            call_site(&scopes[i], unit, &frames[n]);
    }
    free(scopes);
    return n;
}

static size_t find(Dwfl *dwfl, uintptr_t pc, struct rt_frame *frames, size_t room)
{
    Dwfl_Module *module = dwfl_addrmodule(dwfl, pc);
    Dwarf_Addr bias = 0;
    Dwarf_Die *unit;
    GElf_Off offset = 0;
    GElf_Sym symbol;
    size_t n;

    for (size_t i = 0; i < room; i++)
        frames[i] = (struct rt_frame){ .line = 0 };
    if (!module || room == 0)
        return 0;
    unit = unit_of(module, pc, &bias);
    n = unit ? by_scopes(unit, pc - bias, frames, room) : 0;
    if (n > 0 && frames[n - 1].function)
        return n;
    frames[0].function = dwfl_module_addrinfo(module, pc, &offset, &symbol, NULL, NULL, NULL);
    frames[0].offset = offset;
    frames[0].inlined = false;
    return frames[0].function ? 1 : 0;
}

/* ---- the thread ---- */

static void wait_for(sem_t *sem)
{
    while (sem_wait(sem) != 0)
        ;
}

static void *answer_all(void *arg)
{
    struct rt_symbols *s = arg;

    s->dwfl = open_modules();
    sem_post(&s->answered);
    for (wait_for(&s->asked); s->frames; wait_for(&s->asked)) {
        s->found = find(s->dwfl, s->pc, s->frames, s->room);
        sem_post(&s->answered);
    }
    dwfl_end(s->dwfl);
    return NULL;
}

/* On a stack that goes with the thread: one of glibc's would be kept for the next thread, and
 * what is left on it looks like an address in use to the leak profile. */
static bool start_thread(struct rt_symbols *s)
{
    pthread_attr_t attr;
    bool started;

    s->stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (s->stack == MAP_FAILED)
        return false;
    pthread_attr_init(&attr);
    started = mprotect(s->stack, GUARD_SIZE, PROT_NONE) == 0 &&
              pthread_attr_setstack(&attr, (char *)s->stack + GUARD_SIZE,
                                    STACK_SIZE - GUARD_SIZE) == 0 &&
              pthread_create(&s->thread, &attr, answer_all, s) == 0;
    pthread_attr_destroy(&attr);
    if (!started)
        munmap(s->stack, STACK_SIZE);
    return started;
}

struct rt_symbols *rt_symbols_open(void)
{
    struct rt_symbols *s = calloc(1, sizeof *s);

    if (!s)
        return NULL;
    sem_init(&s->asked, 0, 0);
    sem_init(&s->answered, 0, 0);
    if (!start_thread(s)) {
        free(s);
        return NULL;
    }
    rt_count_own_thread(1);
    wait_for(&s->answered);
    if (s->dwfl)
        return s;
    rt_symbols_close(s);
    return NULL;
}

void rt_symbols_close(struct rt_symbols *s)
{
    if (!s)
        return;
    s->frames = NULL;
    sem_post(&s->asked);
    pthread_join(s->thread, NULL);
    munmap(s->stack, STACK_SIZE);
    rt_count_own_thread(-1);
    sem_destroy(&s->asked);
    sem_destroy(&s->answered);
    free(s);
}

size_t rt_symbols_find(struct rt_symbols *s, uintptr_t pc, struct rt_frame *frames, size_t room)
{
    s->pc = pc;
    s->frames = frames;
    s->room = room;
    sem_post(&s->asked);
    wait_for(&s->answered);
    return s->found;
}
