/* Schedules written as letters, one a step: what repeats itself is folded to (round)times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "repeat.h"

enum { STEPS_MAX = 1000 };

static uint32_t steps_of(const char *letters, struct step *steps)
{
    uint32_t count = 0;

    for (const char *c = letters; *c; c++)
        steps[count++] = (struct step){ .kind = STEP_SEND, .number = *c, .times = 1, .round = 1 };
    return count;
}

static const char *words_of(const struct step *steps, uint32_t count)
{
    static char words[STEPS_MAX];
    char *to = words;

    *to = '\0';
    for (uint32_t i = 0; i < count; i++) {
        bool first = i == 0 || steps[i - 1].round == 1;

        to += sprintf(to, "%s%c", first && steps[i].times != 1 ? "(" : "", (char)steps[i].number);
        if (steps[i].round == 1 && steps[i].times != 1)
            to += sprintf(to, ")%lld", (long long)steps[i].times);
    }
    return words;
}

static const char *folded(const char *letters)
{
    static struct step steps[STEPS_MAX];
    uint32_t count = steps_of(letters, steps);

    return words_of(steps, repeat_fold(steps, count));
}

static void what_repeats_itself(void **state)
{
    (void)state;
    assert_string_equal(folded(""), "");
    assert_string_equal(folded("a"), "a");
    assert_string_equal(folded("abc"), "abc");
    assert_string_equal(folded("aa"), "(a)2");
    assert_string_equal(folded("xaaay"), "x(a)3y");
    assert_string_equal(folded("abab"), "abab");
    assert_string_equal(folded("abababc"), "(ab)3c");
    assert_string_equal(folded("ababababa"), "(ab)4a");
    assert_string_equal(folded("aabaabaab"), "(a)2b(a)2b(a)2b");
    assert_string_equal(folded("abcdefghijklmabcdefghijklmabcdefghijklm"),
                        "abcdefghijklmabcdefghijklmabcdefghijklm");
}

/* Rounds that were jumped over, with those that were walked before and after them. */
static void what_was_marked(void **state)
{
    static struct step steps[STEPS_MAX];
    uint32_t count;

    (void)state;
    count = steps_of("xababab", steps);
    repeat_mark(steps, 5, 2, 1000);         /* x ab (ab)1000 ab */
    assert_string_equal(words_of(steps, repeat_fold(steps, count)), "x(ab)1002");

    count = steps_of("aaaa", steps);
    repeat_mark(steps, 2, 1, 10);
    repeat_mark(steps, 3, 1, 10);
    assert_string_equal(words_of(steps, repeat_fold(steps, count)), "(a)22");

    count = steps_of("ababaa", steps);
    repeat_mark(steps, 4, 4, 2);            /* twice, and of four steps */
    assert_string_equal(words_of(steps, repeat_fold(steps, count)), "(abab)2(a)2");

    count = steps_of("abc", steps);
    repeat_mark(steps, 2, 2, 7);
    repeat_forget(steps, count);
    assert_string_equal(words_of(steps, count), "(ab)0c");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_repeats_itself),
        cmocka_unit_test(what_was_marked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
