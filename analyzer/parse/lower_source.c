/* What libclang leaves out is recovered from text: the source where a token
 * stands in one place, the function as clang prints it where macros may have
 * assembled it. Both are looked at only when the tree does not say enough. */
#include "lower_internal.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* ---- the source ------------------------------------------------------------- */

/* The text from where the location is spelled, in a macro body if need be. */
static const char *text_at(struct lower *l, CXSourceLocation location, size_t *left)
{
    CXFile file;
    unsigned offset;
    size_t size;

    clang_getSpellingLocation(location, &file, NULL, NULL, &offset);
    const char *text = file ? clang_getFileContents(l->tu, file, &size) : NULL;
    if (!text || offset >= size)
        return NULL;
    *left = size - offset;
    return text + offset;
}

const char *source_word(struct lower *l, CXCursor cursor, char *buffer, size_t size)
{
    size_t left = 0, n = 0;
    const char *text = text_at(l, clang_getRangeStart(clang_getCursorExtent(cursor)), &left);

    while (text && n < left && n + 1 < size && (isalnum((unsigned char)text[n]) || text[n] == '_')) {
        buffer[n] = text[n];
        n++;
    }
    buffer[n] = 0;
    return buffer;
}

bool source_is_range(struct lower *l, CXCursor low, CXCursor high)
{
    size_t before = 0, after = 0;
    const char *a = text_at(l, clang_getRangeStart(clang_getCursorExtent(low)), &before);
    const char *b = text_at(l, clang_getRangeStart(clang_getCursorExtent(high)), &after);

    if (!a || !b || before <= after)    /* spelled in different places: macros */
        return true;
    for (; a + 3 <= b && *a != ']'; a++)
        if (!memcmp(a, "...", 3))
            return true;
    return false;
}

/* ---- the function as clang prints it ------------------------------------------ */

/* The pretty printer's text of a declaration, in the scratch arena. */
static const char *printed(struct lower *l, CXCursor decl)
{
    CXPrintingPolicy policy = clang_getCursorPrintingPolicy(decl);
    CXString text = clang_getCursorPrettyPrinted(decl, policy);
    const char *copy = arena_strdup(l->scratch, clang_getCString(text));

    clang_disposeString(text);
    clang_PrintingPolicy_dispose(policy);
    return copy;
}

/* Past the string or character literal that begins at s. */
static const char *past_quoted(const char *s)
{
    char quote = *s++;

    while (*s && *s != quote)
        s += *s == '\\' && s[1] ? 2 : 1;
    return *s ? s + 1 : s;
}

