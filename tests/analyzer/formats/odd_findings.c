/* Prints findings that no program would give in a format:
 *
 *     odd_findings FORMAT FILE        every text odd, all parts
 *     odd_findings FORMAT             none of the optional parts
 *
 * All texts of the first hold every byte but NUL, and characters that XML, UTF-8 and GitHub treat apart.
 */
#include <string.h>

#include "report.h"

static char odd[600];

static void fill_odd(void)
{
    static const char more[] = "<&>\"' %0A ::error:: , ]]> \xc3\xa9 \xf0\x9f\x98\x80 \xed\xa0\x80 \xc0\x80 \xf5 \xe2\x82";
    size_t size = 0;

    for (unsigned c = 1; c < 256; c++)
        odd[size++] = (char)c;
    memcpy(odd + size, more, sizeof more);
}

static struct finding odd_finding(const char *file, enum severity severity)
{
    static struct finding_step steps[] = {
        { .kind = STEP_MAKE, .other = FLOW_NONE, .function = odd, .word = "make", .object = odd },
        { .kind = STEP_START, .other = 1, .function = odd, .word = "spawn", .object = "" },
        { .kind = STEP_BRANCH, .other = FLOW_NONE, .function = odd, .word = "", .object = "", .value = 1 },
        { .kind = STEP_SEND, .task = 1, .other = 0, .function = odd, .word = "send", .object = odd },
        { .kind = STEP_RETURN, .other = FLOW_NONE, .function = odd, .word = "", .object = "" },
        { .kind = STEP_BLOCK, .task = 1, .other = FLOW_NONE, .function = odd, .word = "send", .object = odd },
    };
    struct site at = { file, 3, 1 };

    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        steps[i].at = (struct site){ file, (uint32_t)i + 1, 1 };
        steps[i].times = steps[i].round = 1;
        steps[i].since = FLOW_NONE;
    }
    steps[0].made = steps[0].at;
    return (struct finding){
        .rule = odd, .message = odd, .help = odd, .kind = "stuck", .confirmed = odd, .severity = severity,
        .at = at, .operation = at, .function = odd, .root = odd, .word = "send", .name = odd, .task = 1,
        .entry = odd, .spawned = at, .made = at, .object = OBJECT_CHANNEL, .stuck = true,
        .steps = steps, .step_count = sizeof steps / sizeof *steps,
    };
}

static struct finding bare_finding(enum severity severity)
{
    return (struct finding){ .rule = "bare", .message = "nothing is known", .help = "", .kind = "", .severity = severity,
                             .function = "", .root = "", .word = "", .name = "", .entry = "", .capacity = -1 };
}

int main(int argc, char **argv)
{
    const struct report_format *format = argc > 1 ? report_format_named(argv[1]) : NULL;
    struct arena *arena = arena_new();
    struct findings findings = { .arena = arena };
    struct gap gaps[] = { { .file = argc > 2 ? argv[2] : NULL, .line = 1, .reason = odd } };
    struct gap roots[] = { { .file = argc > 2 ? argv[2] : NULL, .root = odd, .reason = odd } };
    struct summary summary = { .files = 2, .roots = 2, .seconds = 0.5 };
    struct rules rules = { 0 };

    if (!format)
        return 2;
    fill_odd();
    for (enum severity s = SEVERITY_ERROR; s <= SEVERITY_NOTE; s++)
        ARENA_PUSH(arena, findings.list, findings.count, findings.capacity) = argc > 2 ? odd_finding(argv[2], s) : bare_finding(s);
    if (argc > 2) {
        summary.failed = gaps;
        summary.partial = roots;
        summary.failed_count = summary.partial_count = summary.partial_roots = 1;
    }
    format->print(&(struct report){ .findings = &findings, .rules = &rules, .summary = &summary, .arena = arena,
                                    .out = stdout });
    arena_free(arena);
    return 0;
}
