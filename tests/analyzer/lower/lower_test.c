/* Lower C files and compare with the text beside them.
 *
 *     lower_test -IDIR... FILE.c...            FILE.c against FILE.flow
 *     lower_test --notes -IDIR... FILE.c...    no notes, and flow_check is content
 *
 * With LOWER_TEST_UPDATE in the environment the .flow files are written anew. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flow_text.h"
#include "lower.h"

enum { MAX_ARGS = 16 };

struct run {
    const struct models *models;
    const char          *args[MAX_ARGS];
    size_t               arg_count;
    bool                 notes_only, update;
    unsigned             failed;
};

static char *read_file(const char *path, struct arena *arena)
{
    FILE *f = fopen(path, "rb");
    char *text = "";
    size_t size = 0;
    char buffer[4096];
    size_t n;

    if (!f)
        return NULL;
    while ((n = fread(buffer, 1, sizeof buffer, f)) > 0) {
        text = arena_grow(arena, text, size, size + n + 1);
        memcpy(text + size, buffer, n);
        size += n;
    }
    fclose(f);
    return text;
}

static void show_difference(const char *name, const char *expected, const char *got)
{
    unsigned line = 1;

    while (*expected && *expected == *got) {
        line += *expected == '\n';
        expected++;
        got++;
    }
    while (line > 1 && expected[-1] != '\n') {
        expected--;
        got--;
    }
    printf("%s:%u: expected: %.*s\n%s:%u:      got: %.*s\n", name, line,
           (int)strcspn(expected, "\n"), expected, name, line, (int)strcspn(got, "\n"), got);
}

static void compare(struct run *run, const char *path, const struct flow *flow, struct arena *arena)
{
    char *golden = arena_printf(arena, "%.*s.flow", (int)(strlen(path) - 2), path), *got = NULL;
    size_t size;
    FILE *out = open_memstream(&got, &size);

    flow_print(flow, out);
    fclose(out);
    const char *expected = read_file(golden, arena);
    if (run->update) {
        FILE *f = fopen(golden, "w");

        fputs(got, f);
        fclose(f);
    } else if (!expected || strcmp(expected, got)) {
        run->failed++;
        show_difference(golden, expected ? expected : "", got);
    }
    free(got);
}

static void report_notes(struct run *run, const char *path, const struct flow *flow)
{
    for (uint32_t i = 0; i < flow->note_count; i++)
        printf("%s:%u:%u: not understood: %s\n", path, flow->notes[i].loc.line, flow->notes[i].loc.col,
               flow_string(flow, flow->notes[i].text));
    run->failed += flow->note_count != 0;
}

/* The goldens see the file under a name that is the same everywhere. */
static void lower_file(struct run *run, const char *path)
{
    struct arena *arena = arena_new();
    const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    struct unit_file overlay = { arena_printf(arena, "/lower/%s", base), read_file(path, arena) };
    struct unit unit = unit_open("/", run->notes_only ? path : overlay.path, run->args, run->arg_count,
                                 &overlay, run->notes_only ? 0 : 1, arena);

    if (unit.error) {
        printf("%s: %s\n", path, unit.error);
        run->failed++;
    } else {
        struct flow *flow = lower_unit(&unit, run->models, arena, NULL);
        const char *wrong = flow_check(flow);

        if (wrong)
            printf("%s: flow_check: %s\n", path, wrong);
        run->failed += wrong != NULL;
        if (run->notes_only)
            report_notes(run, path, flow);
        else if (!wrong)
            compare(run, path, flow, arena);
    }
    unit_close(&unit);
    arena_free(arena);
}

int main(int argc, char **argv)
{
    struct arena *arena = arena_new();
    struct run run = { .update = getenv("LOWER_TEST_UPDATE") != NULL };
    const char *error;

    run.models = models_load(NULL, 0, arena, &error);
    if (!run.models) {
        puts(error);
        return 1;
    }
    run.args[run.arg_count++] = "-std=gnu11";
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--notes"))
            run.notes_only = true;
        else if (argv[i][0] == '-' && run.arg_count < MAX_ARGS)
            run.args[run.arg_count++] = argv[i];
        else
            lower_file(&run, argv[i]);
    }
    arena_free(arena);
    printf("%u of the files failed\n", run.failed);
    return run.failed != 0;
}