static bool is_word_char(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* The next place where `word` stands as a word outside literals, or NULL. */
static const char *find_word(const char *s, const char *word)
{
    size_t size = strlen(word);
    char before = ' ';

    while (*s) {
        if (*s == '"' || *s == '\'') {
            s = past_quoted(s);
            before = ' ';
            continue;
        }
        if (!is_word_char(before) && !strncmp(s, word, size) && !is_word_char(s[size]))
            return s;
        before = *s++;
    }
    return NULL;
}

/* Whether something stands from s up to `end` (one of its characters, outside of
 * brackets); *s goes past it. */
static bool part_is_there(const char **s, const char *end)
{
    bool there = false;
    int depth = 0;

    while (**s && (depth || !strchr(end, **s))) {
        if (**s == '"' || **s == '\'') {
            there = true;
            *s = past_quoted(*s);
            continue;
        }
        depth += strchr("([{", **s) != NULL;
        depth -= strchr(")]}", **s) != NULL;
        there |= !isspace((unsigned char)**s);
        ++*s;
    }
    if (**s)
        ++*s;
    return there;
}

/* How many for loops begin before this one in the body. */
static uint32_t loops_before(const struct node *n, uint32_t order)
{
    uint32_t count = n->kind == CXCursor_ForStmt && n->order < order;

    for (uint32_t i = 0; i < n->count; i++)
        count += loops_before(n->child[i], order);
    return count;
}

unsigned source_for_parts(struct lower *l, const struct node *loop)
{
    const struct node *root = loop;
    const char *s;

    while (root->parent)
        root = root->parent;
    if (!l->pretty)
        l->pretty = printed(l, l->decl);
    s = find_word(l->pretty, "for");
    for (uint32_t n = loops_before(root, loop->order); s && n; n--)
        s = find_word(s + 3, "for");
    if (!s || !(s = strchr(s, '(')))
        return 0;
    s++;
    unsigned parts = part_is_there(&s, ";") ? 1 : 0;
    parts |= part_is_there(&s, ";") ? 2 : 0;
    return parts | (part_is_there(&s, ")") ? 4 : 0);
}

const char *source_cleanup(struct lower *l, CXCursor var)
{
    const char *s = find_word(printed(l, var), "cleanup");
    size_t n = 0;

    if (!s || s[7] != '(')
        return NULL;
    for (s += 8; is_word_char(s[n]); n++)
        ;
    char *name = arena_strdup(l->scratch, s);
    name[n] = 0;
    return name;
}

/* An attribute as it is printed, __attribute__((word or [[gnu::word; NULL: it is not there. */
static const char *find_attribute(const char *text, const char *word)
{
    const char *s = find_word(text, word);

    while (s && (s - text < 2 || (memcmp(s - 2, "((", 2) && memcmp(s - 2, "::", 2))))
        s = find_word(s + strlen(word), word);
    return s;
}

/* Its priority + 1; 0: it has none, since it does not run by itself. */
static uint32_t priority_of(const char *text, const char *word)
{
    const char *s = find_attribute(text, word);
    unsigned long priority = PRIORITY_LAST;

    if (!s)
        return 0;
    s += strlen(word);
    if (*s == '(')
        priority = strtoul(s + 1, NULL, 0);
    return (uint32_t)(priority < PRIORITY_LAST ? priority : PRIORITY_LAST) + 1;
}

void source_startup(CXCursor decl, uint32_t *constructor, uint32_t *destructor)
{
    CXPrintingPolicy policy = clang_getCursorPrintingPolicy(decl);
    clang_PrintingPolicy_setProperty(policy, CXPrintingPolicy_TerseOutput, 1);
    CXString text = clang_getCursorPrettyPrinted(decl, policy);

    if (!*constructor)
        *constructor = priority_of(clang_getCString(text), "constructor");
    if (!*destructor)
        *destructor = priority_of(clang_getCString(text), "destructor");
    clang_disposeString(text);
    clang_PrintingPolicy_dispose(policy);
}

/* ---- _Generic ------------------------------------------------------------------ */

/* The type names of a text "int *: f, default: g)" in turn; "" when there is none. */
static const char *association_type(struct lower *l, const char **s)
{
    const char *start = *s;
    int depth = 0;

    while (**s && (depth || **s != ':')) {
        if (!depth && **s == ')')
            return "";
        depth += **s == '(' || **s == '[';
        depth -= **s == ')' || **s == ']';
        ++*s;
    }
    char *type = arena_alloc(l->scratch, (size_t)(*s - start) + 1), *out = type;
    for (const char *c = start; c < *s; c++)
        if (!isspace((unsigned char)*c) || (out > type && out[-1] != ' '))
            *out++ = isspace((unsigned char)*c) ? ' ' : *c;
    while (out > type && out[-1] == ' ')
        *--out = 0;
    if (**s)
        ++*s;
    part_is_there(s, ",)");
    return type;
}

static bool spelled_alike(CXType type, const char *name)
{
    CXString a = clang_getTypeSpelling(type), b = clang_getTypeSpelling(clang_getCanonicalType(type));
    bool alike = !strcmp(clang_getCString(a), name) || !strcmp(clang_getCString(b), name);

    clang_disposeString(a);
    clang_disposeString(b);
    return alike;
}

int source_generic_choice(struct lower *l, const struct node *generic)
{
    size_t left = 0;
    CXSourceLocation start = clang_getRangeStart(clang_getCursorExtent(generic->cursor));
    const char *s = text_at(l, start, &left);
    CXType control = clang_getUnqualifiedType(generic->child[0]->type);
    int other = -1;

    if (!s || !(s = strchr(s, '(')))
        return -1;
    s++;
    part_is_there(&s, ",");
    for (int i = 0; i + 1 < (int)generic->count; i++) {
        const char *type = association_type(l, &s);

        if (!strcmp(type, "default"))
            other = i;
        else if (spelled_alike(control, type))
            return i;
    }
    return other;
}
