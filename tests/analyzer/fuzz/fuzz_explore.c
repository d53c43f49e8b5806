/* libFuzzer on the explorer: whatever flow the reader accepts is explored, within small
 * budgets, from each of its roots. */
#include "explore.h"
#include "flow_text.h"
#include "input.h"
#include "roots.h"

enum { MAX_ROOTS = 3 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct explore_options options = { .max_states = 300, .max_bytes = 64 << 20, .max_seconds = 0.3,
                                       .what_if_states = 100 };
    struct arena *arena = arena_new();
    const char *error;
    struct flow *flow = flow_read(input_text(data, size, arena), "input", arena, &error);
    uint32_t count = 0, *roots = flow ? roots_of(flow, arena, &count) : NULL;

    for (uint32_t i = 0; i < count && i < MAX_ROOTS; i++)
        explore(flow, roots[i], &options, arena);
    arena_free(arena);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    return input_mutate(data, size, max_size, seed);
}
