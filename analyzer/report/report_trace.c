/* Which steps of a schedule a person needs, in the order of time. */
#include "report_trace.h"

#include <inttypes.h>
#include <string.h>

enum { NOTES_WANTED = 8, NOTES_MOST = 12, NOTES_NEEDED = 3 };

bool same_site(const struct site *a, const struct site *b)
{
    return a->file && b->file && a->line == b->line && a->col == b->col && !strcmp(a->file, b->file);
}

/* ASSUMED: what decides that it happens at all; without it nobody believes the rest. */
enum weight { WEIGHT_NONE, WEIGHT_LOW, WEIGHT_MIDDLE, WEIGHT_ASSUMED, WEIGHT_HIGH };

/* What is known of a task of the schedule. */
struct part {
    bool stuck;         /* ends blocked */
    bool touches;       /* uses an object somebody is stuck on */
    bool wakes;         /* did what the finding's task waits for */
    bool counts;        /* it touches, is the root, started the finding's task, ...: what it assumes matters */
    bool done;          /* with a wait group */
    bool gone;          /* has returned */
};

struct choice {
    const struct finding *finding;
    struct arena         *arena;
    enum weight          *weights;  /* by step */
    uint32_t             *into;     /* by step: the step that tells it, often itself */
    bool                 *kept;     /* by step: a lock its task does not give back */
    struct part          *parts;    /* by task */
    uint32_t              tasks;
    uint32_t              leaving;  /* step: the return of who was needed, or FLOW_NONE */
    bool                  all;      /* every step is told */
};

/* ---- what the schedule is about ------------------------------------------------ */

/* Locks and the like: several lie in one object, told apart by their offset. */
static bool has_offset(const struct finding_step *s)
{
    switch ((enum step_kind)s->kind) {
    case STEP_LOCK: case STEP_UNLOCK: case STEP_RDLOCK: case STEP_RDUNLOCK: case STEP_QUEUE:
    case STEP_WAIT: case STEP_SIGNAL: case STEP_ADD: case STEP_DONE: case STEP_BLOCK:
        return true;
    default:
        return false;
    }
}

/* Objects without a number go by their make site, or by their name. */
bool trace_same_object(const struct finding_step *a, const struct finding_step *b)
{
    if (has_offset(a) && has_offset(b) && a->value != b->value)
        return false;
    if (a->identity && b->identity)
        return a->identity == b->identity;
    if (a->made.file && b->made.file)
        return same_site(&a->made, &b->made);
    return *a->object && !strcmp(a->object, b->object);
}

/* Does the step use what the finding, or another stuck task, waits for? */
static bool is_involved(const struct finding *f, const struct finding_step *s)
{
    if (s->made.file && f->made.file ? same_site(&s->made, &f->made)
                                     : *f->name && !strcmp(s->object, f->name))
        return true;
    for (uint32_t i = 0; i < f->step_count; i++)
        if (f->steps[i].kind == STEP_BLOCK && (f->mutual || f->steps[i].task == f->task)
            && trace_same_object(&f->steps[i], s))
            return true;
    return false;
}

static bool is_lock(const struct finding_step *s)
{
    return s->kind == STEP_LOCK || s->kind == STEP_RDLOCK;
}

/* A task that waits on a condition gives its mutex back, and takes it again after. */
static bool is_after_wait(const struct finding_step *s)
{
    return !strncmp(s->word, "cond", 4);
}

static bool gives_back(const struct finding_step *s, const struct finding_step *lock)
{
    return s->task == lock->task
        && (s->kind == STEP_UNLOCK || s->kind == STEP_RDUNLOCK) && trace_same_object(s, lock);
}

static bool is_kept(const struct finding *f, uint32_t lock)
{
    if (!is_lock(&f->steps[lock]) || is_after_wait(&f->steps[lock]))
        return false;
    for (uint32_t i = lock + 1; i < f->step_count; i++)
        if (gives_back(&f->steps[i], &f->steps[lock]))
            return false;
    return true;
}

