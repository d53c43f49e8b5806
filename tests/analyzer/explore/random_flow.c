/* random_flow FIRST COUNT: write COUNT small random programs, from seed FIRST on, and
 * explore each with all reductions, without one of them and without any: the verdicts
 * must be the same. With --print SEED, print the program of a seed.
 *
 * A program is an object that all tasks share - channels, locks, a wait group, a
 * condition, a context - and two to four tasks of one to four statements about it. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flow_text.h"
#include "found.h"

enum { CHANNELS = 3, BODIES = 3, MAX_STATES = 6000 };
enum { LOCKS_AT = 32, RWLOCK_AT = 64, GROUP_AT = 96, CONDITION_AT = 112, FLAG_AT = 128, CONTEXT_AT = 136, SIZE = 160 };

struct writer {
    FILE    *out;
    uint64_t state;
    unsigned line;              /* of the next operation: its name in the verdict */
    unsigned block, variable;
    unsigned closed;            /* channels, a bit each */
    bool     in_main;
};

/* SplitMix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014). */
static unsigned pick(struct writer *w, unsigned choices)
{
    uint64_t z = w->state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (unsigned)((z ^ z >> 31) % choices);
}

static void put(struct writer *w, const char *format, ...)
{
    va_list args;

    fputs("  ", w->out);
    va_start(args, format);
    vfprintf(w->out, format, args);
    va_end(args);
    fprintf(w->out, " at %u:1\n", w->line++);
}

static void put_plain(struct writer *w, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vfprintf(w->out, format, args);
    va_end(args);
}

/* The channel's register, loaded here. */
static unsigned channel(struct writer *w)
{
    unsigned c = pick(w, CHANNELS);

    put_plain(w, "  %%v%u = (load ptr \"struct p.c%u\" (index 1 %%p %u))\n", w->variable, c, c * 8);
    return w->variable++;
}

static void put_select(struct writer *w, const char *word)
{
    unsigned cases = 1 + pick(w, 2);
    static const char *const also[] = { "", "1000" };
    const char *timeout = also[!strcmp(word, "select_timeout")];

    put_plain(w, "  decl $cases\n  zero 64 $cases\n");
    for (unsigned i = 0; i < cases; i++) {
        unsigned v = channel(w);

        if (pick(w, 2))
            put_plain(w, "  store i32 \"struct chan_case.op\" (index 1 $cases %u) 1\n", i * 32);
        put_plain(w, "  store ptr \"struct chan_case.ch\" (index 1 $cases %u) %%v%u\n", i * 32 + 8, v);
        put_plain(w, "  store ptr \"struct chan_case.value\" (index 1 $cases %u) $v\n", i * 32 + 16);
    }
    put(w, "%%r%u = %s $cases %u %s 32 0 8 16 24", w->variable++, word, cases, *timeout ? timeout : "0");
}

static void statement(struct writer *w, unsigned depth);

/* Statements that one outcome of the last operation, or of an unknown condition, skips. */
static void put_if(struct writer *w, const char *condition, unsigned depth)
{
    unsigned b = w->block;

    w->block += 2;
    put_plain(w, "  branch %s b%u b%u\nb%u:\n", condition, b, b + 1, b);
    statement(w, depth + 1);
    put_plain(w, "  jump b%u\nb%u:\n", b + 1, b + 1);
}

static void put_range(struct writer *w, unsigned depth)
{
    unsigned b = w->block, v = channel(w);

    w->block += 3;
    put_plain(w, "  jump b%u\nb%u:\n", b, b);
    put(w, "%%ok%u = recv %%v%u $v \"ch\"", v, v);
    put_plain(w, "  branch %%ok%u b%u b%u\nb%u:\n", v, b + 1, b + 2, b + 1);
    if (depth == 0 && pick(w, 2))
        statement(w, depth + 1);
    put_plain(w, "  jump b%u\nb%u:\n", b, b + 2);
}

static void put_lock(struct writer *w, unsigned depth)
{
    unsigned at = LOCKS_AT + 16 * pick(w, 2);

    put(w, "lock (index 1 %%p %u) \"m\"", at);
    if (pick(w, 4))
        statement(w, depth + 1);
    put(w, "unlock (index 1 %%p %u) \"m\"", at);
}

static void put_try_lock(struct writer *w, unsigned depth)
{
    unsigned at = LOCKS_AT + 16 * pick(w, 2), v = w->variable++, b = w->block;

    w->block += 2;
    put(w, "%%l%u = trylock (index 1 %%p %u) \"m\"", v, at);
    put_plain(w, "  branch %%l%u b%u b%u\nb%u:\n", v, b, b + 1, b);
    statement(w, depth + 1);
    put(w, "unlock (index 1 %%p %u) \"m\"", at);
    put_plain(w, "  jump b%u\nb%u:\n", b + 1, b + 1);
}

