/* From hand-made facts to findings: every stuck fact is claimed by exactly one
 * rule, in the rule's words; the store survives what happens to files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "flow_text.h"
#include "root_key.h"
#include "rule.h"
#include "store.h"

/* One operation of each kind, so that a fact can stand at any of them. */
static const char program[] =
    "file \"/src/t.c\"\n"
    "func @main() at 1:5 to 40:1\n"
    "b0:\n"
    "  %0 = make 4 0 \"ch\" at 2:3\n"         /* 0 */
    "  send %0 0 \"ch\" at 3:3\n"             /* 1 */
    "  recv %0 0 \"ch\" at 4:3\n"             /* 2 */
    "  lock %0 \"m\" at 5:3\n"                /* 3 */
    "  wg_wait %0 \"wg\" at 6:3\n"            /* 4 */
    "  select 0 2 0 32 0 8 16 24 at 7:3\n"    /* 5 */
    "  cond_wait %0 %0 \"c\" at 8:3\n"        /* 6 */
    "  spawn @work %0 at 9:3\n"               /* 7 */
    "  send %0 0 at 10:3\n"                   /* 8 */
    "  %0 = ctx_make 0 \"ctx\" at 11:3\n"     /* 9 */
    "  close %0 \"ch\" at 12:3\n"             /* 10 */
    "  return at 13:3\n"
    "func @work(%0 ptr) at 20:5 to 30:1\n"
    "b0:\n"
    "  return\n";
enum { MAKE, SEND, RECV, LOCK, WG_WAIT, SELECT, COND_WAIT, SPAWN, SEND_NAMELESS, CTX_MAKE, CLOSE };

struct fixture {
    struct arena *arena;
    struct flow  *flow;
    struct rules  rules;
    struct store *store;
};

static int set_up(void **state)
{
    struct arena *arena = arena_new();
    struct fixture *t = ARENA_NEW(arena, struct fixture);
    const char *error = NULL, *note;

    t->arena = arena;
    t->flow = flow_read(program, "program", arena, &error);
    if (!t->flow || !rules_load(&t->rules, NULL, arena, &error)) {
        fprintf(stderr, "%s\n", error);
        return -1;
    }
    t->store = store_open(NULL, arena, &note);
    error = store_check_rules(t->store, &t->rules);
    if (error || note)
        fprintf(stderr, "%s\n", error ? error : note);
    *state = t;
    return error || note ? -1 : 0;
}

static int tear_down(void **state)
{
    struct fixture *t = *state;

    store_close(t->store);
    arena_free(t->arena);
    return 0;
}

static struct fact fact(enum fact_kind kind, uint32_t instr, enum object_kind object)
{
    struct place none = { FLOW_NONE, FLOW_NONE };

    return (struct fact){ .kind = kind, .at = { 0, instr }, .spawned = none, .entry = 0,
                          .object = object, .made = { 0, MAKE }, .capacity = 0 };
}

/* What the rules make of one fact. */
static struct findings name(struct fixture *t, struct fact *f)
{
    struct facts facts = { .facts = f, .fact_count = 1 };
    struct findings findings = { .arena = t->arena };

    store_begin(t->store);
    int64_t row = store_program(t->store, &(struct front_program){ .name = "t", .flow = t->flow }, 0,
                                root_key_functions(t->flow, t->arena));
    store_facts(t->store, row, t->flow, &facts, 0, true);
    store_program_done(t->store, row);
    store_findings(t->store, &t->rules, row, &findings);
    assert_int_equal(store_commit(t->store), STORE_DONE);
    return findings;
}

static void expect(struct fixture *t, struct fact f, const char *rule, const char *message)
{
    struct findings findings = name(t, &f);

    assert_int_equal(findings.count, 1);
    assert_string_equal(findings.list[0].rule, rule);
    assert_string_equal(findings.list[0].message, message);
    assert_string_equal(findings.list[0].at.file, "/src/t.c");
}

