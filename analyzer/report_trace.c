/* A schedule in words, and which of its steps a person needs. */
#include "report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { NOTES_WANTED = 8 };

const char *trace_task_name(const struct finding *finding, uint32_t task, struct arena *arena)
{
    return task == 0 ? finding->root : arena_printf(arena, "T%" PRIu32, task);
}

static bool same_site(const struct site *a, const struct site *b)
{
    return a->file && b->file && a->line == b->line && a->col == b->col && !strcmp(a->file, b->file);
}

/* ---- words ------------------------------------------------------------------ */

static const char *object_word(enum object_kind kind)
{
    switch (kind) {
    case OBJECT_CHANNEL:
    case OBJECT_NONE:
    case OBJECT_NULL:
    case OBJECT_EXTERNAL:
        return "channel";
    case OBJECT_TIMER:
        return "timer";
    case OBJECT_TICKER:
        return "ticker";
    case OBJECT_CONTEXT:
        return "context";
    case OBJECT_WAIT_GROUP:
        return "wait group";
    case OBJECT_MUTEX:
        return "mutex";
    case OBJECT_RWLOCK:
        return "read-write lock";
    case OBJECT_CONDITION:
        return "condition";
    case OBJECT_ONCE:
        return "once";
    case OBJECT_GROUP:
        return "group";
    }
    return "channel";
}

/* "channel made here, capacity 0" */
static const char *made_words(const struct finding *f, struct arena *arena)
{
    if (f->object == OBJECT_CHANNEL && f->capacity >= 0)
        return arena_printf(arena, "channel made here, capacity %" PRId64, f->capacity);
    if (f->object >= OBJECT_WAIT_GROUP && f->object <= OBJECT_ONCE)
        return arena_printf(arena, "%s declared here", object_word(f->object));
    return arena_printf(arena, "%s made here", object_word(f->object));
}

static const char *quoted(const struct finding_step *s, const char *otherwise, struct arena *arena)
{
    return *s->object ? arena_printf(arena, "'%s'", s->object) : otherwise;
}

static const char *peer(const struct finding *f, const struct finding_step *s, const char *format,
                        struct arena *arena)
{
    if (s->other == FLOW_NONE)
        return "";
    return arena_printf(arena, "%s%s", format, trace_task_name(f, s->other, arena));
}

static const char *branch_words(const struct finding_step *s, struct arena *arena)
{
    const char *text = source_span(s->at, s->end_line, s->end_col, arena);
    const char *truth = s->value ? "true" : "false";

    if (!text || strchr(text, '['))
        return arena_printf(arena, "assuming that this condition is %s", truth);
    return arena_printf(arena, "assuming '%s' is %s", text, truth);
}

static const char *timeout_words(const struct finding_step *s, struct arena *arena)
{
    if (!strncmp(s->word, "select", 6) && s->value >= 0)
        return arena_printf(arena, "the timeout fires first, select takes case %" PRId64, s->value);
    return !strcmp(s->word, "recv") ? "the timer fires" : "the timeout fires first";
}

static const char *block_words(const struct finding_step *s, struct arena *arena)
{
    if (!strncmp(s->word, "select", 6))
        return "waits in this select for ever";
    if (!strncmp(s->word, "send", 4))
        return arena_printf(arena, "waits for ever to send on %s", quoted(s, "the channel", arena));
    if (!strcmp(s->word, "recv"))
        return arena_printf(arena, "waits for ever to receive from %s",
                            quoted(s, "the channel", arena));
    return arena_printf(arena, "waits for ever for %s", quoted(s, "it", arena));
}