/* Who has the lock that step s waits for. */
static uint32_t holder_of(const struct choice *c, const struct finding_step *s)
{
    const struct finding_step *held = s->since < c->finding->step_count ? &c->finding->steps[s->since] : NULL;

    return !held || (held->task == s->task && !strcmp(s->word, "rdlock")) ? FLOW_NONE : held->task;
}

/* Did the task of step s, or its peer, do what the finding's task waits for? */
static bool is_wake(const struct finding *f, const struct finding_step *s, bool peer)
{
    bool send = !strncmp(f->word, "send", 4), recv = !strcmp(f->word, "recv");

    if (s->kind == STEP_SEND)
        return !(send && !peer) && !(recv && peer);
    if (s->kind == STEP_RECV)
        return !(send && peer) && !(recv && !peer);
    return true;
}

/* Where the object that the finding's task waits for is made; 0: before all steps. */
static uint32_t made_at(const struct finding *f)
{
    for (uint32_t i = 0; i < f->step_count; i++)
        if (f->steps[i].kind == STEP_MAKE && same_site(&f->steps[i].made, &f->made))
            return i;
    return 0;
}

/* Started where the finding's task was, it does the same: the one does not wake the other. */
static bool is_sibling(const struct finding *f, uint32_t task)
{
    for (uint32_t i = 0; i < f->step_count; i++)
        if (f->steps[i].kind == STEP_START && f->steps[i].other == task)
            return same_site(&f->steps[i].at, &f->spawned);
    return false;
}

/* The last return of a task that could have woken the finding's, else of any that is not
 * its like: after it nobody is left who does. Who returned before there was anything to wait for is not it. */
static uint32_t last_return(const struct choice *c)
{
    const struct finding *f = c->finding;
    uint32_t any = FLOW_NONE, waker = FLOW_NONE;

    for (uint32_t i = made_at(f); f->stuck && i < f->step_count; i++) {
        const struct finding_step *s = &f->steps[i];

        if (s->kind != STEP_RETURN || s->task == f->task)
            continue;
        if (!c->parts[s->task].wakes && s->task != 0 && is_sibling(f, s->task))
            continue;
        any = i;
        if (s->task == 0 || c->parts[s->task].wakes)
            waker = i;
    }
    return waker != FLOW_NONE ? waker : any;
}

static bool is_without_done(const struct choice *c, const struct finding_step *s)
{
    return s->kind == STEP_RETURN && s->task != 0 && *c->finding->name
        && c->finding->object == OBJECT_WAIT_GROUP && !c->parts[s->task].done;
}

static void know_tasks(struct choice *c)
{
    const struct finding *f = c->finding;

    for (uint32_t i = 0; i < f->step_count; i++) {
        const struct finding_step *s = &f->steps[i];
        struct part *part = &c->parts[s->task];

        c->kept[i] = is_kept(f, i);
        part->stuck |= s->kind == STEP_BLOCK;
        part->done |= s->kind == STEP_DONE;
        part->gone |= s->kind == STEP_RETURN;
        if (s->kind == STEP_MAKE || s->kind == STEP_START || s->kind == STEP_BLOCK
            || !is_involved(f, s))
            continue;
        part->touches = true;
        part->wakes |= is_wake(f, s, false);
        if (s->other < c->tasks) {
            c->parts[s->other].touches = true;
            c->parts[s->other].wakes |= is_wake(f, s, true);
        }
    }
    c->leaving = last_return(c);
    if (c->leaving != FLOW_NONE)
        c->parts[f->steps[c->leaving].task].counts = true;
    c->parts[0].counts = c->parts[f->task].counts = true;
    /* Who started a task that counts counts: backwards, tasks start after their starters. */
    for (uint32_t i = f->step_count; i-- > 0;) {
        const struct finding_step *s = &f->steps[i];

        c->parts[s->task].counts |= c->parts[s->task].touches || c->parts[s->task].stuck
            || is_without_done(c, s)
            || (s->kind == STEP_START && s->other == f->task);
    }
}

