/* A schedule as lanes in HTML: a grid with a column for each task and a row for each step, one below the other. Between
 * two lanes is a gap, where arrows run: an arrow goes down the gap beside the lane it begins in, and in the row it ends
 * in across to the other lane; nothing else stands there, as a row is one step. It is all style: text wraps as it
 * must, rows are as high as they become, and nothing has to be measured. */
#include "report_page.h"

#include <inttypes.h>

#include "lanes.h"
#include "report_escape.h"

enum { HUES = 6, TRACKS = 4 };

uint32_t page_hue(uint32_t task)
{
    return task == FLOW_NONE ? 0 : task % HUES;
}

/* Of what is only shown with every step. */
static const char *minor(bool matters)
{
    return matters ? "" : " minor";
}

/* Grid lines count from 1; the first row has the root's head. */
static uint32_t grid_row(uint32_t row)
{
    return row + 2;
}

static uint32_t grid_column(uint32_t lane)
{
    return 2 * lane + 1;
}

static void print_head(const struct report *r, const struct lanes *l, uint32_t at)
{
    const struct lane *lane = &l->lanes[at];

    fprintf(r->out, "<div class=\"head t%" PRIu32 "%s\" style=\"grid-area:%" PRIu32 "/%" PRIu32 "\"><b>", page_hue(lane->task), minor(lane->matters),
            lane->task ? grid_row(lane->first) : 1, grid_column(at));
    xml_print(lane->name, r->out);
    fputs("</b>", r->out);
    if (lane->entry && *lane->entry) {
        fputs(" <span>", r->out);
        xml_print(lane->entry, r->out);
        fputs("</span>", r->out);
    }
    fputs("</div>\n", r->out);
}

static void print_line(const struct report *r, const char *class, uint32_t at, const struct lane *lane, uint32_t from, uint32_t to)
{
    fprintf(r->out, "<i class=\"life %s t%" PRIu32 "%s\" style=\"grid-area:%" PRIu32 "/%" PRIu32 "/%" PRIu32 "\" aria-hidden=\"true\"></i>\n",
            class, page_hue(lane->task), minor(lane->matters), from, grid_column(at), to);
}

/* From its start to its return, or for ever: down to the mark below all steps. */
static void print_life(const struct report *r, const struct lanes *l, uint32_t at)
{
    const struct lane *lane = &l->lanes[at];
    uint32_t first = lane->task ? grid_row(lane->first) : 1, end = grid_row(l->row_count);

    if (lane->blocked == FLOW_NONE) {
        print_line(r, lane->returns ? "returns" : "lives", at, lane, first, grid_row(lane->last) + 1);
        return;
    }
    print_line(r, "lives", at, lane, first, grid_row(lane->blocked) + 1);
    print_line(r, "blocked", at, lane, grid_row(lane->blocked), end + 1);
    fprintf(r->out, "<div class=\"end\" style=\"grid-area:%" PRIu32 "/%" PRIu32 "\">blocked for ever</div>\n", end, grid_column(at));
}

static const struct {
    const char *class, *words;
} looks[] = {
    [ARROW_SPAWN] = { "spawn", "starts" },
    [ARROW_VALUE] = { "value", "hands a value over" },
    [ARROW_MEET] = { "meet", "one sends, the other receives" },
    [ARROW_CLOSE] = { "close", "closes or cancels what the other then finds closed" },
    [ARROW_LOCK] = { "lock", "unlocks what the other then locks" },
    [ARROW_DONE] = { "done", "lets the other go on" },
    [ARROW_HELD] = { "held", "waits for the one who has the lock" },
};

/* Nothing stands where the one who has a lock goes on: the arrow ends at the lane's line. */
static void print_to_line(const struct report *r, const struct lane_arrow *a)
{
    fprintf(r->out, "<i class=\"arrow %s %s across half%s\" style=\"grid-area:%" PRIu32 "/%" PRIu32 "\" aria-hidden=\"true\"></i>\n",
            looks[a->kind].class, a->from < a->to ? "right" : "left", minor(a->matters), grid_row(a->to_row), grid_column(a->to));
}

static void print_arrow(const struct report *r, const struct lane_arrow *a, uint32_t number)
{
    uint32_t low = a->from < a->to ? a->from : a->to, high = a->from < a->to ? a->to : a->from;
    bool down = a->from_row != a->to_row;

    fprintf(r->out, "<i class=\"arrow %s %s %s k%" PRIu32 "%s\" style=\"grid-area:%" PRIu32 "/%" PRIu32 "/%" PRIu32 "/%" PRIu32
            "\" aria-hidden=\"true\"></i>\n", looks[a->kind].class, a->from < a->to ? "right" : "left",
            down ? "down" : "across", number % TRACKS, minor(a->matters), grid_row(a->from_row), grid_column(low) + 1,
            down ? grid_row(a->to_row) : grid_row(a->from_row) + 1, grid_column(high));
    if (a->kind == ARROW_HELD)
        print_to_line(r, a);
}