static void put_rwlock(struct writer *w, unsigned depth)
{
    const char *word = pick(w, 2) ? "rd" : "wr";

    put(w, "%slock (index 1 %%p %u) \"rw\"", word, RWLOCK_AT);
    if (pick(w, 2))
        statement(w, depth + 1);
    put(w, "%sunlock (index 1 %%p %u) \"rw\"", word, RWLOCK_AT);
}

/* A flag under the first lock: waited for, or set and told. */
static void put_condition(struct writer *w)
{
    unsigned b = w->block;

    put(w, "lock (index 1 %%p %u) \"m\"", LOCKS_AT);
    if (pick(w, 2)) {
        put_plain(w, "  store i32 \"struct p.flag\" (index 1 %%p %u) 1\n", FLAG_AT);
        put(w, "cond_%s (index 1 %%p %u) \"c\"", pick(w, 2) ? "signal" : "broadcast", CONDITION_AT);
    } else {
        w->block += 3;
        put_plain(w, "  jump b%u\nb%u:\n  branch (load i32 \"struct p.flag\" (index 1 %%p %u)) b%u b%u\nb%u:\n", b, b,
                  FLAG_AT, b + 2, b + 1, b + 1);
        put(w, "cond_wait (index 1 %%p %u) (index 1 %%p %u) \"c\"", CONDITION_AT, LOCKS_AT);
        put_plain(w, "  jump b%u\nb%u:\n", b, b + 2);
    }
    put(w, "unlock (index 1 %%p %u) \"m\"", LOCKS_AT);
}

static void put_context(struct writer *w)
{
    unsigned v = w->variable++;

    put_plain(w, "  %%x%u = (load ptr \"struct p.ctx\" (index 1 %%p %u))\n", v, CONTEXT_AT);
    switch (pick(w, 3)) {
    case 0:
        put(w, "ctx_cancel %%x%u \"ctx\"", v);
        break;
    case 1:
        put_plain(w, "  %%d%u = ctx_done %%x%u \"ctx\"\n", v, v);
        put(w, "recv %%d%u 0 \"ctx\"", v);
        break;
    default:
        put(w, "%%e%u = ctx_err %%x%u \"ctx\"", v, v);
        break;
    }
}

/* A loop of unknown conditions: the task rests in its own affairs, now and then. */
static void put_puzzle(struct writer *w, unsigned depth)
{
    unsigned b = w->block, k = w->variable++;

    w->block += 6;
    put_plain(w, "  %%k%u = 0\n  jump b%u\nb%u:\n  branch (unknown i32) b%u b%u\n", k, b, b, b + 1, b + 2);
    put_plain(w, "b%u:\n  %%k%u = (add i32 %%k%u 1)\n  jump b%u\n", b + 1, k, k, b + 2);
    put_plain(w, "b%u:\n  branch (unknown i32) b%u b%u\nb%u:\n  branch (gt i32 %%k%u 1) b%u b%u\nb%u:\n", b + 2, b, b + 3,
              b + 3, k, b + 4, b + 5, b + 4);
    statement(w, depth + 1);
    put_plain(w, "  jump b%u\nb%u:\n", b + 5, b + 5);
}

/* A value received decides. */
static void put_received(struct writer *w, unsigned depth)
{
    put(w, "recv %%v%u $v \"ch\"", channel(w));
    put_if(w, "(eq i32 (load i32 \"$v\" $v) 1)", depth);
}

static void put_send(struct writer *w)
{
    unsigned v = channel(w);

    put_plain(w, "  store i32 \"$v\" $v %u\n", pick(w, 2));
    put(w, "send %%v%u $v \"ch\"", v);
}

/* Mostly one for a channel, lest most programs abort. */
static void put_close(struct writer *w)
{
    unsigned c = pick(w, CHANNELS);

    if ((w->closed >> c & 1) && pick(w, 8)) {
        put_send(w);
        return;
    }
    w->closed |= 1u << c;
    put_plain(w, "  %%v%u = (load ptr \"struct p.c%u\" (index 1 %%p %u))\n", w->variable, c, c * 8);
    put(w, "close %%v%u \"ch\"", w->variable++);
}