/* ---- what matters ---------------------------------------------------------------- */

static enum weight weigh_start(const struct choice *c, const struct finding_step *s)
{
    const struct part *part = s->other < c->tasks ? &c->parts[s->other] : NULL;

    if (s->other == c->finding->task || (part && part->stuck && c->finding->mutual))
        return WEIGHT_HIGH;
    return part && part->counts ? WEIGHT_MIDDLE : WEIGHT_NONE;
}

static enum weight weigh_return(const struct choice *c, uint32_t at)
{
    const struct finding_step *s = &c->finding->steps[at];

    if (!c->finding->stuck || s->task == c->finding->task)
        return WEIGHT_NONE;
    if (s->task == 0 || at == c->leaving)
        return WEIGHT_HIGH;
    return c->parts[s->task].touches || is_without_done(c, s) ? WEIGHT_MIDDLE : WEIGHT_NONE;
}

static enum weight weigh_lock(const struct choice *c, uint32_t at)
{
    if (!is_involved(c->finding, &c->finding->steps[at]) || is_after_wait(&c->finding->steps[at]))
        return WEIGHT_NONE;
    return c->kept[at] ? WEIGHT_HIGH : c->finding->mutual ? WEIGHT_NONE : WEIGHT_LOW;
}

/* Of the finding's own task the wait is the finding; in a circle it is told with the others'. A
 * writer in line has been told. */
static enum weight weigh_block(const struct choice *c, uint32_t at)
{
    const struct finding *f = c->finding;

    for (uint32_t i = 0; i < at; i++)
        if (f->steps[i].kind == STEP_QUEUE && f->steps[i].task == f->steps[at].task
            && same_site(&f->steps[i].at, &f->steps[at].at))
            return WEIGHT_NONE;
    return f->mutual ? WEIGHT_HIGH : f->steps[at].task == f->task ? WEIGHT_NONE : WEIGHT_MIDDLE;
}

static enum weight weigh(const struct choice *c, uint32_t at)
{
    const struct finding *f = c->finding;
    const struct finding_step *s = &f->steps[at];
    bool involved = is_involved(f, s), counts = c->parts[s->task].counts;

    switch (s->kind) {
    case STEP_START:
        return weigh_start(c, s);
    case STEP_MAKE:
        return same_site(&s->made, &f->made) ? WEIGHT_HIGH : WEIGHT_NONE;
    case STEP_SEND:
    case STEP_RECV:
    case STEP_ADD:
        return involved ? WEIGHT_LOW : WEIGHT_NONE;
    case STEP_WAIT:
        return !involved ? WEIGHT_NONE : s->task == f->task ? WEIGHT_MIDDLE : WEIGHT_LOW;
    case STEP_RECV_CLOSED:
    case STEP_CLOSE:
    case STEP_CANCEL:
    case STEP_DONE:
    case STEP_SIGNAL:
        return involved ? WEIGHT_MIDDLE : WEIGHT_NONE;
    case STEP_QUEUE:
        return !involved ? WEIGHT_NONE : c->parts[s->task].stuck ? WEIGHT_HIGH : WEIGHT_LOW;
    case STEP_LOCK:
    case STEP_RDLOCK:
        return weigh_lock(c, at);
    case STEP_SELECT:
        return involved || s->task == f->task ? WEIGHT_MIDDLE : counts ? WEIGHT_LOW : WEIGHT_NONE;
    case STEP_DEFAULT:
        return involved ? WEIGHT_MIDDLE : counts ? WEIGHT_LOW : WEIGHT_NONE;
    case STEP_TIMEOUT:
        return counts ? WEIGHT_HIGH : WEIGHT_NONE;
    case STEP_UNLOCK:
    case STEP_RDUNLOCK:
    case STEP_WAITED:
        return WEIGHT_NONE;
    case STEP_BRANCH:
    case STEP_CASE:
        return !counts ? WEIGHT_NONE : trace_condition(s, c->arena) ? WEIGHT_ASSUMED : WEIGHT_LOW;
    case STEP_RETURN:
        return weigh_return(c, at);
    case STEP_EXIT:
    case STEP_ABORT:
    case STEP_USE:
    case STEP_ROUND:
        return WEIGHT_HIGH;
    case STEP_BLOCK:
        return weigh_block(c, at);
    }
    return WEIGHT_NONE;
}

