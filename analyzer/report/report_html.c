/* One page for a browser or for paper: nothing is fetched, and it is read without its script, too. With it one
 * finding is shown at a time, found by rule, file and words (report.js); on paper all that the filter leaves. */
#include "report_page.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "embedded.h"
#include "report_escape.h"

enum { PICTURE_LINES_MOST = 400 };      /* of DOT: a larger picture shows nobody anything */

/* ---- words -------------------------------------------------------------------------- */

static void print_words(const struct report *r, const char *format, const char *text)
{
    const char *hole = strstr(format, "{}");

    fwrite(format, 1, (size_t)(hole - format), r->out);
    xml_print(text, r->out);
    fputs(hole + 2, r->out);
}

static const char *place_words(const struct report *r, const struct finding *f)
{
    return f->at.file ? arena_printf(r->arena, "%s:%" PRIu32 ":%" PRIu32, source_path(f->at.file, r->arena), f->at.line, f->at.col)
                      : "";
}

static const char *embedded(const char *name)
{
    for (const struct embedded *e = embedded_page; e->name; e++)
        if (!strcmp(e->name, name))
            return e->text;
    return "";
}

static const char *id_of(const struct report *r, const struct finding *f)
{
    return arena_printf(r->arena, "f%zu", (size_t)(f - r->findings->list) + 1);
}

/* ---- what there is to choose from -------------------------------------------------------- */

typedef const char *(*key_of)(const struct report *report, const struct finding *finding);

static const char *rule_key(const struct report *r, const struct finding *f)
{
    (void)r;
    return f->rule;
}

