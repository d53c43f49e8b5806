#include "machine.h"

#include <stdio.h>
#include <string.h>

/* Texts made of known texts and numbers are known: a name that is put together is the name
 * it is looked up by. */

enum { TEXT_MAX = 256 };            /* bytes, the last one 0 */

struct writing {
    char     bytes[TEXT_MAX];
    uint32_t size;
};

static bool put(struct writing *to, char byte)
{
    if (to->size == TEXT_MAX)
        return false;
    to->bytes[to->size++] = byte;
    return true;
}

/* The text at an address, up to its 0, which is not put. */
static bool put_text(struct machine *m, struct writing *to, struct value from)
{
    int64_t byte;

    for (int64_t i = 0; memory_byte(m, from, i, true, &byte); i++)
        if (byte == 0 || !put(to, (char)byte))
            return byte == 0;
    return false;
}

static bool put_number(struct writing *to, const char *flags, char conversion, struct value v)
{
    char spec[16], digits[64];
    int n;

    if (v.kind != VALUE_INT)
        return false;
    snprintf(spec, sizeof spec, "%%%sll%c", flags, conversion);
    n = snprintf(digits, sizeof digits, spec, (long long)v.n);
    for (int i = 0; i < n && i < (int)sizeof digits; i++)
        if (!put(to, digits[i]))
            return false;
    return n < (int)sizeof digits;
}

/* One conversion, whose specification follows the % at *at; leaves *at at its last byte. */
static bool put_conversion(struct machine *m, struct writing *to, const char **at, struct value v)
{
    char flags[8];
    size_t n = strspn(*at, "0123456789-+ ");

    if (n >= sizeof flags)
        return false;
    memcpy(flags, *at, n);
    flags[n] = '\0';
    *at += n;
    *at += strspn(*at, "hlzjt");
    switch (**at) {
    case 's':
        return n == 0 && put_text(m, to, v);
    case 'c':
        return n == 0 && v.kind == VALUE_INT && put(to, (char)v.n);
    case 'd': case 'i': case 'u': case 'x': case 'X': case 'o':
        return put_number(to, flags, **at, v);
    default:
        return false;
    }
}

static bool render(struct machine *m, uint32_t task, const struct instr *in, struct writing *to)
{
    struct writing format = { .size = 0 };
    uint32_t arg = 3;

    if (!put_text(m, &format, op_arg(m, task, in, 2)) || !put(&format, '\0'))
        return false;
    for (const char *at = format.bytes; *at; at++) {
        if (*at != '%' || *++at == '%') {
            if (!put(to, *at))
                return false;
        } else if (arg >= in->arg_count || !put_conversion(m, to, &at, op_arg(m, task, in, arg++))) {
            return false;
        }
    }
    return put(to, '\0');
}

void op_format(struct machine *m, uint32_t task, const struct instr *in)
{
    struct value to = op_arg(m, task, in, 0), size = op_arg(m, task, in, 1);
    struct writing text = { .size = 0 };

    if (to.kind != VALUE_ADDRESS)
        return;
    memory_unknown(m, to, op_room(m, task, in, 0));
    if (!m->plan->texts || size.kind != VALUE_INT || size.n == 0 || !render(m, task, in, &text))
        return;
    if (size.n > 0 && size.n < text.size) {
        text.size = (uint32_t)size.n;
        text.bytes[text.size - 1] = '\0';
    }
    for (uint32_t i = 0; i < text.size; i++)
        memory_store(m, value_binary(m, OP_ADD, SCALAR_PTR, to, INT_VALUE(i)), 1, INT_VALUE(text.bytes[i]));
}