static void print_legend(const struct report *r, const struct lanes *l)
{
    fputs("<p class=\"legend\" aria-hidden=\"true\">", r->out);
    for (enum arrow_kind kind = ARROW_SPAWN; kind <= ARROW_HELD; kind++) {
        bool there = false, matters = false;

        for (uint32_t i = 0; i < l->arrow_count; i++) {
            there |= l->arrows[i].kind == kind;
            matters |= l->arrows[i].kind == kind && l->arrows[i].matters;
        }
        if (there)
            fprintf(r->out, "<span class=\"key%s\"><i class=\"arrow across right %s\"></i>%s</span> ", minor(matters),
                    looks[kind].class, looks[kind].words);
    }
    fputs("</p>\n", r->out);
}

static void print_place(const struct report *r, const struct excerpt *excerpt, struct site at)
{
    const char *path = source_path(at.file, r->arena), *name = path, *line = excerpt_line(excerpt, at);

    for (; *path; path++)
        if (*path == '/')
            name = path + 1;
    if (line)
        fprintf(r->out, " <a class=\"at\" href=\"#%s\">", line);
    else
        fputs(" <span class=\"at\">", r->out);
    xml_print(name, r->out);
    fprintf(r->out, ":%" PRIu32 "</%s>", at.line, line ? "a" : "span");
}

static const char *trimmed(const char *line)
{
    while (line && (*line == ' ' || *line == '\t'))
        line++;
    return line;
}

static void print_step(const struct report *r, const struct excerpt *excerpt, const struct lanes *l, uint32_t at)
{
    const struct lane_row *row = &l->rows[at];
    const struct lane *lane = &l->lanes[row->lane];
    const char *code = trimmed(source_line(row->note->at.file, row->note->at.line, r->arena));

    fprintf(r->out, "<li role=\"listitem\" class=\"step t%" PRIu32 "%s%s\" style=\"grid-area:%" PRIu32 "/%" PRIu32
            "\"><span class=\"who\">", page_hue(lane->task), row->ends ? " ends" : "", minor(row->matters), grid_row(at),
            grid_column(row->lane));
    xml_print(lane->name, r->out);
    fputs(": </span>", r->out);
    xml_print(row->text, r->out);
    print_place(r, excerpt, row->note->at);
    if (code && *code) {
        fputs("<code>", r->out);
        xml_print(code, r->out);
        fputs("</code>", r->out);
    }
    fputs("</li>\n", r->out);
    if (row->peer_text) {
        fprintf(r->out, "<li aria-hidden=\"true\" class=\"step peer t%" PRIu32 "%s\" style=\"grid-area:%" PRIu32 "/%" PRIu32 "\">",
                page_hue(l->lanes[row->peer].task), minor(row->matters), grid_row(at), grid_column(row->peer));
        xml_print(row->peer_text, r->out);
        fputs("</li>\n", r->out);
    }
}

/* Where only what matters is shown, tasks of which nothing does have columns of no width. */
static void print_columns(const struct report *r, const struct lanes *l, const char *name, bool all)
{
    fprintf(r->out, "--%s:minmax(var(--lane),1fr)", name);
    for (uint32_t i = 1; i < l->lane_count; i++)
        fputs(all || l->lanes[i].matters ? " var(--gap) minmax(var(--lane),1fr)" : " 0 0", r->out);
    putc(';', r->out);
}

/* The last row, where lanes end that wait for ever, has to be there for lines to go to. */
void page_lanes(const struct report *r, const struct finding *f, const struct excerpt *excerpt)
{
    struct lanes l = lanes_of(f, r->arena);

    if (!l.row_count)
        return;
    fputs("<h3>Schedule</h3>\n", r->out);
    if (!l.all)
        fputs("<p class=\"remark\">The schedule is long: these are the steps that matter.</p>\n", r->out);
    fprintf(r->out, "<div class=\"lanes\" role=\"region\" tabindex=\"0\" aria-label=\"schedule: a column for each task, time goes downwards\" "
            "style=\"--lanes:%" PRIu32 ";", l.lane_count);
    print_columns(r, &l, "all", true);
    print_columns(r, &l, "few", false);
    fputs("\">\n", r->out);
    for (uint32_t i = 0; i < l.lane_count; i++) {
        print_life(r, &l, i);
        print_head(r, &l, i);
    }
    for (uint32_t i = 0; i < l.arrow_count; i++)
        print_arrow(r, &l.arrows[i], i);
    fputs("<ol role=\"list\">\n", r->out);
    for (uint32_t i = 0; i < l.row_count; i++)
        print_step(r, excerpt, &l, i);
    fputs("</ol>\n</div>\n", r->out);
    print_legend(r, &l);
}
