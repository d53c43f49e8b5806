/* Excerpts of the source in HTML, lightly coloured, and what is said of their lines. */
#include "report_page.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report_escape.h"

enum { CONTEXT = 2 };       /* lines shown around one that matters */

/* ---- colours ------------------------------------------------------------------------ */

/* Where in a file comments go over several lines. */
struct comments {
    struct comments *next;
    const char      *path;
    bool            *inside;    /* by line: it begins within a comment */
    uint32_t         count, capacity;
};

static const char *const keywords[] = {
    "_Alignas", "_Atomic", "_Bool", "_Generic", "_Noreturn", "_Static_assert", "_Thread_local", "auto", "bool", "break",
    "case", "char", "const", "continue", "default", "do", "double", "else", "enum", "extern", "false", "float", "for",
    "goto", "if", "inline", "int", "long", "nullptr", "register", "restrict", "return", "short", "signed", "sizeof",
    "static", "struct", "switch", "true", "typedef", "typeof", "union", "unsigned", "void", "volatile", "while",
};

static int compare_words(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_keyword(const char *word, size_t size)
{
    char copy[24];
    const char *key = copy;

    if (size >= sizeof copy)
        return false;
    memcpy(copy, word, size);
    copy[size] = 0;
    return bsearch(&key, keywords, sizeof keywords / sizeof *keywords, sizeof *keywords, compare_words) != NULL;
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static size_t literal_size(const char *text)
{
    size_t size = 1;

    while (text[size] && text[size] != *text)
        size += text[size] == '\\' && text[size + 1] ? 2 : 1;
    return size + (text[size] != 0);
}

/* The size of what begins the text, and in *class its colour, or NULL. *inside: a comment goes on, before and after. */
static size_t token(const char *text, bool begins, bool *inside, const char **class)
{
    const char *end;
    size_t size = 1;

    *class = NULL;
    if (*inside || !strncmp(text, "/*", 2)) {
        end = strstr(*inside ? text : text + 2, "*/");
        *class = "c";
        *inside = !end;
        return end ? (size_t)(end + 2 - text) : strlen(text);
    }
    if (!strncmp(text, "//", 2)) {
        *class = "c";
        return strlen(text);
    }
    if (*text == '"' || *text == '\'') {
        *class = "s";
        return literal_size(text);
    }
    if (*text == '#' && begins) {
        *class = "p";
        size += strspn(text + 1, " \t");
        return size + strspn(text + size, "abcdefghijklmnopqrstuvwxyz");
    }
    if (!is_word(*text))
        return 1;
    while (is_word(text[size]))
        size++;
    *class = isdigit((unsigned char)*text) ? "n" : is_keyword(text, size) ? "k" : NULL;
    return size;
}

/* out NULL: only to know how the line ends. */
static bool colour_line(const char *line, bool inside, struct arena *arena, FILE *out)
{
    bool begins = true;

    while (*line) {
        const char *class;
        size_t size = token(line, begins, &inside, &class);

        begins = begins && (*line == ' ' || *line == '\t');
        if (out && class)
            fprintf(out, "<span class=\"%s\">", class);
        /* entities would spell tabs out */
        for (size_t i = 0; out && i < size;) {
            size_t tabs = strspn(line + i, "\t"), plain = strcspn(line + i, "\t");

            fwrite(line + i, 1, tabs < size - i ? tabs : size - i, out);
            if (!tabs)
                xml_print(arena_printf(arena, "%.*s", (int)(plain < size - i ? plain : size - i), line + i), out);
            i += tabs ? tabs : plain;
        }
        if (out && class)
            fputs("</span>", out);
        line += size;
    }
    return inside;
}

static struct comments *comments_of(const struct report *r, const char *path)
{
    static struct comments *all;
    static struct arena *owner;
    struct comments *c;
    bool inside = false;

    if (owner != r->arena)
        all = NULL;
    owner = r->arena;
    for (c = all; c; c = c->next)
        if (!strcmp(c->path, path))
            return c;
    c = ARENA_NEW(r->arena, struct comments);
    *c = (struct comments){ .next = all, .path = path };
    all = c;
    for (const char *line; (line = source_line(path, c->count + 1, r->arena));) {
        ARENA_PUSH(r->arena, c->inside, c->count, c->capacity) = inside;
        inside = colour_line(line, inside, r->arena, NULL);
    }
    return c;
}

/* ---- what is shown --------------------------------------------------------------------- */

struct remark {
    struct site at;
    uint32_t    task;       /* FLOW_NONE */
    const char *text;
    bool        finding;    /* it is the finding itself */
};

struct excerpt {
    const struct report  *report;
    const struct finding *finding;
    const char           *id;
    struct remark        *remarks;  uint32_t count, capacity;
};

static bool same_file(struct site a, struct site b)
{
    return a.file && b.file && !strcmp(a.file, b.file);
}

/* The finding's own file is the first; then those of the schedule's steps, in their order. */
static uint32_t file_number(const struct finding *f, struct site at)
{
    uint32_t number = 1;

    if (same_file(at, f->at))
        return 0;
    for (uint32_t i = 0; i < f->step_count && !same_file(f->steps[i].at, at); i++) {
        bool seen = !f->steps[i].at.file || same_file(f->steps[i].at, f->at);

        for (uint32_t k = 0; k < i && !seen; k++)
            seen = same_file(f->steps[k].at, f->steps[i].at);
        number += !seen;
    }
    return number;
}

struct excerpt *excerpt_of(const struct report *r, const struct finding *f, const char *id)
{
    struct excerpt *e = ARENA_NEW(r->arena, struct excerpt);
    struct trace_note *notes;
    uint32_t count = trace_notes(f, false, r->arena, &notes);

    *e = (struct excerpt){ .report = r, .finding = f, .id = id };
    if (f->at.file)
        ARENA_PUSH(r->arena, e->remarks, e->count, e->capacity) = (struct remark){ f->at, f->task, f->message, true };
    for (uint32_t i = 0; i < count; i++)
        ARENA_PUSH(r->arena, e->remarks, e->count, e->capacity) = (struct remark){ notes[i].at, notes[i].task, notes[i].text, false };
    return e;
}

/* It is near one that is spoken of. */
static bool is_shown(const struct excerpt *e, struct site at)
{
    if (!source_line(at.file, at.line, e->report->arena))
        return false;
    for (uint32_t i = 0; i < e->count; i++) {
        const struct remark *k = &e->remarks[i];

        if (same_file(k->at, at) && at.line + CONTEXT >= k->at.line && at.line <= k->at.line + CONTEXT)
            return true;
    }
    return false;
}

const char *excerpt_line(const struct excerpt *e, struct site at)
{
    return is_shown(e, at) ? arena_printf(e->report->arena, "%s-%" PRIu32 "-%" PRIu32, e->id, file_number(e->finding, at), at.line)
                           : NULL;
}

static void print_remarks(const struct excerpt *e, struct site file, uint32_t line)
{
    FILE *out = e->report->out;

    for (uint32_t i = 0; i < e->count; i++) {
        const struct remark *k = &e->remarks[i];

        if (!same_file(k->at, file) || k->at.line != line)
            continue;
        if (k->finding)
            fprintf(out, "<div class=\"say %s\">", severity_name(e->finding->severity));
        else
            fprintf(out, "<div class=\"say t%" PRIu32 "\">", page_hue(k->task));
        xml_print(k->text, out);
        fputs("</div>", out);
    }
}

static void print_line(const struct excerpt *e, struct site file, uint32_t line)
{
    const struct report *r = e->report;
    const struct comments *c = comments_of(r, file.file);
    const char *text = source_line(file.file, line, r->arena);
    bool here = same_file(e->finding->at, file) && e->finding->at.line == line;

    fprintf(r->out, "<div class=\"line %s\" id=\"%s\"><span class=\"no\">%" PRIu32 "</span><code>",
            here ? severity_name(e->finding->severity) : "", excerpt_line(e, (struct site){ file.file, line, 1 }), line);
    colour_line(text, line <= c->count && c->inside[line - 1], r->arena, r->out);
    fputs("</code></div>", r->out);
    print_remarks(e, file, line);
}

static void print_file(const struct excerpt *e, struct site file)
{
    const struct report *r = e->report;
    uint32_t lines = comments_of(r, file.file)->count, last = 0;

    fputs("<figure class=\"code\"><figcaption>", r->out);
    xml_print(source_path(file.file, r->arena), r->out);
    fputs("</figcaption><div class=\"lines\" role=\"region\" tabindex=\"0\" aria-label=\"source\">", r->out);
    for (uint32_t line = 1; line <= lines; line++) {
        if (!is_shown(e, (struct site){ file.file, line, 1 }))
            continue;
        if (last && last + 1 != line)
            fputs("<div class=\"skip\" aria-hidden=\"true\">⋯</div>", r->out);
        print_line(e, file, line);
        last = line;
    }
    if (!last)
        fputs("<p class=\"remark\">The source cannot be read.</p>", r->out);
    fputs("</div></figure>\n", r->out);
}

void page_code(const struct excerpt *e)
{
    if (e->count)
        fputs("<h3>Source</h3>\n", e->report->out);
    for (uint32_t i = 0; i < e->count; i++) {
        bool first = e->remarks[i].at.file != NULL;

        for (uint32_t k = 0; k < i && first; k++)
            first = !same_file(e->remarks[k].at, e->remarks[i].at);
        if (first)
            print_file(e, e->remarks[i].at);
    }
}

void page_prose(const struct report *r, const char *text)
{
    bool code = false;

    while (*text) {
        size_t size = strcspn(text, "`");

        xml_print(arena_printf(r->arena, "%.*s", (int)size, text), r->out);
        text += size;
        if (*text == '`' && (code || strchr(text + 1, '`'))) {
            code = !code;
            fputs(code ? "<code>" : "</code>", r->out);
        } else if (*text) {
            putc('`', r->out);
        }
        text += *text != 0;
    }
}
