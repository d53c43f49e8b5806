/* Names, places and types of the flow's text. */
#include "flow_reader.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- strings and symbols ------------------------------------------------- */

static uint32_t hash_text(struct text t)
{
    uint32_t h = 2166136261u;       /* FNV-1a */

    for (uint32_t i = 0; i < t.size; i++)
        h = (h ^ (unsigned char)t.bytes[i]) * 16777619u;
    return h;
}

static uint32_t *string_place(struct reader *r, struct text t)
{
    uint32_t mask = r->string_table_size - 1, i = hash_text(t) & mask;

    for (; r->string_table[i]; i = (i + 1) & mask) {
        struct text have = r->flow->strings[r->string_table[i] - 1];

        if (have.size == t.size && !memcmp(have.bytes, t.bytes, t.size))
            break;
    }
    return &r->string_table[i];
}

static void grow_string_table(struct reader *r)
{
    r->string_table_size = r->string_table_size ? r->string_table_size * 2 : 256;
    r->string_table = ARENA_ARRAY(r->s.arena, uint32_t, r->string_table_size);
    for (uint32_t i = 0; i < r->strings.count; i++)
        *string_place(r, r->flow->strings[i]) = i + 1;
}

uint32_t reader_intern(struct reader *r, struct text t)
{
    if (r->strings.count * 2 >= r->string_table_size)
        grow_string_table(r);

    uint32_t *place = string_place(r, t);

    if (!*place) {
        LIST_PUSH(r, r->flow->strings, r->strings) = t;
        *place = r->strings.count;
    }
    return *place - 1;
}

uint32_t reader_string(struct reader *r)
{
    uint32_t s = 0;

    if (r->s.token.kind == TOKEN_STRING)
        s = reader_intern(r, r->s.token.text);
    else
        scan_fail(&r->s, "expected a \"string\"");
    scan_next(&r->s);
    return s;
}

uint32_t reader_accept_string(struct reader *r, uint32_t otherwise)
{
    return r->s.token.kind == TOKEN_STRING ? reader_string(r) : otherwise;
}

/* The nth symbol of that name; the first mention creates it. */
static uint32_t find_symbol(struct reader *r, uint32_t name, int64_t nth)
{
    int64_t seen = 0;

    for (uint32_t i = 0; i < r->symbols.count; i++)
        if (r->flow->symbols[i].name == name && ++seen == nth)
            return i;
    if (seen + 1 != nth)
        scan_fail(&r->s, "symbol ~%" PRId64 " before ~%" PRId64, nth, seen + 1);
    LIST_PUSH(r, r->flow->symbols, r->symbols) = (struct symbol){
        .name = name, .function = FLOW_NONE, .global = FLOW_NONE, .model = FLOW_OP_NONE };
    return r->symbols.count - 1;
}

uint32_t reader_symbol(struct reader *r)
{
    uint32_t s = 0;

    if (r->s.token.kind == TOKEN_SYMBOL)
        s = find_symbol(r, reader_intern(r, r->s.token.text), r->s.token.number);
    else
        scan_fail(&r->s, "expected a symbol");
    scan_next(&r->s);
    return s;
}

/* ---- places -------------------------------------------------------------- */

uint32_t reader_file(struct reader *r, uint32_t string)
{
    for (uint32_t i = 0; i < r->files.count; i++)
        if (r->flow->files[i] == string)
            return i;
    LIST_PUSH(r, r->flow->files, r->files) = string;
    return r->files.count - 1;
}

struct loc reader_accept_place(struct reader *r, const char *word)
{
    struct loc loc = { 0, 0, 0 };

    if (!scan_accept_word(&r->s, word))
        return loc;
    if (r->s.token.kind == TOKEN_STRING) {
        r->file = reader_file(r, reader_string(r));
        scan_expect_sign(&r->s, ':');
    }
    if (r->file == FLOW_NONE)
        scan_fail(&r->s, "a place, but no file so far");
    loc.file = r->file;
    loc.line = scan_expect_size(&r->s);
    scan_expect_sign(&r->s, ':');
    loc.col = scan_expect_size(&r->s);
    return loc;
}

/* ---- registers, slots, types ---------------------------------------------- */

static uint32_t read_index(const char *digits)
{
    char *end;
    unsigned long n = strtoul(digits, &end, 10);

    return *end || !isdigit((unsigned char)*digits) || n > 1000000 ? FLOW_NONE : (uint32_t)n;
}

uint32_t reader_reg(struct reader *r)
{
    struct function *f = r->function;

    if (r->s.token.kind != TOKEN_REG) {
        scan_fail(&r->s, "expected a register");
        return 0;
    }
    uint32_t index = read_index(r->s.token.text.bytes), name = 0;

    if (index == FLOW_NONE) {
        name = reader_intern(r, r->s.token.text);
        for (index = 0; index < r->regs.count; index++)
            if (f->reg_names[index] == name)
                break;
    }
    while (r->regs.count <= index)
        LIST_PUSH(r, f->reg_names, r->regs) = name;
    scan_next(&r->s);
    return index;
}

uint32_t reader_slot(struct reader *r)
{
    struct function *f = r->function;

    if (r->s.token.kind != TOKEN_SLOT) {
        scan_fail(&r->s, "expected a slot");
        return 0;
    }
    uint32_t index = read_index(r->s.token.text.bytes), name = 0;

    if (index == FLOW_NONE) {
        name = reader_intern(r, r->s.token.text);
        for (index = 0; index < r->slots.count; index++)
            if (f->slots[index].name == name)
                break;
    }
    while (r->slots.count <= index)
        LIST_PUSH(r, f->slots, r->slots) = (struct slot){ .name = name };
    scan_next(&r->s);
    return index;
}

bool reader_accept_scalar(struct reader *r, uint8_t *type)
{
    for (unsigned t = 0; t <= SCALAR_FLOAT; t++)
        if (scan_accept_word(&r->s, scalar_name(t))) {
            *type = (uint8_t)t;
            return true;
        }
    return false;
}

uint8_t reader_scalar(struct reader *r)
{
    uint8_t type = SCALAR_I32;

    if (!reader_accept_scalar(r, &type))
        scan_fail(&r->s, "expected a type");
    return type;
}