/* ---- what need not be said twice ----------------------------------------------------- */

/* Told in one note: what a task does again, what several tasks do in one place. */
static bool is_same(const struct choice *c, const struct finding_step *a, const struct finding_step *b)
{
    if (a->kind != b->kind || !same_site(&a->at, &b->at))
        return false;
    switch (a->kind) {
    case STEP_START:
    case STEP_DONE:
        return true;
    case STEP_RETURN:
        return is_without_done(c, a) == is_without_done(c, b) && a->task != 0 && b->task != 0;
    case STEP_SELECT:
    case STEP_TIMEOUT:
        return a->task == b->task && a->value == b->value;
    default:
        return a->task == b->task;
    }
}

/* The last one tells it; what begins something, the first one. */
static void join_equals(struct choice *c)
{
    const struct finding *f = c->finding;

    for (uint32_t i = 0; i < f->step_count; i++) {
        for (uint32_t j = i; c->weights[i] && j-- > 0;) {
            if (!c->weights[j] || c->into[j] != j || !is_same(c, &f->steps[i], &f->steps[j]))
                continue;
            bool first = f->steps[i].kind == STEP_START || f->steps[i].kind == STEP_MAKE;
            uint32_t stays = first ? j : i, goes = first ? i : j;
            enum weight weight = c->weights[i] > c->weights[j] ? c->weights[i] : c->weights[j];

            for (uint32_t k = 0; k <= i; k++)
                if (c->into[k] == goes)
                    c->into[k] = stays;
            c->weights[stays] = weight;
            break;
        }
    }
}

static uint32_t told_count(const struct choice *c)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < c->finding->step_count; i++)
        count += c->weights[i] != WEIGHT_NONE && c->into[i] == i;
    return count;
}

/* Leave out the lightest steps, of these the earliest, until few are left. */
static void thin_out(struct choice *c)
{
    uint32_t kept = told_count(c);

    for (enum weight w = WEIGHT_LOW; w < WEIGHT_HIGH; w++) {
        uint32_t most = w == WEIGHT_ASSUMED ? NOTES_MOST : NOTES_WANTED;

        for (uint32_t i = 0; i < c->finding->step_count && kept > most; i++) {
            if (c->weights[i] != w || c->into[i] != i)
                continue;
            c->weights[i] = WEIGHT_NONE;
            kept--;
        }
    }
}

/* A schedule of one note says little: who takes part, and what they do. */
static void fill_up(struct choice *c)
{
    const struct finding *f = c->finding;

    if (told_count(c) >= NOTES_NEEDED)
        return;
    for (uint32_t i = 0; i < f->step_count; i++) {
        enum step_kind kind = f->steps[i].kind;

        if (!c->weights[i] && (kind == STEP_START || (kind == STEP_RETURN && f->steps[i].task)))
            c->weights[i] = WEIGHT_LOW;
    }
}

static struct choice choose(const struct finding *f, bool all, struct arena *arena)
{
    struct choice c = { .finding = f, .arena = arena, .tasks = f->task + 1, .all = all };

    for (uint32_t i = 0; i < f->step_count; i++)
        for (uint32_t task = f->steps[i].task, n = 0; n < 2; n++, task = f->steps[i].other)
            if (task != FLOW_NONE && task >= c.tasks)
                c.tasks = task + 1;
    c.weights = ARENA_ARRAY(arena, enum weight, f->step_count);
    c.into = ARENA_ARRAY(arena, uint32_t, f->step_count);
    c.kept = ARENA_ARRAY(arena, bool, f->step_count);
    c.parts = ARENA_ARRAY(arena, struct part, c.tasks);
    know_tasks(&c);
    for (uint32_t i = 0; i < f->step_count; i++) {
        c.into[i] = i;
        c.weights[i] = all ? WEIGHT_HIGH : weigh(&c, i);
    }
    if (all)
        return c;
    fill_up(&c);
    join_equals(&c);
    thin_out(&c);
    return c;
}

