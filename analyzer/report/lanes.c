#include "lanes.h"

#include <string.h>

#include "report_trace.h"

enum { ROWS_MOST = 400 };

struct drawing {
    const struct finding *finding;
    struct arena         *arena;
    struct lanes         *lanes;
    uint32_t             *lane_of;      /* by task; FLOW_NONE */
    uint32_t              tasks;
    bool                 *taken;        /* by row: a send that has been received */
};

static const struct finding_step *step_of(const struct drawing *d, uint32_t row)
{
    uint32_t step = d->lanes->rows[row].note->step;

    return step == FLOW_NONE ? NULL : &d->finding->steps[step];
}

/* ---- who takes part ------------------------------------------------------------------ */

static uint32_t lane_for(struct drawing *d, uint32_t task, uint32_t row)
{
    struct lanes *l = d->lanes;

    if (task >= d->tasks)
        task = 0;
    if (d->lane_of[task] == FLOW_NONE) {
        d->lane_of[task] = l->lane_count;
        l->lanes[l->lane_count++] = (struct lane){
            .task = task, .name = trace_task_name(d->finding, task, d->arena), .first = task ? row : 0,
            .entry = task == d->finding->task && task ? d->finding->entry : "", .blocked = FLOW_NONE,
        };
    }
    return d->lane_of[task];
}

/* The lane of a task that is not the root; NULL: it has none. */
static struct lane *lane_of(const struct drawing *d, uint32_t task)
{
    return task && task < d->tasks && d->lane_of[task] != FLOW_NONE ? &d->lanes->lanes[d->lane_of[task]] : NULL;
}

/* What is started in the same place runs the same function; of others the outermost one they return from, or, when they do
 * not, what is handed to the spawn, by the name it has there. */
static void name_entries(struct drawing *d)
{
    const struct finding *f = d->finding;

    for (uint32_t i = 0; i < f->step_count; i++) {
        const struct finding_step *s = &f->steps[i];
        struct lane *lane = lane_of(d, s->kind == STEP_START ? s->other : s->kind == STEP_RETURN ? s->task : 0);

        if (lane && !*lane->entry && s->kind == STEP_START && same_site(&s->at, &f->spawned))
            lane->entry = f->entry ? f->entry : "";
        else if (lane && !*lane->entry && s->kind == STEP_RETURN)
            lane->entry = s->function ? s->function : "";
    }
    for (uint32_t i = 0; i < f->step_count; i++) {
        struct lane *lane = f->steps[i].kind == STEP_START ? lane_of(d, f->steps[i].other) : NULL;

        if (lane && !*lane->entry)
            lane->entry = f->steps[i].object;
    }
}

/* "T1: sends" stands in T1's lane: "sends" */
static const char *without_who(const struct drawing *d, const struct trace_note *note)
{
    const char *name = trace_task_name(d->finding, note->task, d->arena);
    size_t size = strlen(name);

    return !strncmp(note->text, name, size) && !strncmp(note->text + size, ": ", 2) ? note->text + size + 2 : note->text;
}

static const char *peer_text(const struct finding_step *s, struct arena *arena)
{
    const char *object = *s->object ? arena_printf(arena, "'%s'", s->object) : "it";

    if (s->kind == STEP_SEND)
        return arena_printf(arena, "receives from %s", object);
    if (s->kind == STEP_RECV)
        return arena_printf(arena, "sends on %s", object);
    return "is met by that select";
}

static void fill_row(struct drawing *d, uint32_t at, const struct trace_note *note)
{
    struct lane_row *row = &d->lanes->rows[at];
    const struct finding_step *s;

    row->note = note;
    row->text = note->task == FLOW_NONE ? note->text : without_who(d, note);
    if (*note->turns)
        row->text = arena_printf(d->arena, "%s%s", row->text, note->turns);
    row->lane = lane_for(d, note->task, at);
    row->peer = FLOW_NONE;
    s = step_of(d, at);
    if (!s || s->other == FLOW_NONE || s->other >= d->tasks || s->other == s->task)
        return;
    row->peer = lane_for(d, s->other, at);
    if (s->kind == STEP_START)
        d->lanes->lanes[row->peer].first = at;
    else
        row->peer_text = peer_text(s, d->arena);
}

static void follow_lane(struct drawing *d, uint32_t at)
{
    struct lane_row *row = &d->lanes->rows[at];
    const struct finding_step *s = step_of(d, at);
    struct lane *lane = &d->lanes->lanes[row->lane];

    if (!s)
        return;
    if (s->kind == STEP_BLOCK)
        lane->blocked = at;
    lane->returns |= s->kind == STEP_RETURN;
    if (s->kind == STEP_RETURN || s->kind == STEP_EXIT || s->kind == STEP_ABORT)
        lane->last = at;
    row->ends = s->kind == STEP_BLOCK || s->kind == STEP_ABORT || s->kind == STEP_USE || s->kind == STEP_ROUND;
}