/* What the step does, without who. */
static const char *step_words(const struct finding *f, const struct finding_step *s,
                              struct arena *arena)
{
    switch (s->kind) {
    case STEP_START:
        return arena_printf(arena, "starts task T%" PRIu32, s->other);
    case STEP_MAKE:
        return arena_printf(arena, "makes %s", quoted(s, "a channel", arena));
    case STEP_SEND:
        return arena_printf(arena, "sends on %s%s", quoted(s, "the channel", arena),
                            peer(f, s, ", received by ", arena));
    case STEP_RECV:
        return arena_printf(arena, "receives from %s%s", quoted(s, "the channel", arena),
                            peer(f, s, ", sent by ", arena));
    case STEP_RECV_CLOSED:
        return arena_printf(arena, "finds %s closed", quoted(s, "the channel", arena));
    case STEP_CLOSE:
        return arena_printf(arena, "closes %s", quoted(s, "the channel", arena));
    case STEP_CANCEL:
        return arena_printf(arena, "cancels %s", quoted(s, "the context", arena));
    case STEP_SELECT:
        return arena_printf(arena, "select takes case %" PRId64 "%s", s->value,
                            peer(f, s, ", with ", arena));
    case STEP_DEFAULT:
        return "no case is ready, the default is taken";
    case STEP_TIMEOUT:
        return timeout_words(s, arena);
    case STEP_LOCK:
        return arena_printf(arena, "locks %s", quoted(s, "the lock", arena));
    case STEP_UNLOCK:
    case STEP_RDUNLOCK:
        return arena_printf(arena, "unlocks %s", quoted(s, "the lock", arena));
    case STEP_RDLOCK:
        return arena_printf(arena, "locks %s for reading", quoted(s, "the lock", arena));
    case STEP_QUEUE:
        return arena_printf(arena, "waits in line to write under %s, new readers wait behind it",
                            quoted(s, "the lock", arena));
    case STEP_WAIT:
        return arena_printf(arena, "begins to wait on %s", quoted(s, "the condition", arena));
    case STEP_SIGNAL:
        return arena_printf(arena, "signals %s", quoted(s, "the condition", arena));
    case STEP_ADD:
        return arena_printf(arena, "adds to %s", quoted(s, "the wait group", arena));
    case STEP_DONE:
        return arena_printf(arena, "is done with %s", quoted(s, "the wait group", arena));
    case STEP_WAITED:
        return arena_printf(arena, "has waited for %s", quoted(s, "the others", arena));
    case STEP_BRANCH:
        return branch_words(s, arena);
    case STEP_RETURN:
        return "returns";
    case STEP_EXIT:
        return "ends the process";
    case STEP_BLOCK:
        return block_words(s, arena);
    case STEP_ABORT:
        return "the program aborts here";
    }
    return "";
}

/* Whose departure a stuck task would have needed to be otherwise. */
static const char *missing_words(const struct finding *f, struct arena *arena)
{
    const char *name = *f->name ? arena_printf(arena, "'%s'", f->name) : "the channel";

    if (!f->stuck || f->object >= OBJECT_WAIT_GROUP)
        return "";
    if (!strncmp(f->word, "send", 4))
        return arena_printf(arena, "; no receiver is left for %s", name);
    if (!strcmp(f->word, "recv"))
        return arena_printf(arena, "; no sender is left for %s", name);
    return "";
}

/* ---- what matters ------------------------------------------------------------ */

enum weight { WEIGHT_NONE, WEIGHT_LOW, WEIGHT_MIDDLE, WEIGHT_HIGH };

struct choice {
    const struct finding *finding;
    enum weight          *weights;  /* by step */
    bool                 *stuck;    /* by task: ends blocked */
    bool                 *touches;  /* by task: uses an object somebody is stuck on */
    uint32_t              tasks;
    uint32_t              last_return;  /* step, or FLOW_NONE */
};

/* Does the step use what the finding, or another stuck task, waits for? */
static bool is_involved(const struct finding *f, const struct finding_step *s)
{
    if (same_site(&s->made, &f->made))
        return true;
    for (uint32_t i = 0; i < f->step_count; i++)
        if (f->steps[i].kind == STEP_BLOCK && same_site(&f->steps[i].made, &s->made))
            return true;
    /* Objects without a make site go by their name. */
    return !f->made.file && *f->name && !strcmp(s->object, f->name);
}

static enum weight weigh(const struct choice *c, const struct finding_step *s)
{
    const struct finding *f = c->finding;
    bool involved = is_involved(f, s);

