/* Both sides of a replay speak of places. A call over several lines has the line of its
 * name here and with gcc, that of its closing parenthesis with clang: so a place is all of
 * the call's lines. */
#include "replay.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report_trace.h"

enum { CALL_LINES = 12 };

/* ---- places ------------------------------------------------------------------- */

/* Parentheses in code: strings and characters left out. */
static int depth_change(const char *text)
{
    int depth = 0;
    char quote = 0;

    for (const char *c = text; *c; c++) {
        if (quote && *c == '\\' && c[1])
            c++;
        else if (quote)
            quote = *c == quote ? 0 : quote;
        else if (*c == '"' || *c == '\'')
            quote = *c;
        else if (*c == '/' && c[1] == '/')
            break;
        else if (*c == '(')
            depth++;
        else if (*c == ')')
            depth--;
    }
    return depth;
}

/* The line on which the call that begins at the site ends. */
static uint32_t last_line(struct site at, struct arena *arena)
{
    int depth = 0;

    for (uint32_t line = at.line; line < at.line + CALL_LINES; line++) {
        const char *text = source_line(at.file, line, arena);

        if (!text)
            break;
        if (line == at.line && at.col && at.col <= strlen(text))
            text += at.col - 1;
        depth += depth_change(text);
        if (depth <= 0)
            return line;
    }
    return at.line;
}

static const char *place(struct site at, struct arena *arena)
{
    if (!at.file || strpbrk(at.file, "\t\n"))
        return "-";
    return arena_printf(arena, "%s:%" PRIu32 "-%" PRIu32, at.file, at.line, last_line(at, arena));
}

/* One path may be relative to a folder that is not known here. */
static bool same_file(const char *known, const char *said, size_t size)
{
    size_t all = strlen(known);

    while (size > 2 && (!strncmp(said, "./", 2) || !strncmp(said, "../", 3))) {
        size_t dots = said[1] == '/' ? 2 : 3;

        said += dots;
        size -= dots;
    }
    return size <= all && !memcmp(known + all - size, said, size)
        && (size == all || known[all - size - 1] == '/');
}

/* Is "file:line" at the beginning of text the call at the site? */
static bool is_place(struct site at, const char *text, struct arena *arena)
{
    size_t size = strcspn(text, " ,\n");
    const char *colon = memrchr(text, ':', size);
    uint32_t line;

    if (!colon || !at.file)
        return false;
    line = (uint32_t)strtoul(colon + 1, NULL, 10);
    return line >= at.line && line <= last_line(at, arena)
        && same_file(at.file, text, (size_t)(colon - text));
}

/* ---- the schedule --------------------------------------------------------------- */

static bool is_told(const struct finding_step *s)
{
    if (s->kind == STEP_UNLOCK && !strncmp(s->word, "cond", 4))      /* is part of the wait */
        return false;
    return s->kind != STEP_MAKE && s->kind != STEP_BRANCH && s->kind != STEP_CASE
        && s->kind != STEP_USE && s->kind != STEP_ROUND;
}

static const char *word_of(enum step_kind kind)
{
    switch (kind) {
    case STEP_START: return "start";
    case STEP_SEND: return "send";
    case STEP_RECV: return "recv";
    case STEP_RECV_CLOSED: return "recv_closed";
    case STEP_CLOSE: return "close";
    case STEP_CANCEL: return "cancel";
    case STEP_SELECT: return "select";
    case STEP_DEFAULT: return "default";
    case STEP_TIMEOUT: return "timeout";
    case STEP_LOCK: return "lock";
    case STEP_UNLOCK: return "unlock";
    case STEP_RDLOCK: return "rdlock";
    case STEP_RDUNLOCK: return "rdunlock";
    case STEP_QUEUE: return "queue";
    case STEP_WAIT: return "wait";
    case STEP_SIGNAL: return "signal";
    case STEP_ADD: return "add";
    case STEP_DONE: return "done";
    case STEP_WAITED: return "waited";
    case STEP_RETURN: return "return";
    case STEP_EXIT: return "exit";
    case STEP_BLOCK: return "block";
    case STEP_ABORT: return "abort";
    case STEP_MAKE: case STEP_BRANCH: case STEP_CASE: case STEP_USE: case STEP_ROUND: break;
    }
    return "";
}

static bool has_case(const struct finding_step *s)
{
    return !strncmp(s->word, "select", 6) || !strcmp(s->word, "poll");
}

/* A select's own timeout is set by the call itself; so is a sleep's. */
static bool has_timer(const struct finding_step *s)
{
    return s->kind == STEP_TIMEOUT && s->made.file;
}

static void write_step(FILE *out, const struct finding_step *s, struct arena *arena)
{
    const char *peer = s->other == FLOW_NONE ? "-" : arena_printf(arena, "%" PRIu32, s->other);
    const char *number = has_case(s) && s->value >= 0
        ? arena_printf(arena, "%" PRId64, s->value) : "-";

    fprintf(out, "%" PRIu32 "\t%s\t%s\t%s\t%s\t%s\n", s->task, word_of(s->kind), peer, number,
            place(s->at, arena), has_timer(s) ? place(s->made, arena) : "-");
}