/* ---- who hands over to whom ------------------------------------------------------------- */

static void add_arrow(struct drawing *d, enum arrow_kind kind, uint32_t from_row, uint32_t from, uint32_t to_row, uint32_t to)
{
    struct lanes *l = d->lanes;

    if (from == to)
        return;
    ARENA_PUSH(d->arena, l->arrows, l->arrow_count, l->arrow_capacity) = (struct lane_arrow){
        .kind = kind, .from_row = from_row, .to_row = to_row, .from = from, .to = to,
    };
}

static void add_arrow_between(struct drawing *d, enum arrow_kind kind, uint32_t from_row, uint32_t to_row)
{
    add_arrow(d, kind, from_row, d->lanes->rows[from_row].lane, to_row, d->lanes->rows[to_row].lane);
}

static bool is_kind(const struct finding_step *s, enum step_kind one, enum step_kind other)
{
    return s && (s->kind == one || s->kind == other);
}

/* The first send into the buffer that has not been received: channels are queues. */
static uint32_t oldest_send(const struct drawing *d, uint32_t at)
{
    for (uint32_t i = 0; i < at; i++) {
        const struct finding_step *s = step_of(d, i);

        if (is_kind(s, STEP_SEND, STEP_SEND) && s->other == FLOW_NONE && !d->taken[i] && trace_same_object(s, step_of(d, at)))
            return i;
    }
    return FLOW_NONE;
}

/* The last step before this one that is of one of two kinds, on the same object. */
static uint32_t latest(const struct drawing *d, uint32_t at, enum step_kind one, enum step_kind other)
{
    for (uint32_t i = at; i-- > 0;)
        if (is_kind(step_of(d, i), one, other) && trace_same_object(step_of(d, i), step_of(d, at)))
            return i;
    return FLOW_NONE;
}

static void draw_receive(struct drawing *d, uint32_t at)
{
    uint32_t send = oldest_send(d, at);

    if (send == FLOW_NONE)
        return;
    d->taken[send] = true;
    add_arrow_between(d, ARROW_VALUE, send, at);
}

/* What a select takes without a peer may be a send into a buffer; from a closed channel it receives. */
static void draw_select(struct drawing *d, uint32_t at)
{
    uint32_t close = latest(d, at, STEP_CLOSE, STEP_CANCEL);

    if (close == FLOW_NONE)
        return;
    if (oldest_send(d, at) != FLOW_NONE)
        draw_receive(d, at);
    else
        add_arrow_between(d, ARROW_CLOSE, close, at);
}

/* Whom it wakes goes on by taking its mutex again. */
static void draw_wake(struct drawing *d, uint32_t at)
{
    const struct finding_step *s = step_of(d, at);

    for (uint32_t i = at; i-- > 0;) {
        const struct finding_step *before = step_of(d, i);

        if (is_kind(before, STEP_WAIT, STEP_WAIT) && before->task == s->task)
            return;
        if (is_kind(before, STEP_SIGNAL, STEP_SIGNAL) && before->task != s->task) {
            add_arrow_between(d, ARROW_DONE, i, at);
            return;
        }
    }
}

static void draw_lock(struct drawing *d, uint32_t at)
{
    uint32_t unlock = latest(d, at, STEP_UNLOCK, STEP_RDUNLOCK);

    if (!strncmp(step_of(d, at)->word, "cond", 4))
        draw_wake(d, at);
    else if (unlock != FLOW_NONE)
        add_arrow_between(d, ARROW_LOCK, unlock, at);
}

/* From who waits for a lock to who has it. */
static void draw_held(struct drawing *d, uint32_t at)
{
    const struct finding_step *s = step_of(d, at);
    uint32_t holder = s->since < d->finding->step_count ? d->finding->steps[s->since].task : FLOW_NONE;

    if (holder < d->tasks && d->lane_of[holder] != FLOW_NONE)
        add_arrow(d, ARROW_HELD, at, d->lanes->rows[at].lane, at, d->lane_of[holder]);
}

static void draw_peer(struct drawing *d, uint32_t at)
{
    const struct lane_row *row = &d->lanes->rows[at];
    enum step_kind kind = step_of(d, at)->kind;

    if (kind == STEP_RECV)
        add_arrow(d, ARROW_VALUE, at, row->peer, at, row->lane);
    else
        add_arrow(d, kind == STEP_START ? ARROW_SPAWN : kind == STEP_SEND ? ARROW_VALUE : ARROW_MEET,
                  at, row->lane, at, row->peer);
}