/* ---- notes ---------------------------------------------------------------------------- */

/* In their order, each once. */
static void add_task(struct told *t, uint32_t task)
{
    uint32_t at = 0;

    while (at < t->task_count && t->tasks[at] < task)
        at++;
    if (at < t->task_count && t->tasks[at] == task)
        return;
    memmove(&t->tasks[at + 1], &t->tasks[at], (t->task_count++ - at) * sizeof *t->tasks);
    t->tasks[at] = task;
}

/* Two accounts have a 'lock' each: what the code calls them tells them apart. */
static bool is_ambiguous(const struct finding *f, const struct finding_step *s)
{
    for (uint32_t i = 0; i < f->step_count && *s->object && s->identity; i++) {
        const struct finding_step *other = &f->steps[i];

        if (other->identity && has_offset(other) && has_offset(s) && !strcmp(other->object, s->object)
            && !trace_same_object(other, s))
            return true;
    }
    return false;
}

static struct told tell(const struct choice *c, uint32_t at)
{
    const struct finding *f = c->finding;
    const struct finding_step *s = &f->steps[at];
    struct told t = { .finding = f, .step = s, .kept = c->kept[at], .waits = c->parts[s->task].stuck,
                      .without_done = is_without_done(c, s), .ambiguous = is_ambiguous(f, s),
                      .holder = holder_of(c, s),
                      .tasks = ARENA_ARRAY(c->arena, uint32_t, f->step_count) };
    bool unknown = false;

    for (uint32_t i = 0; i < f->step_count; i++) {
        if (c->into[i] != at || !c->weights[i])
            continue;
        add_task(&t, s->kind == STEP_START ? f->steps[i].other : f->steps[i].task);
        t.times += f->steps[i].times;
        t.mixed |= f->steps[i].other != s->other;
        unknown |= f->steps[i].times == 0;
    }
    if (unknown)
        t.times = 0;
    return t;
}

/* The first step of a round says that those that follow belong to it. */
static const char *turn_words(const struct choice *c, uint32_t at)
{
    const struct finding_step *s = &c->finding->steps[at];

    if (!c->all || s->round <= 1 || (at && s[-1].round == s->round + 1))
        return "";
    return s->round == 2 ? ", in turn with the next step"
                         : arena_printf(c->arena, ", in turn with the next %" PRIu32 " steps", s->round - 1);
}

/* Is a task left that has done what the finding's waits for? It is busy then, not gone. */
static bool is_somebody_left(const struct choice *c)
{
    for (uint32_t t = 0; t < c->tasks; t++)
        if (t != c->finding->task && c->parts[t].wakes && !c->parts[t].gone)
            return true;
    return false;
}

static struct trace_note note_of(const struct choice *c, uint32_t at)
{
    const struct finding *f = c->finding;
    const struct finding_step *s = &f->steps[at];
    struct trace_note note = { .at = s->at, .task = s->task, .step = at, .turns = turn_words(c, at) };

    if (s->kind == STEP_MAKE && same_site(&s->made, &f->made)) {
        note.text = trace_made_words(f, c->arena);
    } else {
        struct told told = tell(c, at);

        note.text = arena_printf(c->arena, "%s%s", trace_step_words(&told, c->arena),
                                 at == c->leaving && !is_somebody_left(c) ? trace_missing_words(f, c->arena) : "");
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
        (*notes)[count++] = (struct trace_note){ f->made, FLOW_NONE, FLOW_NONE, trace_made_words(f, arena), "" };
    for (uint32_t i = 0; i < f->step_count; i++)
        if (c.weights[i] && c.into[i] == i && f->steps[i].at.file)
            (*notes)[count++] = note_of(&c, i);
    return count;
}
