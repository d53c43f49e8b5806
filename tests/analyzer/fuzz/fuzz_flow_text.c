/* libFuzzer on the reader of flow text: it ends in peace, and what it accepts is
 * printed to a text that reads back to the same text. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flow_text.h"
#include "input.h"

static char *print(const struct flow *flow)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    flow_print(flow, out);
    fclose(out);
    return text;
}

static void check_round_trip(const struct flow *flow, struct arena *arena)
{
    const char *error;
    char *text = print(flow), *again;
    struct flow *second = flow_read(text, "printed", arena, &error);

    if (!second) {
        fprintf(stderr, "what was printed is not read: %s\n%s", error, text);
        abort();
    }
    again = print(second);
    if (strcmp(text, again)) {
        fprintf(stderr, "printed first:\n%sand again:\n%s", text, again);
        abort();
    }
    free(text);
    free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    const char *error = NULL;
    struct flow *flow = flow_read(input_text(data, size, arena), "input", arena, &error);

    if (!flow != (error != NULL))
        abort();
    if (flow)
        check_round_trip(flow, arena);
    arena_free(arena);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    return input_mutate(data, size, max_size, seed);
}
