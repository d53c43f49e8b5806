/* What task_dump, task_dump_full and leak_check_end show of stacks: of programs that are built
 * in several ways (dump/). argv[1] is the folder they lie in. */
#include "check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define SUBJECT DUMP_SOURCES "/subject.c"
#define FAR     DUMP_SOURCES "/far.c"

static const char *folder;

/* All that a command writes to stdout. */
static char *output_of(const char *command)
{
    FILE *in = popen(command, "r");
    char *text = calloc(1, 1 << 18);
    size_t used = 0, n;

    assert_non_null(in);
    while ((n = fread(text + used, 1, (1 << 18) - 1 - used, in)) > 0)
        used += n;
    assert_int_equal(pclose(in), 0);
    return text;
}

static char *dump_of(const char *way)
{
    char command[1024];

    snprintf(command, sizeof command, "'%s/dump_%s'", folder, way);
    return output_of(command);
}

/* Fails unless text has the line, whose marks are in file; returns what is behind it. */
static const char *expect(const char *text, const char *file, const char *line)
{
    const char *wanted = check_places(file, line);
    const char *at = strstr(text, wanted);

    if (!at)
        fail_msg("not there: %s\nbut:\n%s", wanted, text);
    return at + strlen(wanted);
}

static void has_not(const char *text, const char *what)
{
    if (strstr(text, what))
        fail_msg("there is '%s' in\n%s", what, text);
}

static void shows_senders(const char *text)
{
    const char *at = expect(text, SUBJECT, "    put (inlined)\n    \t@put\n    middle\n    \t@middle +0x");

    at = expect(at, SUBJECT, "\n    sender\n    \t@sender +0x");
    expect(at, SUBJECT, "\n    created by start");
}

static void all_names_are_shown(const char *way)
{
    char *text = dump_of(way);
    const char *at = expect(text, SUBJECT, "3 tasks [chan send, ");

    at = expect(at, SUBJECT, " s]: at @put on channel made at ");
    at = expect(at, SUBJECT, " (capacity 0), spawned at @three\n    ids 1-3\n");
    shows_senders(at);
    at = expect(text, SUBJECT, "    take\n    \t@take +0x");
    at = expect(at, FAR, "\n    far_static\n    \t@far_static +0x");
    at = expect(at, FAR, "\n    far_call\n    \t@far_call +0x");
    expect(at, SUBJECT, "\n    far_taker\n    \t@far_taker +0x");
    has_not(text, "rt_");
    has_not(text, "chan_send");
    has_not(text, "(+0x");
    free(text);
}

static void with_names(void **state)
{
    (void)state;
    all_names_are_shown("plain");
}

static void at_a_fixed_address(void **state)
{
    (void)state;
    all_names_are_shown("fixed");
}

static void full_and_leaked(void **state)
{
    char *text = dump_of("plain");
    const char *at = strstr(text, "--- full\n");

    (void)state;
    assert_non_null(at);
    for (int i = 1; i <= 3; i++) {
        char heading[64];

        snprintf(heading, sizeof heading, "task %d [chan send, ", i);
        at = expect(at, SUBJECT, heading);
        shows_senders(at);
    }
    at = strstr(at, "--- leaks\n");
    assert_non_null(at);
    at = expect(at, SUBJECT, "\nleaked task 3 [chan send]: at @put on channel made at ");
    shows_senders(at);
    expect(at, SUBJECT, "[run");
    free(text);
}

static void deep_stacks_are_cut(void **state)
{
    char *text = dump_of("plain");
    const char *at = text;
    int frames = 0;

    (void)state;
    for (; (at = strstr(at, "    dig\n")) != NULL && at < strstr(text, "--- full"); at++)
        frames++;
    assert_in_range(frames, 20, 60);
    expect(text, SUBJECT, "    ...further frames left out...\n");
    free(text);
}

/* What it says then, addr2line can read. */
static void without_the_debug_library(void **state)
{
    char *text = dump_of("core");
    const char *at = expect(text, SUBJECT, "(capacity 0), spawned at @three\n    ids 1-3\n    ");
    char command[1024], *names;
    unsigned long offset;

    (void)state;
    assert_int_equal(sscanf(at, "dump_core(+%lx)", &offset), 1);
    snprintf(command, sizeof command, "addr2line -f -i -e '%s/dump_core' 0x%lx", folder, offset);
    names = output_of(command);
    assert_memory_equal(names, "put\n", 4);
    expect(names, SUBJECT, "\nmiddle\n@middle");
    expect(text, SUBJECT, "    created at @three\n");
    free(names);
    free(text);
}

static void without_frame_pointers(void **state)
{
    char *text = dump_of("bare");
    const char *at = expect(text, SUBJECT, "    put (inlined)\n    \t@put\n    middle\n    \t@middle");

    (void)state;
    expect(at, SUBJECT, "\n    sender\n    \t");
    free(text);
}

static void stripped(void **state)
{
    char *text = dump_of("stripped");
    const char *at = expect(text, SUBJECT, "(capacity 0), spawned at @three\n    ids 1-3\n    ");

    (void)state;
    assert_memory_equal(at, "dump_stripped(+0x", 17);
    expect(text, FAR, "    far_call\n    \t@far_call +0x");
    free(text);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_names),
        cmocka_unit_test(full_and_leaked),
        cmocka_unit_test(deep_stacks_are_cut),
        cmocka_unit_test(without_the_debug_library),
#ifdef DUMP_ALL_WAYS
        cmocka_unit_test(at_a_fixed_address),
        cmocka_unit_test(without_frame_pointers),
        cmocka_unit_test(stripped),
#endif
    };

    if (argc != 2)
        return 2;
    folder = argv[1];
#ifndef DUMP_ALL_WAYS
    (void)at_a_fixed_address, (void)without_frame_pointers, (void)stripped;
#endif
    return cmocka_run_group_tests(tests, NULL, NULL);
}