static void test_channels(void **state)
{
    struct fact f = fact(FACT_STUCK, SEND, OBJECT_CHANNEL);

    expect(*state, f, "missing-receiver",
           "this send on 'ch' blocks for ever: nothing receives from the channel");
    f.counterpart = true;
    expect(*state, f, "forgotten-sender",
           "this send on 'ch' can block for ever: its receiver may have left");
    f.at.instr = SEND_NAMELESS;
    expect(*state, f, "forgotten-sender",
           "this send can block for ever: its receiver may have left");
    f = fact(FACT_STUCK, RECV, OBJECT_CHANNEL);
    expect(*state, f, "missing-sender",
           "this receive on 'ch' blocks for ever: nothing sends to the channel or closes it");
    f.counterpart = f.senders = true;
    expect(*state, f, "forgotten-receiver",
           "this receive on 'ch' can block for ever: every sender may have left");
    f.range = true;
    expect(*state, f, "unclosed-range", "this loop on 'ch' never ends: nobody closes the channel");
    f.senders = f.counterpart = false;
    expect(*state, f, "unclosed-range", "this loop on 'ch' never ends: nobody closes the channel");
    f.closer = f.counterpart = true;
    expect(*state, f, "unclosed-range",
           "this loop on 'ch' may never end: the close of the channel does not always come");
    f = fact(FACT_STUCK, SEND, OBJECT_NULL);
    expect(*state, f, "nil-channel", "this send on 'ch' blocks for ever: the channel is NULL");
    f = fact(FACT_STUCK, SELECT, OBJECT_CHANNEL);
    f.case_count = 2;
    expect(*state, f, "stuck-select",
           "this select can block for ever: none of its cases will be ready again");
    f = fact(FACT_STUCK, SELECT, OBJECT_NONE);
    expect(*state, f, "stuck-select",
           "this select can block for ever: none of its cases will be ready again");
}

static void test_locks_and_waits(void **state)
{
    struct fact f = fact(FACT_STUCK, LOCK, OBJECT_MUTEX);

    expect(*state, f, "lock-deadlock",
           "this lock on 'm' can block for ever: its holder never gives it back");
    f.role = ROLE_SELF;
    expect(*state, f, "lock-deadlock",
           "this lock on 'm' can block for ever: this task holds it already");
    f.role = ROLE_MUTUAL;
    f.group_has_lock = true;
    expect(*state, f, "lock-deadlock",
           "this lock on 'm' can block for ever: its holder waits for a lock of this task");
    f.group_has_other = true;
    expect(*state, f, "circular-wait",
           "this lock on 'm' can block for ever: the tasks wait for each other");
    f = fact(FACT_STUCK, SEND, OBJECT_CHANNEL);
    f.role = ROLE_MUTUAL;
    f.group_has_other = true;
    expect(*state, f, "circular-wait",
           "this send on 'ch' can block for ever: the tasks wait for each other");
    expect(*state, fact(FACT_STUCK, WG_WAIT, OBJECT_WAIT_GROUP), "stuck-wait",
           "this wait on 'wg' can last for ever: a done is missing");
    expect(*state, fact(FACT_STUCK, COND_WAIT, OBJECT_CONDITION), "stuck-wait",
           "this wait on 'c' can last for ever: nobody signals it");
    f = fact(FACT_STUCK, COND_WAIT, OBJECT_MUTEX);
    expect(*state, f, "lock-deadlock",
           "this lock on 'c' can block for ever: its holder never gives it back");
}

static void test_callers(void **state)
{
    struct fact f = fact(FACT_STUCK, RECV, OBJECT_EXTERNAL);
    const char *words =
        "this task can outlive the call that started it: only its caller ends the wait on 'ch'";

    expect(*state, f, "caller-bound-task", words);
    f = fact(FACT_STUCK, RECV, OBJECT_CHANNEL);
    f.outside = f.leak_check = f.counterpart = f.senders = true;
    expect(*state, f, "caller-bound-task", words);
    f.counterpart = f.senders = false;
    expect(*state, f, "missing-sender",
           "this receive on 'ch' blocks for ever: nothing sends to the channel or closes it");
}

