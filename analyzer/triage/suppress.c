#include "suppress.h"

#include <ctype.h>
#include <string.h>

#include "comments.h"
#include "paths.h"
#include "suggest.h"

static const char own[] = "chanleak-ignore", prefix[] = "chanleak-", foreign[] = "NOLINT";

/* ---- one comment ----------------------------------------------------------------------- */

struct reader {
    struct suppressions *to;
    const struct rules  *rules;
    const char          *file;
    struct comment       comment;
};

static const char *trimmed(const char *text, size_t size, struct arena *arena)
{
    while (size && isspace((unsigned char)*text)) {
        text++;
        size--;
    }
    while (size && (isspace((unsigned char)text[size - 1])))
        size--;
    return arena_printf(arena, "%.*s", (int)size, text);
}

static void add(struct reader *r, const char *rule, const char *reason, const char *problem)
{
    ARENA_PUSH(r->to->arena, r->to->list, r->to->count, r->to->capacity) = (struct suppression){
        .at = { r->file, r->comment.line, r->comment.col }, .first = r->comment.first, .last = r->comment.last,
        .rule = rule, .reason = reason, .problem = problem, .conditional = r->comment.conditional,
    };
}

/* NULL, or that there is no rule of the name. */
static const char *unknown_rule(const struct reader *r, const char *rule)
{
    struct suggestion meant = suggest_for(rule, strlen(rule));

    for (uint32_t i = 0; i < r->rules->count; i++) {
        if (!strcmp(r->rules->list[i].name, rule))
            return NULL;
        suggest_consider(&meant, r->rules->list[i].name);
    }
    if (!suggest_word(&meant))
        return arena_printf(r->to->arena, "no rule is called '%s'", rule);
    return arena_printf(r->to->arena, "no rule is called '%s', did you mean '%s'?", rule, suggest_word(&meant));
}

/* ---- chanleak-ignore(rule, rule): reason --------------------------------------------------- */

/* The word an editor's quick fix writes in its place is none. */
static bool is_reason(const char *text)
{
    for (; *text && strcmp(text, "reason"); text++)
        if (isalnum((unsigned char)*text) || (unsigned char)*text >= 0x80)
            return true;
    return false;
}

static void add_rules(struct reader *r, const char *names, size_t size, const char *reason)
{
    for (const char *end = names + size; names < end;) {
        size_t one = strcspn(names, ",)");
        const char *rule = trimmed(names, one, r->to->arena);
        const char *problem = !*rule ? "chanleak-ignore names no rule: chanleak-ignore(rule): reason"
                                     : unknown_rule(r, rule);

        if (!problem && !is_reason(reason))
            problem = arena_printf(r->to->arena, "a reason is missing: chanleak-ignore(%s): reason", rule);
        add(r, rule, reason, problem);
        names += one + 1;
    }
}

/* text: what follows the word, up to the end of its line. */
static void read_own(struct reader *r, const char *text)
{
    size_t size = strcspn(text, "\n");
    const char *open = text + strspn(text, " \t"), *close = memchr(text, ')', size), *colon;

    if (*open != '(' || !close || close == open + 1 + strspn(open + 1, " \t")) {
        add(r, "", "", "chanleak-ignore names no rule: chanleak-ignore(rule): reason");
        return;
    }
    colon = close + 1 + strspn(close + 1, " \t");
    add_rules(r, open + 1, (size_t)(close - open - 1),
              *colon == ':' ? trimmed(colon + 1, (size_t)(text + size - colon - 1), r->to->arena) : "");
}

/* ---- NOLINT(chanleak-rule), NOLINTNEXTLINE(chanleak-rule) -------------------------------------- */

static void add_foreign(struct reader *r, const char *check, const char *reason)
{
    const char *rule;

    if (strncmp(check, prefix, sizeof prefix - 1))
        return;                 /* another linter's */
    rule = check + sizeof prefix - 1;
    add(r, rule, reason, strcmp(rule, "*") ? unknown_rule(r, rule) : NULL);
}

/* text: what follows NOLINT; line: where that stands. */
static void read_foreign(struct reader *r, const char *text, uint32_t line)
{
    struct comment whole = r->comment;
    bool next = !strncmp(text, "NEXTLINE", 8), range = !strncmp(text, "BEGIN", 5) || !strncmp(text, "END", 3);
    const char *open = text + (next ? 8 : !strncmp(text, "BEGIN", 5) ? 5 : range ? 3 : 0), *close = strchr(open, ')');
    const char *reason;

    if (*open != '(' || !close)
        return;
    reason = close + 1 + strspn(close + 1, " \t:-");
    reason = trimmed(reason, strcspn(reason, "\n"), r->to->arena);
    if (next)
        r->comment.first = r->comment.last = line + 1;
    else if (r->comment.alone)
        r->comment.first = r->comment.last = line;
    for (const char *at = open + 1; at <= close; at += strcspn(at, ",)") + 1) {
        const char *check = trimmed(at, strcspn(at, ",)"), r->to->arena);

        if (!range)
            add_foreign(r, check, reason);
        else if (!strncmp(check, prefix, sizeof prefix - 1) && text[0] == 'B')
            add(r, check + sizeof prefix - 1, reason,
                "NOLINTBEGIN is not understood: write chanleak-ignore(rule): reason where it is found");
    }
    r->comment = whole;
}

/* ---- all of them -------------------------------------------------------------------------------- */

/* At the beginning of a comment or of one of its lines, or after another comment's mark in it: what a
 * sentence mentions is none. */
static bool at_start(const char *text, const char *at)
{
    while (at > text && (at[-1] == ' ' || at[-1] == '\t' || at[-1] == '*'))
        at--;
    return at == text || at[-1] == '\n' || at[-1] == '/';
}

static void read_comment(struct reader *r)
{
    const char *text = r->comment.text;
    uint32_t line = r->comment.line;

    for (const char *at = text; *at; at++) {
        if (*at == '\n')
            line++;
        else if (!strncmp(at, own, sizeof own - 1) && at_start(text, at))
            read_own(r, at + sizeof own - 1);
        else if (!strncmp(at, foreign, sizeof foreign - 1))
            read_foreign(r, at + sizeof foreign - 1, line);
    }
}

void suppress_read(struct suppressions *suppressions, const char *file, const char *text, const struct rules *rules)
{
    struct reader r = { .to = suppressions, .rules = rules, .file = file };
    uint32_t count;
    const struct comment *comments = comments_read(text, suppressions->arena, &count);

    for (uint32_t i = 0; i < count; i++) {
        r.comment = comments[i];
        read_comment(&r);
    }
}

const struct suppression *suppress_find(struct suppressions *suppressions, const struct finding *finding)
{
    const char *file = finding->at.file ? path_absolute("/", finding->at.file, suppressions->arena) : NULL;
    const struct suppression *found = NULL;

    for (uint32_t i = 0; i < suppressions->count && file; i++) {
        struct suppression *s = &suppressions->list[i];

        if (s->problem || finding->at.line < s->first || finding->at.line > s->last ||
            (strcmp(s->rule, "*") && strcmp(s->rule, finding->rule)) || strcmp(s->at.file, file))
            continue;
        s->used = true;         /* each of them would do */
        found = found ? found : s;
    }
    return found;
}