static const char *file_key(const struct report *r, const struct finding *f)
{
    return source_path(f->at.file, r->arena);
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void print_choice(const struct report *r, const char *id, const char *label, const char *all, key_of key)
{
    uint32_t count = r->findings->count;
    const char **keys = ARENA_ARRAY(r->arena, const char *, count + 1);

    for (uint32_t i = 0; i < count; i++)
        keys[i] = key(r, &r->findings->list[i]);
    if (count)
        qsort(keys, count, sizeof *keys, compare_texts);
    fprintf(r->out, "<label>%s<select id=\"%s\"><option value=\"\">%s</option>", label, id, all);
    for (uint32_t i = 0, next; i < count; i = next) {
        for (next = i; next < count && !strcmp(keys[i], keys[next]); next++)
            continue;
        print_words(r, "<option value=\"{}\">", keys[i]);
        xml_print(keys[i], r->out);
        fprintf(r->out, " (%" PRIu32 ")</option>", next - i);
    }
    fputs("</select></label>\n", r->out);
}

static void print_filter(const struct report *r)
{
    fputs("<form id=\"filter\" role=\"search\" aria-label=\"filter the findings\">\n", r->out);
    print_choice(r, "rule", "Rule", "all rules", rule_key);
    print_choice(r, "file", "File", "all files", file_key);
    fputs("<label>Words<input id=\"words\" type=\"search\" autocomplete=\"off\"></label>\n"
          "<label class=\"tick\"><input id=\"every\" type=\"checkbox\"> every step of the schedules</label>\n"
          "<p id=\"shown\" role=\"status\" aria-live=\"polite\"></p>\n</form>\n", r->out);
}

/* ---- list --------------------------------------------------------------------------------- */

static void print_entry(const struct report *r, const struct finding *f)
{
    fprintf(r->out, "<li><a href=\"#%s\" data-rule=\"", id_of(r, f));
    xml_print(f->rule, r->out);
    print_words(r, "\" data-file=\"{}\">", file_key(r, f));
    fprintf(r->out, "<span class=\"severity %s\">%s</span> <span class=\"rule\">", severity_name(f->severity), severity_name(f->severity));
    print_words(r, "{}</span>", f->rule);
    print_words(r, "<span class=\"place\">{}</span>", place_words(r, f));
    print_words(r, "<span class=\"words\">{}</span></a></li>\n", f->message);
}

static bool is_pictured(const struct report *r, const struct report_program *p)
{
    for (uint32_t i = 0; i < r->findings->count; i++)
        if (r->findings->list[i].program == p->row)
            return true;
    return false;
}

static bool has_gaps(const struct report *r)
{
    return r->summary->failed_count || r->summary->partial_count;
}

static void print_list(const struct report *r)
{
    fputs("<nav aria-label=\"findings\">\n", r->out);
    print_filter(r);
    fputs("<ul id=\"list\">\n", r->out);
    for (uint32_t i = 0; i < r->findings->count; i++)
        print_entry(r, &r->findings->list[i]);
    fputs("</ul>\n<ul class=\"others\">\n", r->out);
    if (has_gaps(r))
        fputs("<li><a href=\"#gaps\">What was not looked at</a></li>\n", r->out);
    for (uint32_t i = 0; i < r->program_count; i++)
        if (is_pictured(r, &r->programs[i])) {
            fprintf(r->out, "<li><a href=\"#p%" PRIu32 "\">", i + 1);
            print_words(r, "Program {}</a></li>\n", source_relative(r->programs[i].name, r->arena));
        }
    fputs("</ul>\n</nav>\n", r->out);
}

/* ---- one finding ---------------------------------------------------------------------------- */

/* The prose of a rule's page: between the list of its properties and the first example. */
static void print_prose(const struct report *r, const struct rule *rule)
{
    const char *text = strstr(rule->text, "\n\n"), *end;

    text = text ? strstr(text + 2, "\n\n") : NULL;
    end = text ? strstr(text, "\n## ") : NULL;
    for (const char *next; text && text < end; text = next) {
        text += strspn(text, "\n");
        next = strstr(text, "\n\n");
        if (!next || next > end)
            next = end;
        if (next > text) {
            fputs("<p>", r->out);
            page_prose(r, arena_printf(r->arena, "%.*s", (int)(next - text), text));
            fputs("</p>\n", r->out);
        }
    }
}

static void print_rule(const struct report *r, const struct finding *f)
{
    const struct rule *rule = rules_find(r->rules, f->rule);

    if (!rule)
        return;
    print_words(r, "<details><summary>About {}", rule->name);
    print_words(r, ": {}</summary>\n", rule->title);
    print_prose(r, rule);
    print_words(r, "<p><code>chanleak explain {}</code> shows an example and its repair.</p></details>\n", rule->name);
}

static void print_program_link(const struct report *r, const struct finding *f)
{
    for (uint32_t i = 0; i < r->program_count; i++)
        if (r->programs[i].row == f->program) {
            fprintf(r->out, "<p class=\"picture\"><a href=\"#p%" PRIu32 "\">", i + 1);
            print_words(r, "Who starts, sends, receives and closes in program {}</a></p>\n",
                        source_relative(r->programs[i].name, r->arena));
            return;
        }
}

static void print_finding(const struct report *r, const struct finding *f)
{
    const char *id = id_of(r, f);
    struct excerpt *excerpt = excerpt_of(r, f, id);

    fprintf(r->out, "<article id=\"%s\" class=\"finding\" aria-labelledby=\"%s-title\">\n<h2 id=\"%s-title\" tabindex=\"-1\">"
            "<span class=\"severity %s\">%s</span> ", id, id, id, severity_name(f->severity), severity_name(f->severity));
    print_words(r, "{}</h2>\n", f->message);
    print_words(r, "<p class=\"where\"><code>{}</code>", place_words(r, f));
    if (f->function && *f->function)
        print_words(r, " in <code>{}</code>", f->function);
    print_words(r, " <span class=\"rule\">{}</span></p>\n", f->rule);
    if (f->help && *f->help)
        print_words(r, "<p class=\"help\"><b>Help:</b> {}</p>\n", source_relative(f->help, r->arena));
    if (f->confirmed)
        print_words(r, "<p class=\"confirmed\"><b>Confirmed:</b> {}</p>\n", confirmed_words(f, r->arena));
    page_lanes(r, f, excerpt);
    page_code(excerpt);
    print_rule(r, f);
    print_program_link(r, f);
    fputs("</article>\n", r->out);
}

/* ---- programs ---------------------------------------------------------------------------------- */

static const char *dot_of(const struct report *r, const struct report_program *p)
{
    char *bytes = NULL;
    size_t size;
    FILE *out = open_memstream(&bytes, &size);
    const char *text;

    if (!out)
        abort();
    report_graph(p->flow, p->name, out);
    fclose(out);
    text = arena_strdup(r->arena, bytes);
    free(bytes);
    return text;
}

static bool is_too_large(const char *dot)
{
    uint32_t lines = 0;

    for (; *dot; dot++)
        lines += *dot == '\n';
    return lines > PICTURE_LINES_MOST;
}

/* All are drawn by one call of `dot`. pictures[i] NULL: program i is too large, or not asked for. Returns why there
 * are none, or NULL. */
static const char *draw(const struct report *r, const char **pictures)
{
    const char *all = "", *error = NULL, **svgs = NULL;
    uint32_t *which = ARENA_ARRAY(r->arena, uint32_t, r->program_count + 1), count = 0;

    for (uint32_t i = 0; i < r->program_count; i++) {
        const char *dot = is_pictured(r, &r->programs[i]) ? dot_of(r, &r->programs[i]) : NULL;

        if (!dot || is_too_large(dot))
            continue;
        all = arena_printf(r->arena, "%s%s", all, dot);
        which[count++] = i;
    }
    if (count && report_draw(all, &svgs, r->arena, &error) == count)
        for (uint32_t i = 0; i < count; i++)
            pictures[which[i]] = svgs[i];
    else if (count && !error)
        error = "Graphviz's program 'dot' has not drawn all pictures";
    return error;
}

static void print_programs(const struct report *r)
{
    const char **pictures = ARENA_ARRAY(r->arena, const char *, r->program_count + 1);
    const char *error = draw(r, pictures);

    if (error)
        fprintf(stderr, "chanleak: note: the page has no pictures of programs: %s\n", error);
    for (uint32_t i = 0; i < r->program_count; i++) {
        if (!is_pictured(r, &r->programs[i]))
            continue;
        fprintf(r->out, "<article id=\"p%" PRIu32 "\" class=\"program\" aria-labelledby=\"p%" PRIu32 "-title\">\n<h2 id=\"p%" PRIu32
                "-title\" tabindex=\"-1\">Program ", i + 1, i + 1, i + 1);
        print_words(r, "{}</h2>\n<p>Boxes are functions, ellipses channels and what else tasks wait for; bold arrows start tasks, "
                    "dotted ones make, dashed ones close, grey ones call.</p>\n", source_relative(r->programs[i].name, r->arena));
        if (pictures[i])
            fprintf(r->out, "<div class=\"graph\" role=\"region\" tabindex=\"0\" aria-label=\"picture of the program\">%s</div>\n",
                    pictures[i]);
        else
            print_words(r, "<p class=\"remark\">{}</p>\n", error ? error
                        : "The program is too large for a picture; chanleak graph tells it as text.");
        fputs("</article>\n", r->out);
    }
}

/* ---- all of it ------------------------------------------------------------------------------------ */

static const char *gap_place(const struct report *r, const struct gap *gap)
{
    const char *path = source_path(gap->file, r->arena);

    return gap->line ? arena_printf(r->arena, "%s:%" PRIu32, path, gap->line) : path;
}

static void print_gaps(const struct report *r, const struct gap *gaps, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        fputs("<li>", r->out);
        if (gaps[i].file)
            print_words(r, "<code>{}</code>: ", gap_place(r, &gaps[i]));
        print_words(r, "{}</li>\n", report_gap_words(r, &gaps[i]));
    }
}