static void test_faults(void **state)
{
    expect(*state, fact(FACT_SEND_ON_CLOSED, SEND, OBJECT_CHANNEL), "send-on-closed",
           "this send on 'ch' can abort the program: the channel may be closed");
    expect(*state, fact(FACT_DOUBLE_CLOSE, CLOSE, OBJECT_CHANNEL), "double-close",
           "this close on 'ch' can abort the program: the channel may be closed already");
    expect(*state, fact(FACT_CLOSE_NULL, CLOSE, OBJECT_NULL), "nil-channel",
           "this close on 'ch' aborts the program: the channel is NULL");
    expect(*state, fact(FACT_NEGATIVE_WAIT_GROUP, WG_WAIT, OBJECT_WAIT_GROUP),
           "negative-wait-group",
           "this can abort the program: the count of 'wg' goes below zero");
    expect(*state, fact(FACT_UNLOCK_UNLOCKED, LOCK, OBJECT_MUTEX), "unlock-unlocked",
           "this unlock on 'm' can abort the program: the lock may be free");
    expect(*state, fact(FACT_ELEMENT_SIZE, SEND, OBJECT_CHANNEL), "element-size",
           "the variable given here is smaller than an element of 'ch'");

    struct fact lost = fact(FACT_LOST_CONTEXT, CTX_MAKE, OBJECT_CONTEXT);
    lost.made = lost.at;
    lost.at = (struct place){ FLOW_NONE, FLOW_NONE };
    expect(*state, lost, "lost-cancel",
           "this context can be lost: on some path nobody cancels or releases it");
    lost.object = OBJECT_TICKER;
    expect(*state, lost, "unstopped-ticker",
           "this ticker can be lost: on some path nobody stops it");
}

static void test_secondary_is_silent(void **state)
{
    struct fact f = fact(FACT_STUCK, WG_WAIT, OBJECT_WAIT_GROUP);

    f.role = ROLE_SECONDARY;
    assert_int_equal(name(*state, &f).count, 0);
}

/* Every combination of what decides: one rule, no more and no less. */
static void test_partition(void **state)
{
    static const uint32_t places[] = { SEND, RECV, LOCK, WG_WAIT, SELECT, COND_WAIT };
    struct fixture *t = *state;

    for (unsigned bits = 0; bits < 1 << 8; bits++) {
        for (unsigned p = 0; p < sizeof places / sizeof *places; p++) {
            for (enum object_kind o = OBJECT_NONE; o <= OBJECT_EXTERNAL; o += 2) {
                struct fact f = fact(FACT_STUCK, places[p], o);

                f.role = (bits & 3) % 3;
                f.group_has_lock = true;
                f.group_has_other = bits & 4;
                f.range = bits & 8;
                f.counterpart = bits & 16;
                f.closer = bits & 32;
                f.senders = bits & 64;
                f.outside = f.leak_check = bits & 128;
                assert_int_equal(name(t, &f).count, 1);
            }
        }
    }
}

static void test_shortest_schedule_wins(void **state)
{
    struct fixture *t = *state;
    struct step steps[3] = { { .kind = STEP_RETURN, .other = FLOW_NONE, .at = { 0, SEND },
                               .made = { FLOW_NONE, FLOW_NONE } } };
    struct fact both[2] = { fact(FACT_STUCK, SEND, OBJECT_CHANNEL),
                            fact(FACT_STUCK, SEND, OBJECT_CHANNEL) };
    struct facts facts = { .facts = both, .fact_count = 2 };
    struct findings findings = { .arena = t->arena };

    steps[1] = steps[2] = steps[0];
    both[0].steps = both[1].steps = steps;
    both[0].step_count = 3;
    both[1].step_count = 2;
    store_begin(t->store);
    int64_t row = store_program(t->store, &(struct front_program){ .name = "t", .flow = t->flow }, 0,
                                root_key_functions(t->flow, t->arena));
    store_facts(t->store, row, t->flow, &facts, 0, true);
    store_program_done(t->store, row);
    store_findings(t->store, &t->rules, row, &findings);
    assert_int_equal(store_commit(t->store), STORE_DONE);
    assert_int_equal(findings.count, 1);
    assert_int_equal(findings.list[0].step_count, 2);
}

/* ---- files -------------------------------------------------------------------------- */

static char *temporary(void)
{
    static char path[] = "/tmp/chanleak-test-XXXXXX";

    strcpy(path + sizeof path - 7, "XXXXXX");
    assert_true(mkstemp(path) >= 0);
    return path;
}

static void write_file(const char *path, const char *text)
{
    FILE *out = fopen(path, "w");

    fputs(text, out);
    fclose(out);
}

/* All but the header, which says whose it is. */
static void spoil_file(const char *path)
{
    FILE *out = fopen(path, "r+");

    fseek(out, 100, SEEK_SET);
    for (int i = 0; i < 8000; i++)
        putc(0xa5, out);
    fclose(out);
}