static void statement(struct writer *w, unsigned depth)
{
    unsigned shallow = depth < 2;

    switch (pick(w, shallow ? 22 : 11)) {
    case 0: case 1: case 2:   put_send(w);                                      break;
    case 3: case 4:           put(w, "recv %%v%u $v \"ch\"", channel(w));        break;
    case 5:                   put_close(w);                                     break;
    case 6:                   put_select(w, "select");                          break;
    case 7:                   put_select(w, "poll");                            break;
    case 8:                   put_select(w, "select_timeout");                  break;
    case 9:                   put(w, "wg_done (index 1 %%p %u) \"wg\"", GROUP_AT); break;
    case 10:                  put_context(w);                                   break;
    case 11: case 12:         put_lock(w, depth);                               break;
    case 13:                  put_try_lock(w, depth);                           break;
    case 14:                  put_rwlock(w, depth);                             break;
    case 15:                  put_condition(w);                                 break;
    case 16:                  put_if(w, "(unknown i32)", depth);                break;
    case 17:                  put_range(w, depth);                              break;
    case 18:                  put_received(w, depth);                           break;
    case 19:                  put_puzzle(w, depth);                             break;
    case 20:                  put(w, "wg_wait (index 1 %%p %u) \"wg\"", GROUP_AT); break;
    default:                  put_plain(w, pick(w, 2) ? "  yield\n" : "  sleep 1\n"); break;
    }
}

static void put_body(struct writer *w, unsigned statements)
{
    for (unsigned i = 0; i < statements; i++)
        statement(w, 0);
    put_plain(w, "  return%s\n", w->in_main ? " 0" : "");
}

static void put_head(struct writer *w, const char *head)
{
    put_plain(w, "func %s\n  slot $v 4\n  slot $cases 64\nb0:\n  decl $v\n", head);
    w->block = 1;
    w->variable = 0;
}

static void put_main(struct writer *w, unsigned bodies)
{
    unsigned tasks = 1 + pick(w, 3);

    put_head(w, "@main()");
    put(w, "%%p = zalloc 1 %u", SIZE);
    for (unsigned c = 0; c < CHANNELS; c++) {
        put(w, "%%c%u = make 4 %u \"c%u\"", c, pick(w, 5) * 2 / 4, c);
        put_plain(w, "  store ptr \"struct p.c%u\" (index 1 %%p %u) %%c%u\n", c, c * 8, c);
    }
    put_plain(w, "  %%bg = ctx_background\n");
    put(w, "%%ctx = %s \"ctx\"", pick(w, 3) ? "ctx_make %bg" : "ctx_make_timeout %bg 1000");
    put_plain(w, "  store ptr \"struct p.ctx\" (index 1 %%p %u) %%ctx\n", CONTEXT_AT);
    put(w, "wg_add (index 1 %%p %u) %u \"wg\"", GROUP_AT, 1 + pick(w, 2));
    for (unsigned t = 0; t < tasks; t++)
        put(w, "spawn @body%u %%p \"task\"", pick(w, bodies));
    w->in_main = true;
    put_body(w, pick(w, 4));
}

static char *write_program(uint64_t seed)
{
    char *text = NULL, head[32];
    size_t size = 0;
    struct writer w = { .out = open_memstream(&text, &size), .state = seed, .line = 1 };
    unsigned bodies = 1 + pick(&w, BODIES);

    put_plain(&w, "file \"random.c\"\n");
    for (unsigned b = 0; b < bodies; b++) {
        snprintf(head, sizeof head, "@body%u(%%p ptr)", b);
        put_head(&w, head);
        put_body(&w, 1 + pick(&w, 3));
    }
    put_main(&w, bodies);
    fclose(w.out);
    return text;
}

static bool check(uint64_t seed, uint64_t *states, uint64_t *all)
{
    static struct found reduced, full;
    struct arena *arena = arena_new();
    char *text = write_program(seed), name[40];
    const char *error;
    struct flow *flow;
    bool good = false;

    snprintf(name, sizeof name, "seed %llu", (unsigned long long)seed);
    flow = flow_read(text, name, arena, &error);
    if (flow)
        good = find_alike(flow, name, MAX_STATES, &reduced, &full);
    else
        printf("%s\n", error);
    if (flow && !full.cut) {
        *states += reduced.states;
        *all += full.states;
    }
    arena_free(arena);
    free(text);
    return good;
}

int main(int argc, char **argv)
{
    uint64_t first, count, states = 0, all = 0;
    bool good = true;

    if (argc == 3 && !strcmp(argv[1], "--print")) {
        char *text = write_program(strtoull(argv[2], NULL, 10));

        fputs(text, stdout);
        free(text);
        return 0;
    }
    if (argc != 3)
        return 2;
    first = strtoull(argv[1], NULL, 10);
    count = strtoull(argv[2], NULL, 10);
    for (uint64_t i = 0; i < count; i++)
        good &= check(first + i, &states, &all);
    printf("%llu programs from seed %llu: %llu states of %llu\n", (unsigned long long)count,
           (unsigned long long)first, (unsigned long long)states, (unsigned long long)all);
    return !good;
}