static void draw_arrow(struct drawing *d, uint32_t at)
{
    const struct finding_step *s = step_of(d, at);
    uint32_t from;

    if (!s)
        return;
    if (d->lanes->rows[at].peer != FLOW_NONE)
        draw_peer(d, at);
    else if (s->kind == STEP_RECV)
        draw_receive(d, at);
    else if (s->kind == STEP_SELECT)
        draw_select(d, at);
    else if (s->kind == STEP_RECV_CLOSED && (from = latest(d, at, STEP_CLOSE, STEP_CANCEL)) != FLOW_NONE)
        add_arrow_between(d, ARROW_CLOSE, from, at);
    else if (s->kind == STEP_LOCK || s->kind == STEP_RDLOCK)
        draw_lock(d, at);
    else if (s->kind == STEP_WAITED && (from = latest(d, at, STEP_DONE, STEP_DONE)) != FLOW_NONE)
        add_arrow_between(d, ARROW_DONE, from, at);
    else if (s->kind == STEP_BLOCK || s->kind == STEP_QUEUE)
        draw_held(d, at);
}

/* ---- all of it ------------------------------------------------------------------------------ */

static uint32_t count_tasks(const struct finding *f)
{
    uint32_t tasks = f->task + 1;

    for (uint32_t i = 0; i < f->step_count; i++) {
        if (f->steps[i].task != FLOW_NONE && f->steps[i].task >= tasks)
            tasks = f->steps[i].task + 1;
        if (f->steps[i].other != FLOW_NONE && f->steps[i].other >= tasks)
            tasks = f->steps[i].other + 1;
    }
    return tasks;
}

static void mark_rows(struct drawing *d)
{
    struct trace_note *few;
    uint32_t count = trace_notes(d->finding, false, d->arena, &few);

    for (uint32_t i = 0; i < d->lanes->row_count; i++) {
        struct lane_row *row = &d->lanes->rows[i];

        row->matters = row->ends || row->note->step == FLOW_NONE;
        for (uint32_t k = 0; k < count; k++)
            row->matters |= few[k].step == row->note->step;
    }
}

static void mark_lanes(struct lanes *l)
{
    l->lanes[0].matters = true;
    for (uint32_t i = 0; i < l->row_count; i++) {
        const struct lane_row *row = &l->rows[i];

        l->lanes[row->lane].matters |= row->matters;
        if (row->matters && row->peer != FLOW_NONE)
            l->lanes[row->peer].matters = true;
    }
}

/* What a step that matters is handed, or hands over, matters; so does the start of a task that does something. That
 * may be done by a task of which nothing has mattered so far: backwards, as tasks start after their starters. */
static void mark_what_matters(struct drawing *d)
{
    struct lanes *l = d->lanes;

    mark_rows(d);
    for (uint32_t i = 0; i < l->arrow_count; i++) {
        struct lane_arrow *a = &l->arrows[i];

        a->matters = a->kind != ARROW_SPAWN && (l->rows[a->from_row].matters || l->rows[a->to_row].matters);
    }
    for (uint32_t i = 0; i < l->arrow_count; i++)
        if (l->arrows[i].matters)
            l->rows[l->arrows[i].from_row].matters = l->rows[l->arrows[i].to_row].matters = true;
    mark_lanes(l);
    for (uint32_t i = l->arrow_count; i-- > 0;) {
        struct lane_arrow *a = &l->arrows[i];

        if (a->kind != ARROW_SPAWN || !(l->lanes[a->to].matters || l->rows[a->from_row].matters))
            continue;
        a->matters = l->rows[a->from_row].matters = l->lanes[a->from].matters = l->lanes[a->to].matters = true;
    }
}

struct lanes lanes_of(const struct finding *f, struct arena *arena)
{
    struct lanes l = { .all = true };
    struct drawing d = { .finding = f, .arena = arena, .lanes = &l, .tasks = count_tasks(f) };
    struct trace_note *notes;
    uint32_t count = trace_notes(f, true, arena, &notes);

    if (count > ROWS_MOST) {
        l.all = false;
        count = trace_notes(f, false, arena, &notes);
    }
    l.lanes = ARENA_ARRAY(arena, struct lane, d.tasks);
    l.rows = ARENA_ARRAY(arena, struct lane_row, count);
    d.lane_of = ARENA_ARRAY(arena, uint32_t, d.tasks);
    d.taken = ARENA_ARRAY(arena, bool, count);
    memset(d.lane_of, 0xff, d.tasks * sizeof *d.lane_of);       /* FLOW_NONE */
    lane_for(&d, 0, 0);
    for (; l.row_count < count; l.row_count++)
        fill_row(&d, l.row_count, &notes[l.row_count]);
    for (uint32_t i = 0; i < l.lane_count; i++)
        l.lanes[i].last = count ? count - 1 : 0;
    for (uint32_t i = 0; i < count; i++)
        follow_lane(&d, i);
    name_entries(&d);
    for (uint32_t i = 0; i < count; i++)
        draw_arrow(&d, i);
    mark_what_matters(&d);
    return l;
}
