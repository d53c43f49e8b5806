/* The steps of a schedule in words. */
#include "report_trace.h"

#include <inttypes.h>
#include <string.h>

const char *trace_task_name(const struct finding *finding, uint32_t task, struct arena *arena)
{
    return task == 0 ? finding->root : arena_printf(arena, "T%" PRIu32, task);
}

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
const char *trace_made_words(const struct finding *f, struct arena *arena)
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

/* As the code has it, where the name alone would not say which. */
static const char *lock_name(const struct told *t, const char *otherwise, struct arena *arena)
{
    const char *text = t->ambiguous ? source_argument(t->step->at, arena) : NULL;

    return text ? arena_printf(arena, "'%s'", text) : quoted(t->step, otherwise, arena);
}

static const char *peer(const struct told *t, const char *format, struct arena *arena)
{
    if (t->step->other == FLOW_NONE || t->mixed)
        return "";
    return arena_printf(arena, "%s%s", format, trace_task_name(t->finding, t->step->other, arena));
}

/* 1,000,000 */
static const char *grouped(int64_t n, struct arena *arena)
{
    const char *rest = "";

    for (; n >= 1000; n /= 1000)
        rest = arena_printf(arena, ",%03" PRId64 "%s", n % 1000, rest);
    return arena_printf(arena, "%" PRId64 "%s", n, rest);
}

/* " 3 times" */
static const char *times_words(const struct told *t, struct arena *arena)
{
    const char *comma = t->step->kind == STEP_SELECT || t->step->kind == STEP_BRANCH ? "," : "";

    if (t->times == 1 || t->task_count > 1 || t->kept)
        return "";
    if (t->times == 0)
        return arena_printf(arena, "%s several times", comma);
    return t->times == 2 ? arena_printf(arena, "%s twice", comma)
                         : arena_printf(arena, "%s %s times", comma, grouped(t->times, arena));
}

/* "T1", "T1 and T2", "T1, T2 and T5", "T1 to T6" */
static const char *task_list(const struct told *t, struct arena *arena)
{
    uint32_t n = t->task_count, last = t->tasks[n - 1];
    const char *list = trace_task_name(t->finding, t->tasks[0], arena);

    if (n > 2 && last == t->tasks[0] + n - 1)
        return arena_printf(arena, "%s to T%" PRIu32, list, last);
    for (uint32_t i = 1; i < n; i++)
        list = arena_printf(arena, "%s%s%s", list, i + 1 < n ? ", " : " and ",
                            trace_task_name(t->finding, t->tasks[i], arena));
    return list;
}

static const char *start_words(const struct told *t, struct arena *arena)
{
    const struct finding *f = t->finding;
    bool among = false;

    if (t->task_count == 1)
        return arena_printf(arena, "task T%" PRIu32 " started here", t->tasks[0]);
    for (uint32_t i = 0; i < t->task_count; i++)
        among |= t->tasks[i] == f->task;
    return arena_printf(arena, "tasks %s started here%s", task_list(t, arena),
                        among && f->stuck && !f->mutual
                            ? arena_printf(arena, ", T%" PRIu32 " is the one that waits", f->task) : "");
}

const char *confirmed_words(const struct finding *f, struct arena *arena)
{
    if (!f->confirmed)
        return NULL;
    if (!strncmp(f->confirmed, "trace,", 6))
        return "a run of the program that began along this schedule has shown it";
    return !strcmp(f->confirmed, "trace")
        ? "a run of the program that followed this schedule has shown it"
        : arena_printf(arena, "a run of the program under %s has shown it", f->confirmed);
}

const char *trace_condition(const struct finding_step *s, struct arena *arena)
{
    const char *text = source_span(s->at, s->end_line, s->end_col, arena);

    return text && !strchr(text, '[') ? text : NULL;
}

/* 113, and that it is 'q' */
static const char *case_value(int64_t n, struct arena *arena)
{
    if (n == CASE_DEFAULT)
        return "none of the cases";
    if (n > ' ' && n < 127 && n != '[' && n != '\'')
        return arena_printf(arena, "%" PRId64 " ('%c')", n, (int)n);
    return arena_printf(arena, "%" PRId64, n);
}

const char *trace_assumption(const struct finding_step *s, struct arena *arena)
{
    const char *text = trace_condition(s, arena);
    const char *what = text ? arena_printf(arena, "'%s'", text)
        : s->kind == STEP_CASE ? "what is switched on here" : "this condition";

    return arena_printf(arena, "%s is %s", what, s->kind == STEP_CASE ? case_value(s->value, arena)
                                                 : s->value ? "true" : "false");
}

static const char *branch_words(const struct finding_step *s, struct arena *arena)
{
    return arena_printf(arena, "assuming %s%s", trace_condition(s, arena) ? "" : "that ",
                        trace_assumption(s, arena));
}

static const char *timeout_words(const struct finding_step *s)
{
    return !strcmp(s->word, "recv") ? "the timer fires" : "the timeout fires first";
}

static const char *held_by(const struct told *t, struct arena *arena)
{
    if (t->holder == FLOW_NONE)
        return "";
    if (t->holder == t->step->task)
        return ", which it holds itself";
    return arena_printf(arena, ", which %s holds", trace_task_name(t->finding, t->holder, arena));
}

