/* Findings as a compiler would say them, and the summary of a run. */
#include "report.h"

#include <inttypes.h>

enum paint { PAINT_PLACE, PAINT_ERROR, PAINT_WARNING, PAINT_NOTE, PAINT_HELP, PAINT_CARET, PAINT_OFF };

static const char *paint(const struct report *r, enum paint paint)
{
    static const char *const codes[] = {
        [PAINT_PLACE] = "\033[1m", [PAINT_ERROR] = "\033[1;31m", [PAINT_WARNING] = "\033[1;35m",
        [PAINT_NOTE] = "\033[1;36m", [PAINT_HELP] = "\033[1;32m", [PAINT_CARET] = "\033[1;32m",
        [PAINT_OFF] = "\033[0m",
    };

    return r->color ? codes[paint] : "";
}

static void print_place(const struct report *r, struct site at)
{
    fprintf(r->out, "%s%s:%" PRIu32 ":%" PRIu32 ":%s ", paint(r, PAINT_PLACE),
            source_path(at.file, r->arena), at.line, at.col, paint(r, PAINT_OFF));
}

static void print_word(const struct report *r, enum paint color, const char *word)
{
    fprintf(r->out, "%s%s:%s ", paint(r, color), word, paint(r, PAINT_OFF));
}

/* The source line, and a caret under the column. */
static void print_source(const struct report *r, struct site at)
{
    const char *line = source_line(at.file, at.line, r->arena);

    if (!line)
        return;
    fprintf(r->out, "%5" PRIu32 " | %s\n      | ", at.line, line);
    for (uint32_t i = 0; i + 1 < at.col && line[i]; i++)
        if (((unsigned char)line[i] & 0xc0) != 0x80)        /* not inside a UTF-8 sequence */
            putc(line[i] == '\t' ? '\t' : ' ', r->out);
    fprintf(r->out, "%s^%s\n", paint(r, PAINT_CARET), paint(r, PAINT_OFF));
}

static void print_finding(const struct report *r, const struct finding *f)
{
    static const enum paint colors[] = { PAINT_ERROR, PAINT_WARNING, PAINT_NOTE };
    struct trace_note *notes;
    uint32_t count = trace_notes(f, r->full_trace, r->arena, &notes);

    print_place(r, f->at);
    print_word(r, colors[f->severity], severity_name(f->severity));
    fprintf(r->out, "%s [%s]\n", f->message, f->rule);
    print_source(r, f->at);
    for (uint32_t i = 0; i < count; i++) {
        print_place(r, notes[i].at);
        print_word(r, PAINT_NOTE, "note");
        fprintf(r->out, "%s%s\n", notes[i].text, notes[i].turns);
    }
    if (f->confirmed) {
        print_place(r, f->at);
        print_word(r, PAINT_NOTE, "note");
        fprintf(r->out, "confirmed: %s\n", confirmed_words(f, r->arena));
    }
    print_word(r, PAINT_HELP, "help");
    fprintf(r->out, "%s\n", source_relative(f->help, r->arena));
}

void report_text(const struct report *report)
{
    for (uint32_t i = 0; i < report->findings->count; i++) {
        if (i)
            putc('\n', report->out);
        print_finding(report, &report->findings->list[i]);
    }
}

/* ---- summary ------------------------------------------------------------------ */

static const char *plural(uint32_t n)
{
    return n == 1 ? "" : "s";
}

static void print_failed(const struct report *r, FILE *out)
{
    const struct summary *s = r->summary;

    fprintf(out, "; %" PRIu32 " file%s not analysed:", s->failed_count, plural(s->failed_count));
    for (uint32_t i = 0; i < s->failed_count; i++)
        fprintf(out, "%s %s (%s)", i ? "," : "", source_path(s->failed[i].file, r->arena),
                s->failed[i].reason);
}

static void print_gaps(const struct report *r, const struct gap *gaps, uint32_t count, FILE *out)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct gap *g = &gaps[i];

        if (g->line)
            fprintf(out, "%s:%" PRIu32 ":%" PRIu32 ": note: ", source_path(g->file, r->arena),
                    g->line, g->col);
        fprintf(out, "root %s: %s\n", g->root, g->reason);
    }
}

static void print_partial(const struct summary *s, bool coverage, FILE *out)
{
    uint32_t rest = s->partial_roots - s->cut_roots;

    if (s->cut_roots)
        fprintf(out, "; %" PRIu32 " cut", s->cut_roots);
    if (rest)
        fprintf(out, "%s%" PRIu32 " not understood in full", s->cut_roots ? ", " : "; ", rest);
    if (!coverage)
        fputs(", see chanleak check --explain-coverage", out);
}

static void print_silenced(const struct summary *s, FILE *out)
{
    if (s->suppressed)
        fprintf(out, " (%" PRIu32 " suppressed%s", s->suppressed, s->in_baseline ? "" : ")");
    if (s->in_baseline)
        fprintf(out, "%s%" PRIu32 " in the baseline)", s->suppressed ? ", " : " (", s->in_baseline);
}

/* What was mended stays in the baseline until somebody writes it anew, and would hide its return. */
static void print_stale(const struct report *r, FILE *out)
{
    const struct summary *s = r->summary;

    if (s->stale)
        fprintf(out, "chanleak: note: %" PRIu32 " finding%s of '%s' %s found no more (%s%s): chanleak baseline write\n",
                s->stale, plural(s->stale), source_path(s->baseline, r->arena), s->stale == 1 ? "is" : "are",
                s->first_stale, s->stale == 1 ? "" : ", ...");
}

void report_summary(const struct report *r, bool coverage, FILE *out)
{
    const struct summary *s = r->summary;

    if (coverage) {
        print_gaps(r, s->partial, s->partial_count, out);
        print_gaps(r, s->bounded, s->bounded_count, out);
    }
    fprintf(out, "checked %" PRIu32 " of %" PRIu32 " file%s, explored %" PRIu32 " of %" PRIu32 " root%s, %" PRIu32
            " finding%s", s->files - s->failed_count, s->files, plural(s->files),
            s->roots - s->partial_roots, s->roots, plural(s->roots), r->findings->count, plural(r->findings->count));
    print_silenced(s, out);
    fprintf(out, " in %.1f s", s->seconds);
    if (s->partial_roots)
        print_partial(s, coverage, out);
    if (s->failed_count)
        print_failed(r, out);
    putc('\n', out);
    print_stale(r, out);
}
