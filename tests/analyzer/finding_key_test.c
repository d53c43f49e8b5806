/* Findings are the same one as long as what the line says is the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "finding_key.h"

static uint64_t hash_of(const char *function, const char *text, struct arena *arena)
{
    struct finding f = { .rule = "forgotten-sender", .function = function, .name = "ch" };
    struct finding_key key = finding_key(&f, "src/a.c", text, arena);

    return finding_key_hash(&key);
}

static void test_lines(void **state)
{
    static const struct { const char *text, *line; } cases[] = {
        { "\tchan_send(ch, &x);", "chan_send(ch,&x);" },
        { "chan_send( ch , & x ) ;  // why", "chan_send(ch,&x);" },
        { "chan_send(ch, /* what */ &x); /* and", "chan_send(ch,&x);" },
        { "return  chan_recv (ch, NULL);", "return chan_recv(ch,NULL);" },
        { "log(\"a  // b\", '\"', ch);", "log(\"a  // b\",'\"',ch);" },
        { "log(\"\\\" /* \");  x", "log(\"\\\" /* \");x" },
        { "log(\"no end\\", "log(\"no end\\" },
        { "   ", "" },
        { "", "" },
    };
    struct arena *arena = arena_new();

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(finding_key_line(cases[i].text, arena), cases[i].line);
    arena_free(arena);
}

static void test_keys(void **state)
{
    struct arena *arena = arena_new();

    (void)state;
    assert_true(hash_of("f", "  chan_send(ch, &x);", arena) == hash_of("f", "chan_send(ch,&x); // here", arena));
    assert_true(hash_of("f", "chan_send(ch, &x);", arena) != hash_of("g", "chan_send(ch, &x);", arena));
    assert_true(hash_of("f", "chan_send(ch, &x);", arena) != hash_of("f", "chan_send(ch, &y);", arena));
    assert_true(hash_of(NULL, NULL, arena) == hash_of("", "", arena));
    arena_free(arena);
}

static void test_counts(void **state)
{
    struct arena *arena = arena_new();
    struct finding_keys keys = { .arena = arena };

    (void)state;
    assert_false(finding_keys_take(&keys, 7));
    finding_keys_add(&keys, 7);
    finding_keys_add(&keys, 7);
    for (uint64_t i = 1000; i < 2000; i++)
        finding_keys_add(&keys, i * 64);
    assert_true(finding_keys_take(&keys, 7));
    assert_true(finding_keys_take(&keys, 7));
    assert_false(finding_keys_take(&keys, 7));
    for (uint64_t i = 1000; i < 2000; i++)
        assert_true(finding_keys_take(&keys, i * 64));
    assert_false(finding_keys_take(&keys, 64000));
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