static const char *block_words(const struct told *t, struct arena *arena)
{
    const struct finding_step *s = t->step;

    if (!strncmp(s->word, "select", 6))
        return "waits in this select for ever";
    if (!strncmp(s->word, "send", 4))
        return arena_printf(arena, "waits for ever to send on %s", quoted(s, "the channel", arena));
    if (!strcmp(s->word, "recv"))
        return arena_printf(arena, "waits for ever to receive from %s",
                            quoted(s, "the channel", arena));
    return arena_printf(arena, "waits for ever for %s%s", lock_name(t, "it", arena), held_by(t, arena));
}

static const char *wait_line_words(const struct told *t, struct arena *arena)
{
    return arena_printf(arena, "waits in line to write under %s%s; new readers wait behind it",
                        lock_name(t, "the lock", arena), held_by(t, arena));
}

/* What the step does, without who and how often. */
static const char *action_words(const struct told *t, struct arena *arena)
{
    const struct finding_step *s = t->step;

    switch (s->kind) {
    case STEP_START:
        return arena_printf(arena, "starts task T%" PRIu32, s->other);
    case STEP_MAKE:
        return arena_printf(arena, "makes %s", quoted(s, "a channel", arena));
    case STEP_SEND:
        return arena_printf(arena, "sends on %s", quoted(s, "the channel", arena));
    case STEP_RECV:
        return arena_printf(arena, "receives from %s", quoted(s, "the channel", arena));
    case STEP_RECV_CLOSED:
        return arena_printf(arena, "finds %s closed", quoted(s, "the channel", arena));
    case STEP_CLOSE:
        return arena_printf(arena, "closes %s", quoted(s, "the channel", arena));
    case STEP_CANCEL:
        return arena_printf(arena, "cancels %s", quoted(s, "the context", arena));
    case STEP_SELECT:
        return arena_printf(arena, "select takes case %" PRId64, s->value);
    case STEP_DEFAULT:
        return "no case is ready, the default is taken";
    case STEP_TIMEOUT:
        return timeout_words(s);
    case STEP_LOCK:
        return arena_printf(arena, "locks %s", lock_name(t, "the lock", arena));
    case STEP_RDLOCK:
        return arena_printf(arena, "locks %s for reading", lock_name(t, "the lock", arena));
    case STEP_UNLOCK:
    case STEP_RDUNLOCK:
        if (!strncmp(s->word, "cond", 4))
            return "gives its mutex back";
        return arena_printf(arena, "unlocks %s", lock_name(t, "the lock", arena));
    case STEP_QUEUE:
        return wait_line_words(t, arena);
    case STEP_WAIT:
        return arena_printf(arena, "begins to wait on %s", quoted(s, "the condition", arena));
    case STEP_SIGNAL:
        return arena_printf(arena, "signals %s", quoted(s, "the condition", arena));
    case STEP_ADD:
        return arena_printf(arena, "adds %s%sto %s", s->amount ? grouped(s->amount, arena) : "",
                            s->amount ? " " : "", quoted(s, "the wait group", arena));
    case STEP_DONE:
        return arena_printf(arena, "%s done with %s", t->task_count > 1 ? "are" : "is",
                            quoted(s, "the wait group", arena));
    case STEP_WAITED:
        return arena_printf(arena, "has waited for %s", quoted(s, "the others", arena));
    case STEP_BRANCH:
    case STEP_CASE:
        return branch_words(s, arena);
    case STEP_RETURN:
        return t->task_count > 1 ? "return" : "returns";
    case STEP_EXIT:
        return "ends the process";
    case STEP_BLOCK:
        return block_words(t, arena);
    case STEP_ABORT:
        return "the program aborts here";
    case STEP_USE:
        return *t->finding->name ? arena_printf(arena, "uses '%s', which is gone by then", t->finding->name)
                                 : "uses it, which is gone by then";
    case STEP_ROUND:
        return "goes round here for ever";
    }
    return "";
}

/* With whom, and what comes of it. */
static const char *outcome_words(const struct told *t, struct arena *arena)
{
    const struct finding_step *s = t->step;

    if (s->kind == STEP_SEND)
        return peer(t, ", received by ", arena);
    if (s->kind == STEP_RECV)
        return peer(t, ", sent by ", arena);
    if (s->kind == STEP_SELECT)
        return peer(t, ", with ", arena);
    if (s->kind == STEP_TIMEOUT && !strncmp(s->word, "select", 6) && s->value >= 0)
        return arena_printf(arena, ", select takes case %" PRId64, s->value);
    if (t->kept)
        return t->waits ? ", and holds it" : ", and never unlocks it";
    if (t->without_done)
        return arena_printf(arena, " without a done on '%s'", t->finding->name);
    return "";
}

const char *trace_step_words(const struct told *t, struct arena *arena)
{
    if (t->step->kind == STEP_START)
        return start_words(t, arena);
    return arena_printf(arena, "%s%s %s%s%s", task_list(t, arena), t->task_count > 1 ? "" : ":",
                        action_words(t, arena), times_words(t, arena), outcome_words(t, arena));
}

/* Whose departure a stuck task would have needed to be otherwise. */
const char *trace_missing_words(const struct finding *f, struct arena *arena)
{
    const char *name = *f->name ? arena_printf(arena, "'%s'", f->name) : "the channel";

    if (!f->stuck || f->mutual || f->secondary || f->object >= OBJECT_WAIT_GROUP)
        return "";
    if (!strncmp(f->word, "send", 4))
        return arena_printf(arena, "; no receiver is left for %s", name);
    if (!strcmp(f->word, "recv"))
        return arena_printf(arena, "; no sender is left for %s", name);
    return "";
}