    switch (s->kind) {
    case STEP_START:
        return s->other == f->task ? WEIGHT_HIGH
            : s->other < c->tasks && (c->stuck[s->other] || c->touches[s->other]) ? WEIGHT_MIDDLE
            : WEIGHT_NONE;
    case STEP_MAKE:
        return same_site(&s->made, &f->made) ? WEIGHT_HIGH : WEIGHT_NONE;
    case STEP_SEND:
    case STEP_RECV:
    case STEP_ADD:
    case STEP_SIGNAL:
        return involved ? WEIGHT_LOW : WEIGHT_NONE;
    case STEP_RECV_CLOSED:
    case STEP_CLOSE:
    case STEP_CANCEL:
    case STEP_DONE:
    case STEP_WAIT:
    case STEP_QUEUE:
    case STEP_LOCK:
    case STEP_RDLOCK:
        return involved ? WEIGHT_MIDDLE : WEIGHT_NONE;
    case STEP_SELECT:
        return involved || c->touches[s->task] ? WEIGHT_MIDDLE : WEIGHT_NONE;
    case STEP_DEFAULT:
        return WEIGHT_LOW;
    case STEP_TIMEOUT:
        return WEIGHT_HIGH;
    case STEP_UNLOCK:
    case STEP_RDUNLOCK:
    case STEP_WAITED:
        return WEIGHT_NONE;
    case STEP_BRANCH:
        return WEIGHT_MIDDLE;
    case STEP_RETURN:
        return s->task == 0 || c->touches[s->task] ? WEIGHT_HIGH : WEIGHT_NONE;
    case STEP_EXIT:
    case STEP_ABORT:
        return WEIGHT_HIGH;
    case STEP_BLOCK:        /* of the finding's task: that is the finding */
        return s->task == f->task ? WEIGHT_NONE : WEIGHT_MIDDLE;
    }
    return WEIGHT_NONE;
}

/* Leave out the lightest steps, of these the earliest, until few are left. */
static void thin_out(struct choice *c)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < c->finding->step_count; i++)
        kept += c->weights[i] != WEIGHT_NONE;
    for (enum weight w = WEIGHT_LOW; w < WEIGHT_HIGH; w++) {
        for (uint32_t i = 0; i < c->finding->step_count && kept > NOTES_WANTED; i++) {
            if (c->weights[i] != w)
                continue;
            c->weights[i] = WEIGHT_NONE;
            kept--;
        }
    }
}

static struct choice choose(const struct finding *f, bool all, struct arena *arena)
{
    struct choice c = { .finding = f, .last_return = FLOW_NONE, .tasks = 1 };

    for (uint32_t i = 0; i < f->step_count; i++)
        if (f->steps[i].task >= c.tasks)
            c.tasks = f->steps[i].task + 1;
    c.weights = ARENA_ARRAY(arena, enum weight, f->step_count);
    c.stuck = ARENA_ARRAY(arena, bool, c.tasks);
    c.touches = ARENA_ARRAY(arena, bool, c.tasks);
    for (uint32_t i = 0; i < f->step_count; i++) {
        const struct finding_step *s = &f->steps[i];

        if (s->kind == STEP_BLOCK)
            c.stuck[s->task] = true;
        else if (s->kind != STEP_MAKE && s->kind != STEP_START && is_involved(f, s))
            c.touches[s->task] = true;
        if (s->kind == STEP_RETURN && s->task != f->task)
            c.last_return = i;
    }
    for (uint32_t i = 0; i < f->step_count; i++)
        c.weights[i] = all ? WEIGHT_HIGH : weigh(&c, &f->steps[i]);
    thin_out(&c);
    return c;
}

static struct trace_note note_of(const struct choice *c, uint32_t at, struct arena *arena)
{
    const struct finding *f = c->finding;
    const struct finding_step *s = &f->steps[at];
    struct trace_note note = { .at = s->at, .task = s->task };

    if (s->kind == STEP_START) {
        note.text = arena_printf(arena, "task T%" PRIu32 " started here", s->other);
    } else if (s->kind == STEP_MAKE && same_site(&s->made, &f->made)) {
        note.text = made_words(f, arena);
    } else {
        note.text = arena_printf(arena, "%s: %s%s", trace_task_name(f, s->task, arena),
                                 step_words(f, s, arena),
                                 at == c->last_return ? missing_words(f, arena) : "");
    }
    return note;
}

uint32_t trace_notes(const struct finding *f, bool all, struct arena *arena,
                     struct trace_note **notes)
{
    struct choice c = choose(f, all, arena);
    uint32_t count = 0;
    bool made = !f->made.file || !f->stuck;

    *notes = ARENA_ARRAY(arena, struct trace_note, f->step_count + 1);
    for (uint32_t i = 0; i < f->step_count; i++)
        made |= c.weights[i] && f->steps[i].kind == STEP_MAKE
            && same_site(&f->steps[i].made, &f->made);
    if (!made)
        (*notes)[count++] = (struct trace_note){ f->made, FLOW_NONE, made_words(f, arena) };
    for (uint32_t i = 0; i < f->step_count; i++)
        if (c.weights[i] && f->steps[i].at.file)
            (*notes)[count++] = note_of(&c, i, arena);
    return count;
}
