#include "report_diff.h"

#include <inttypes.h>
#include <jansson.h>

static const char *const change_words[CHANGE_COUNT] = {
    [CHANGE_INTRODUCED] = "introduced", [CHANGE_FIXED] = "fixed", [CHANGE_UNCHANGED] = "unchanged",
};

void report_diff_text(const struct changes *c, bool color, FILE *out)
{
    static const struct { const char *sign, *paint; } marks[CHANGE_COUNT] = {
        [CHANGE_INTRODUCED] = { "+", "\033[31m" }, [CHANGE_FIXED] = { "-", "\033[32m" },
    };

    for (uint32_t i = 0; i < c->count; i++) {
        const struct changed_finding *f = &c->list[i];

        if (!marks[f->change].sign)
            continue;
        fprintf(out, "%s%s %s:%" PRIu32 ":%" PRIu32 ": %s: %s [%s]%s\n", color ? marks[f->change].paint : "",
                marks[f->change].sign, f->path, f->finding->at.line, f->finding->at.col,
                severity_name(f->finding->severity), f->finding->message, f->finding->rule, color ? "\033[0m" : "");
    }
}

static json_t *text(const char *s)
{
    json_t *value = json_string(s ? s : "");

    return value ? value : json_string("(not UTF-8)");
}

static json_t *finding(const struct changed_finding *c)
{
    const struct finding *f = c->finding;

    return json_pack("{s:o, s:I, s:I, s:o, s:s, s:o, s:o, s:o}", "file", text(c->path), "line", (json_int_t)f->at.line,
                     "column", (json_int_t)f->at.col, "rule", text(f->rule), "severity", severity_name(f->severity),
                     "message", text(f->message), "function", text(f->function), "text", text(f->text));
}

void report_diff_json(const struct changes *c, FILE *out)
{
    json_t *top = json_object();

    for (enum change change = 0; change < CHANGE_COUNT; change++)
        json_object_set_new(top, change_words[change], json_array());
    for (uint32_t i = 0; i < c->count; i++)
        json_array_append_new(json_object_get(top, change_words[c->list[i].change]), finding(&c->list[i]));
    json_dumpf(top, out, JSON_INDENT(2));
    putc('\n', out);
    json_decref(top);
}