static void print_all_gaps(const struct report *r)
{
    if (!has_gaps(r))
        return;
    fputs("<article id=\"gaps\" aria-labelledby=\"gaps-title\">\n"
          "<h2 id=\"gaps-title\" tabindex=\"-1\">What was not looked at</h2>\n<ul>\n", r->out);
    print_gaps(r, r->summary->failed, r->summary->failed_count);
    print_gaps(r, r->summary->partial, r->summary->partial_count);
    fputs("</ul>\n</article>\n", r->out);
}

static void print_header(const struct report *r)
{
    const struct summary *s = r->summary;
    uint32_t counts[SEVERITY_NOTE + 1] = { 0 };

    for (uint32_t i = 0; i < r->findings->count; i++)
        counts[r->findings->list[i].severity]++;
    fputs("<header>\n<h1>chanleak</h1>\n<p>", r->out);
    for (enum severity k = SEVERITY_ERROR; k <= SEVERITY_NOTE; k++)
        if (counts[k])
            fprintf(r->out, "<span class=\"severity %s\">%" PRIu32 " %s%s</span> ", severity_name(k), counts[k], severity_name(k),
                    counts[k] == 1 ? "" : "s");
    fprintf(r->out, "%s%" PRIu32 " of %" PRIu32 " files analysed, %" PRIu32 " of %" PRIu32 " roots explored in full</p>\n</header>\n",
            r->findings->count ? "" : "nothing found; ", s->files - s->failed_count, s->files, s->roots - s->partial_roots, s->roots);
}

void report_html(const struct report *r)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta name=\"color-scheme\" content=\"light dark\">\n<title>chanleak: findings</title>\n<style>\n", r->out);
    fputs(embedded("report.css"), r->out);
    fputs("</style>\n</head>\n<body>\n<a class=\"skip-link\" href=\"#main\">to the findings</a>\n", r->out);
    print_header(r);
    fputs("<div class=\"page\">\n", r->out);
    print_list(r);
    fputs("<main id=\"main\" tabindex=\"-1\">\n", r->out);
    for (uint32_t i = 0; i < r->findings->count; i++)
        print_finding(r, &r->findings->list[i]);
    if (!r->findings->count)
        fputs("<p>Nothing was found.</p>\n", r->out);
    print_all_gaps(r);
    print_programs(r);
    fputs("</main>\n</div>\n<script>\n", r->out);
    fputs(embedded("report.js"), r->out);
    fputs("</script>\n</body>\n</html>\n", r->out);
}
