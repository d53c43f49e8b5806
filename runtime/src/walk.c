/* walk.c - walking a task's stack by frame pointers.
 *
 * Nothing is read outside of the task's own stack, whatever lies there. Each frame pointer
 * must lead further out, and each return address must lie behind a call instruction in
 * loaded code. The runtime is built with frame pointers; where the program is not, the
 * walk ends at its first frame, the caller of the operation, whose place is known anyway.
 */
#define _GNU_SOURCE
#include "walk.h"
#include "stack.h"
#include "switch.h"

#include <link.h>

enum { RUNTIME_FRAMES = 12 };       /* room for those above the operation */

/* The section that the build puts the runtime's code into; without that its frames are
 * shown. */
extern char __start_chanrt_text[] __attribute__((weak));
extern char __stop_chanrt_text[] __attribute__((weak));

/* ---- code ---- */

static int add_texts(struct dl_phdr_info *info, size_t size, void *arg)
{
    struct rt_texts *texts = arg;

    (void)size;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *ph = &info->dlpi_phdr[i];
        uintptr_t start = info->dlpi_addr + ph->p_vaddr;

        if (ph->p_type != PT_LOAD || !(ph->p_flags & PF_X) || !(ph->p_flags & PF_R))
            continue;
        if (texts->count == RT_TEXTS)
            return 1;
        texts->at[texts->count].start = start;
        texts->at[texts->count++].end = start + ph->p_memsz;
    }
    return 0;
}

void rt_texts_load(struct rt_texts *texts)
{
    texts->count = 0;
    dl_iterate_phdr(add_texts, texts);
}

#if defined(__x86_64__)
enum { CALL_BYTES = 7 };            /* the longest call instruction */

/* call rel32, or call r/m64 in its lengths: FF /2. */
static bool behind_call(const unsigned char *pc)
{
    static const int length[] = { 2, 3, 4, 6, 7 };

    if (pc[-5] == 0xe8)
        return true;
    for (unsigned i = 0; i < sizeof length / sizeof *length; i++)
        if (pc[-length[i]] == 0xff && (pc[-length[i] + 1] & 0x38) == 0x10)
            return true;
    return false;
}
#else
enum { CALL_BYTES = 4 };

/* bl, or blr. */
static bool behind_call(const unsigned char *pc)
{
    uint32_t word;

    memcpy(&word, pc - 4, sizeof word);
    return (word & 0xfc000000) == 0x94000000 || (word & 0xfffffc1f) == 0xd63f0000;
}
#endif

RT_NO_SANITIZE static bool is_return_address(const struct rt_texts *texts, uintptr_t pc)
{
    for (unsigned i = 0; i < texts->count; i++)
        if (pc >= texts->at[i].start + CALL_BYTES && pc <= texts->at[i].end)
            return behind_call((const unsigned char *)pc);
    return false;
}

/* ---- which frames ---- */

bool rt_in_runtime(uintptr_t pc)
{
    return pc - (uintptr_t)__start_chanrt_text <
           (uintptr_t)__stop_chanrt_text - (uintptr_t)__start_chanrt_text;
}

static void keep_own(const uintptr_t *pc, unsigned depth, bool whole, struct rt_trace *trace)
{
    unsigned first = 0;

    while (first < depth && rt_in_runtime(pc[first] - 1))
        first++;
    while (whole && depth > first && rt_in_runtime(pc[depth - 1] - 1))
        depth--;
    trace->more = !whole || depth - first > RT_DEPTH;
    trace->depth = depth - first < RT_DEPTH ? depth - first : RT_DEPTH;
    memcpy(trace->pc, pc + first, trace->depth * sizeof *pc);
}

/* ---- walking ---- */

RT_NO_SANITIZE void rt_walk(const struct rt_task *t, const struct rt_texts *texts,
                            struct rt_trace *trace)
{
    uintptr_t pc[RT_DEPTH + RUNTIME_FRAMES];
    uintptr_t low = (uintptr_t)rt_task_stack(t);
    uintptr_t high = low + rt_stack_bytes - RT_FRAME_WORDS * sizeof(uintptr_t);
    uintptr_t sp = (uintptr_t)*(void *const volatile *)&t->sp;
    const volatile uintptr_t *frame = (const uintptr_t *)sp;
    unsigned depth = 0;
    bool broken = false;
    uintptr_t fp;

    trace->depth = 0;
    trace->more = false;
    if (sp < low || sp > high || sp % sizeof *frame)
        return;
    pc[depth++] = frame[RT_FRAME_PC];
    fp = frame[RT_FRAME_FP];
    while (depth < RT_DEPTH + RUNTIME_FRAMES && !broken && fp > sp && fp <= high &&
           fp % sizeof *frame == 0) {
        frame = (const uintptr_t *)fp;
        sp = fp;
        pc[depth] = frame[1];
        fp = frame[0];
        broken = !is_return_address(texts, pc[depth]);
        depth += !broken;
    }
    keep_own(pc, depth, broken || depth < RT_DEPTH + RUNTIME_FRAMES, trace);
}
