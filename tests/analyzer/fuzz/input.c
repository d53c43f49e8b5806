#include "input.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct piece { size_t at, size; };

struct mutation {
    uint8_t *data;
    size_t   size, max_size;
    uint64_t state;
};

char *input_text(const uint8_t *data, size_t size, struct arena *arena)
{
    char *text = arena_alloc(arena, size + 1);

    if (size)
        memcpy(text, data, size);
    return text;
}

/* SplitMix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014). */
static size_t pick(struct mutation *m, size_t choices)
{
    uint64_t z = m->state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return choices ? (size_t)((z ^ z >> 31) % choices) : 0;
}

static struct piece line_at(const struct mutation *m, size_t at)
{
    size_t start = at, end = at;

    while (start > 0 && m->data[start - 1] != '\n')
        start--;
    while (end < m->size && m->data[end] != '\n')
        end++;
    return (struct piece){ start, end + (end < m->size) - start };
}

/* Signs of registers, slots and symbols are part of their word. */
static bool is_word(uint8_t c)
{
    return isalnum(c) || strchr("_.$%@-\"", c);
}

/* A word at or after a random place; its size is 0 where there is none. */
static struct piece random_word(struct mutation *m)
{
    size_t start = pick(m, m->size), end;

    while (start < m->size && !is_word(m->data[start]))
        start++;
    while (start > 0 && start < m->size && is_word(m->data[start - 1]))
        start--;
    for (end = start; end < m->size && is_word(m->data[end]); end++)
        ;
    return (struct piece){ start, end - start };
}

/* Put `with` in the place of `old`. Nothing happens when it does not fit. */
static void replace(struct mutation *m, struct piece old, const uint8_t *with, size_t size)
{
    size_t rest = m->size - old.at - old.size;

    if (m->size - old.size + size > m->max_size)
        return;
    memmove(m->data + old.at + size, m->data + old.at + old.size, rest);
    if (size)
        memcpy(m->data + old.at, with, size);
    m->size = m->size - old.size + size;
}

/* A piece of the text in the place of another. */
static void replace_by(struct mutation *m, struct piece old, struct piece with)
{
    uint8_t *copy = malloc(with.size + 1);

    if (with.size)
        memcpy(copy, m->data + with.at, with.size);
    replace(m, old, copy, with.size);
    free(copy);
}

static void change_number(struct mutation *m)
{
    static const char *const numbers[] = {
        "0", "1", "2", "3", "7", "8", "-1", "64", "255", "65536", "1000000", "2147483647", "-2147483648",
        "4294967294", "9223372036854775807", "-9223372036854775808",
    };
    struct piece word = random_word(m);
    const char *number = numbers[pick(m, sizeof numbers / sizeof *numbers)];
    size_t sign = word.size && strchr("%$", m->data[word.at]) ? 1 : 0;

    if (sign)       /* registers and slots stay few */
        number = numbers[pick(m, 5)];
    replace(m, (struct piece){ word.at + sign, word.size - sign }, (const uint8_t *)number, strlen(number));
}

static void change(struct mutation *m)
{
    struct piece line = line_at(m, pick(m, m->size)), other = line_at(m, pick(m, m->size));

    switch (pick(m, 7)) {
    case 0:                                                     /* leave a line out */
        replace(m, line, NULL, 0);
        return;
    case 1:                                                     /* say it again, elsewhere */
    case 2:
        replace_by(m, (struct piece){ other.at, 0 }, line);
        return;
    case 3:                                                     /* in the place of another */
        replace_by(m, other, line);
        return;
    case 4:
    case 5:                                                     /* a word for another */
        replace_by(m, random_word(m), random_word(m));
        return;
    default:
        change_number(m);
        return;
    }
}

size_t input_mutate(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    struct mutation m = { data, size, max_size, seed };
    size_t changes = 1 + pick(&m, 4);

    if (!size || pick(&m, 4) == 0)
        return LLVMFuzzerMutate(data, size, max_size);
    for (size_t i = 0; i < changes && m.size; i++)
        change(&m);
    return m.size;
}