static void test_corrupt_file_is_rebuilt(void **state)
{
    struct fixture *t = *state;
    char *path = temporary();
    const char *note = NULL;

    store_close(store_open(path, t->arena, &note));
    assert_null(note);
    spoil_file(path);
    struct store *store = store_open(path, t->arena, &note);
    assert_non_null(note);
    assert_non_null(strstr(note, "built anew"));
    assert_null(store_error(store));
    store_close(store);
    store = store_open(path, t->arena, &note);
    assert_null(note);
    store_close(store);
    unlink(path);
}

static void test_what_is_not_ours_stays(void **state)
{
    static const char text[] = "this is not a database, however long one reads on in it, and on, and on, "
                               "and on, past a hundred bytes, which is what a header of SQLite has";
    struct fixture *t = *state;
    char *path = temporary(), read[sizeof text];
    const char *note = NULL;
    FILE *in;

    write_file(path, text);
    assert_null(store_open(path, t->arena, &note));
    assert_non_null(strstr(note, "is not a database of chanleak"));
    in = fopen(path, "r");
    assert_int_equal(fread(read, 1, sizeof read, in), sizeof text - 1);
    assert_memory_equal(read, text, sizeof text - 1);
    fclose(in);
    unlink(path);
}

static void test_unwritable_folder_is_done_without(void **state)
{
    struct fixture *t = *state;
    const char *note = NULL;
    struct store *store = store_open("/proc/chanleak/facts.db", t->arena, &note);

    assert_non_null(note);
    assert_null(store_error(store));
    store_begin(store);
    assert_int_equal(store_commit(store), STORE_DONE);
    store_close(store);
}

/* ---- rule pages ---------------------------------------------------------------------- */

static void check_page(struct fixture *t, const char *page, const char *expected)
{
    char folder[] = "/tmp/chanleak-rules-XXXXXX", path[64];
    struct rules rules = { 0 };
    const char *error = NULL;

    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/mine.md", folder);
    write_file(path, page);
    if (rules_load(&rules, folder, t->arena, &error))
        error = store_check_rules(t->store, &rules);
    if (expected) {
        assert_non_null(error);
        assert_string_equal(error + strlen(folder) + 1, expected);
    } else if (error) {
        fail_msg("%s", error);
    }
    unlink(path);
    rmdir(folder);
}

#define HEAD "# mine: a rule\n\n- severity: note\n- message: here{on_object}\n- help: none\n\nWhy.\n\n"
#define EXAMPLES "## Leaks\n```c\nint x; // leak: mine\n```\n## Fixed\n```c\n```\n"

static void test_pages(void **state)
{
    struct fixture *t = *state;

    check_page(t, HEAD EXAMPLES "## Query\n```sql\nSELECT * FROM stuck\n```\n", NULL);
    check_page(t, "# yours: a rule\n", "mine.md:1: expected '# mine: ' and a title");
    check_page(t, "# mine: a rule\n- severity: bad\n", "mine.md:2: severity is error, warning or note");
    check_page(t, "# mine: a rule\n- message: a [b]\n", "mine.md:2: a message holds no '['");
    check_page(t, HEAD "## Leaks\n```c\nint x;\n```\n", "mine.md:12: no line is marked '// leak: mine'");
    check_page(t, HEAD EXAMPLES, "mine.md:15: a rule needs the sections Leaks, Fixed and Query");
    check_page(t, HEAD EXAMPLES "## Query\n```sql\nSELECT lorem FROM stuck\n```\n",
               "mine.md:18: no such column: lorem");
    check_page(t, HEAD EXAMPLES "## Query\n```sql\nSELECT fact FROM stuck\n```\n",
               "mine.md:18: no column for {on_object}");
    check_page(t, HEAD EXAMPLES "## Query\n```sql\nDELETE FROM facts\n```\n",
               "mine.md:18: a query only reads");
    check_page(t, HEAD EXAMPLES "## Query\n```sql\nSELECT * FROM stuck\n",
               "mine.md:18: a fence without an end");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_channels), TEST(test_locks_and_waits), TEST(test_callers), TEST(test_faults),
        TEST(test_secondary_is_silent), TEST(test_partition), TEST(test_shortest_schedule_wins),
        TEST(test_corrupt_file_is_rebuilt), TEST(test_unwritable_folder_is_done_without),
        TEST(test_what_is_not_ours_stays),
        TEST(test_pages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