/* The round that ends with the step comes again. */
static void write_again(FILE *out, const struct finding *f, uint32_t at)
{
    uint32_t first = at, told = 0;

    if (f->steps[at].round != 1 || f->steps[at].times <= 1)
        return;
    while (first && f->steps[first - 1].round == f->steps[first].round + 1)
        first--;
    for (uint32_t i = first; i <= at; i++)
        told += is_told(&f->steps[i]);
    if (told)
        fprintf(out, "again\t%" PRIu32 "\t%" PRId64 "\n", told, f->steps[at].times - 1);
}

struct replay replay_of(const struct finding *f, struct arena *arena)
{
    struct replay r = { .steps = ARENA_ARRAY(arena, uint32_t, f->step_count + 1) };
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    fprintf(out, "root %s\n", strcmp(f->root, "main") ? "-" : "0");
    for (uint32_t i = 0; i < f->step_count; i++) {
        if (is_told(&f->steps[i])) {
            write_step(out, &f->steps[i], arena);
            r.steps[r.count++] = i;
        }
        write_again(out, f, i);
    }
    fclose(out);
    r.text = arena_strdup(arena, text);
    free(text);
    return r;
}

const char *replay_assumption(const struct finding *f, uint32_t at, struct arena *arena)
{
    for (uint32_t i = at < f->step_count ? at : f->step_count; i-- > 0;) {
        const struct finding_step *s = &f->steps[i];
        bool assumes = s->kind == STEP_BRANCH || s->kind == STEP_CASE;

        if (assumes && trace_condition(s, arena))
            return arena_printf(arena, "that %s", trace_assumption(s, arena));
    }
    return NULL;
}

/* ---- what a run shows -------------------------------------------------------------- */

static const char *const abort_words[][2] = {
    { "send_on_closed", "send on closed channel" },
    { "double_close", "close of closed channel" },
    { "close_null", "close of nil channel" },
    { "negative_wait_group", "negative wait group counter" },
    { "unlock_unlocked", "unlock of unlocked mutex" },
    { "unlock_unlocked", "read unlock of rwlock not locked for reading" },
    { "unlock_unlocked", "write unlock of rwlock not locked for writing" },
    { "element_size", "send of a value that has not the channel's element size" },
};
enum { ABORT_WORDS = sizeof abort_words / sizeof *abort_words };

enum replay_sign replay_sign(const struct finding *f)
{
    if (f->stuck)
        return REPLAY_LEAK;
    if (!strcmp(f->kind, "endless") || !strcmp(f->kind, "spinning"))
        return REPLAY_ENDLESS;
    for (uint32_t i = 0; i < ABORT_WORDS; i++)
        if (!strcmp(f->kind, abort_words[i][0]))
            return !strcmp(f->kind, "element_size") && strncmp(f->word, "send", 4) ? REPLAY_NOTHING
                                                                                     : REPLAY_ABORT;
    return REPLAY_NOTHING;
}

/* "leaked task 3 [send, 0.0 s]: at a.c:7 on channel made at ..., spawned at a.c:20" */
static bool shows_leak(const struct finding *f, const char *line, struct arena *arena)
{
    const char *state = strchr(line, '['), *at = strstr(line, "]: at ");
    const char *spawned = strstr(line, " spawned at ");

    if (strncmp(line, "leaked ", 7) || !state)
        return false;
    if (at && is_place(f->operation, at + 6, arena))
        return true;
    return replay_sign(f) == REPLAY_ENDLESS && spawned && f->spawned.file
        && (!at || !strncmp(state, "[sleep", 6)) && is_place(f->spawned, spawned + 12, arena);
}

/* "chanrt: send on closed channel (made at a.c:3, capacity 0) at a.c:9 in task 2 ..." */
static bool shows_abort(const struct finding *f, const char *line, struct arena *arena)
{
    for (uint32_t i = 0; i < ABORT_WORDS; i++) {
        const char *words = abort_words[i][1], *at = line + strlen("chanrt: ");

        if (strcmp(f->kind, abort_words[i][0]) || strncmp(line, "chanrt: ", 8)
            || strncmp(at, words, strlen(words)))
            continue;
        at += strlen(words);
        if (!strncmp(at, " (", 2) && strchr(at, ')'))
            at = strchr(at, ')') + 1;
        if (!strncmp(at, " at ", 4) && is_place(f->operation, at + 4, arena))
            return true;
    }
    return false;
}

static void judge_line(const struct finding *f, const char *line, struct replay_verdict *v,
                       struct arena *arena)
{
    const char *seed = strstr(line, ", first seen with CHANRT_SEED=");
    unsigned step, count;
    bool shown;

    if (!strncmp(line, "chanrt: trace followed, ", 24))
        v->followed = true;
    if (sscanf(line, "chanrt: trace left at step %u of %u", &step, &count) == 2)
        v->left = step;
    shown = replay_sign(f) == REPLAY_ABORT ? shows_abort(f, line, arena)
                                           : shows_leak(f, line, arena);
    if (!shown || v->shown)
        return;
    v->shown = true;
    v->seed = seed ? strtoull(strchr(seed, '=') + 1, NULL, 10) : 0;
}

struct replay_verdict replay_judge(const struct finding *f, const char *output, struct arena *arena)
{
    struct replay_verdict v = { .shown = false };

    while (*output) {
        size_t size = strcspn(output, "\n");

        judge_line(f, arena_printf(arena, "%.*s", (int)size, output), &v, arena);
        output += size + (output[size] == '\n');
    }
    return v;
}
