/* The flow graph as text: what is printed reads back to the same text, and what is
 * wrong is said with its line.
 *
 *     flow_text_test FILE.flow...   each is read, printed, read and printed again
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "flow_text.h"

static int file_count;
static char **files;

static char *print(const struct flow *flow)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    flow_print(flow, out);
    fclose(out);
    return text;
}

static char *read_whole(const char *path)
{
    FILE *in = fopen(path, "r");
    char *text = calloc(1, 1 << 20);

    assert_non_null(in);
    assert_true(fread(text, 1, (1 << 20) - 1, in) > 0);
    fclose(in);
    return text;
}

static void test_round_trip(void **state)
{
    (void)state;
    for (int i = 0; i < file_count; i++) {
        struct arena *arena = arena_new();
        const char *error = NULL;
        char *text = read_whole(files[i]);
        struct flow *first = flow_read(text, files[i], arena, &error);

        if (!first)
            fail_msg("%s", error);
        char *printed = print(first);
        struct flow *second = flow_read(printed, "printed", arena, &error);
        if (!second)
            fail_msg("%s", error);
        char *again = print(second);
        assert_string_equal(printed, again);
        assert_int_equal(first->symbol_count, second->symbol_count);
        assert_int_equal(first->function_count, second->function_count);
        assert_int_equal(first->global_count, second->global_count);
        for (uint32_t f = 0; f < first->function_count; f++) {
            assert_int_equal(first->functions[f].instr_count, second->functions[f].instr_count);
            assert_int_equal(first->functions[f].reg_count, second->functions[f].reg_count);
            assert_int_equal(first->functions[f].symbol, second->functions[f].symbol);
        }
        free(text);
        free(printed);
        free(again);
        arena_free(arena);
    }
}

static void test_names_by_hand(void **state)
{
    struct arena *arena = arena_new();
    const char *error = NULL;
    struct flow *flow = flow_read("func @main()\n"
                                  "  slot $v 4\n"
                                  "entry:\n"
                                  "  %ch = make 4 0 \"ch\"\n"
                                  "  jump loop\n"
                                  "loop:\n"
                                  "  send %ch $v \"ch\"\n"
                                  "  jump loop\n", "hand", arena, &error);

    (void)state;
    if (!flow)
        fail_msg("%s", error);
    const struct function *f = &flow->functions[0];
    assert_int_equal(f->reg_count, 1);
    assert_string_equal(flow_string(flow, f->reg_names[0]), "ch");
    assert_int_equal(f->slots[0].size, 4);
    assert_int_equal(f->block_count, 2);
    assert_int_equal(f->blocks[1].then_block, 1);
    assert_int_equal(f->instrs[1].op, FLOW_SEND);
    assert_int_equal(flow->symbols[f->symbol].is_function, true);
    arena_free(arena);
}

static void check_error(const char *text, const char *expected)
{
    struct arena *arena = arena_new();
    const char *error = NULL;

    assert_null(flow_read(text, "t", arena, &error));
    assert_string_equal(error, expected);
    arena_free(arena);
}

static void test_errors(void **state)
{
    (void)state;
    check_error("nonsense\n", "t:1: expected file, symbol, global, func, note or alias");
    check_error("func @f()\nb0:\n  jump b1\n", "t:3: unknown block 'b1'");
    check_error("func @f()\nb0:\n  sned %1 0\n  return\n", "t:3: unknown instruction 'sned'");
    check_error("func @f()\nb0:\n  %1 = (plus i32 1 2)\n  return\n",
                "t:3: unknown operator 'plus'");
    check_error("func @f()\nb0:\n  return 1 2\n", "t:3: did not expect '2' here");
    check_error("func @f()\nb0:\n  return at 1:2\n", "t:3: a place, but no file so far");
    check_error("file \"x\n", "t:1: string without an end");
    check_error("func @f()\nb0:\n  return\nfunc @f()\nb0:\n  return\n",
                "t:7: 'f' is defined twice");
}

/* Whatever the file is cut off at, the reader ends in peace. */
static void test_cut_off(void **state)
{
    (void)state;
    for (int i = 0; i < file_count; i++) {
        char *text = read_whole(files[i]);

        for (size_t size = strlen(text); size-- > 0; ) {
            struct arena *arena = arena_new();
            const char *error = NULL;

            text[size] = 0;
            assert_true(flow_read(text, "cut", arena, &error) || error);
            arena_free(arena);
        }
        free(text);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip), cmocka_unit_test(test_names_by_hand),
        cmocka_unit_test(test_errors), cmocka_unit_test(test_cut_off),
    };

    file_count = argc - 1;
    files = argv + 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
