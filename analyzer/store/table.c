#include "table.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* ---- for people --------------------------------------------------------------------- */

static const char *escape_of(unsigned char c)
{
    static char code[8];

    switch (c) {
    case '\n':
        return "\\n";
    case '\t':
        return "\\t";
    case '\\':
        return "\\\\";
    }
    snprintf(code, sizeof code, "\\x%02x", c);
    return code;
}

static bool is_escaped(unsigned char c)
{
    return c < ' ' || c == 0x7f || c == '\\';
}

static bool is_inside(unsigned char c)      /* a UTF-8 sequence */
{
    return (c & 0xc0) == 0x80;
}

static size_t width_of(const char *text)
{
    size_t width = 0;

    for (const unsigned char *c = (const unsigned char *)text; *c; c++)
        width += is_escaped(*c) ? strlen(escape_of(*c)) : !is_inside(*c);
    return width;
}

static void print_escaped(const char *text, FILE *out)
{
    for (const unsigned char *c = (const unsigned char *)text; *c; c++)
        if (is_escaped(*c))
            fputs(escape_of(*c), out);
        else
            putc(*c, out);
}

/* Nothing is padded at the end of a line. */
static void print_padded(const char *text, size_t width, bool right, bool last, FILE *out)
{
    size_t blanks = width - width_of(text);

    if (right)
        fprintf(out, "%*s", (int)blanks, "");
    print_escaped(text, out);
    if (!last)
        fprintf(out, "%*s", (int)(right ? 2 : blanks + 2), "");
}

static void measure(const struct table *t, size_t *widths, bool *numbers)
{
    for (uint32_t c = 0; c < t->column_count; c++) {
        widths[c] = width_of(t->names[c]);
        numbers[c] = t->cell_count > 0;
    }
    for (uint32_t i = 0; i < t->cell_count; i++) {
        uint32_t c = i % t->column_count;
        size_t width = width_of(t->cells[i].text);

        widths[c] = width > widths[c] ? width : widths[c];
        numbers[c] = numbers[c] && t->cells[i].kind != CELL_TEXT;
    }
}

void table_print(const struct table *t, bool color, FILE *out)
{
    size_t *widths = calloc(t->column_count + 1, sizeof *widths);
    bool *numbers = calloc(t->column_count + 1, sizeof *numbers);
    uint32_t last = t->column_count - 1;

    if (widths && numbers) {
        measure(t, widths, numbers);
        fputs(color ? "\033[1m" : "", out);
        for (uint32_t c = 0; c <= last; c++)
            print_padded(t->names[c], widths[c], numbers[c], c == last, out);
        fputs(color ? "\033[0m\n" : "\n", out);
        for (uint32_t i = 0; i < t->cell_count; i++) {
            uint32_t c = i % t->column_count;

            print_padded(t->cells[i].text, widths[c], numbers[c], c == last, out);
            if (c == last)
                putc('\n', out);
        }
    }
    free(widths);
    free(numbers);
}

/* ---- for programs ------------------------------------------------------------------- */

static void print_field(const char *text, bool last, FILE *out)
{
    if (strpbrk(text, ",\"\r\n")) {
        putc('"', out);
        for (; *text; text++) {
            if (*text == '"')
                putc('"', out);
            putc(*text, out);
        }
        putc('"', out);
    } else {
        fputs(text, out);
    }
    putc(last ? '\n' : ',', out);
}

void table_print_csv(const struct table *t, FILE *out)
{
    for (uint32_t c = 0; c < t->column_count; c++)
        print_field(t->names[c], c + 1 == t->column_count, out);
    for (uint32_t i = 0; i < t->cell_count; i++)
        print_field(t->cells[i].text, (i + 1) % t->column_count == 0, out);
}

static json_t *value_of(const struct cell *cell)
{
    json_t *value = NULL;

    switch (cell->kind) {
    case CELL_NULL:
        break;
    case CELL_INTEGER:
        return json_integer(cell->integer);
    case CELL_REAL:
        value = json_real(cell->real);              /* infinity is none */
        break;
    case CELL_TEXT:
        value = json_string(cell->text);
        value = value ? value : json_string("(not UTF-8)");
        break;
    }
    return value ? value : json_null();
}

void table_print_json(const struct table *t, FILE *out)
{
    json_t *rows = json_array();

    for (uint32_t i = 0; i < t->cell_count; i += t->column_count) {
        json_t *row = json_object();

        for (uint32_t c = 0; c < t->column_count; c++)
            json_object_set_new(row, t->names[c], value_of(&t->cells[i + c]));
        json_array_append_new(rows, row);
    }
    json_dumpf(rows, out, JSON_INDENT(2));
    putc('\n', out);
    json_decref(rows);
}
