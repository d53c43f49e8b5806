#include "finding_key.h"

#include <ctype.h>
#include <string.h>
#include <xxhash.h>

/* ---- the line -------------------------------------------------------------------------- */

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

/* Blanks and comments; one that does not end on this line, or began before, is cut. */
static const char *skip_blanks(const char *at)
{
    for (;;) {
        const char *end;

        at += strspn(at, " \t\r\n\f\v");
        if (at[0] == '/' && at[1] == '/')
            return at + strlen(at);
        if (at[0] != '/' || at[1] != '*')
            return at;
        end = strstr(at + 2, "*/");
        at = end ? end + 2 : at + strlen(at);
    }
}

/* Up to the end of a string or a character constant. */
static const char *skip_quoted(const char *at)
{
    char quote = *at++;

    while (*at && *at != quote)
        at += at[0] == '\\' && at[1] ? 2 : 1;
    return at + (*at == quote);
}

const char *finding_key_line(const char *text, struct arena *arena)
{
    char *out = arena_alloc(arena, strlen(text) + 1);
    size_t size = 0;

    for (const char *at = skip_blanks(text); *at;) {
        const char *end = *at == '"' || *at == '\'' ? skip_quoted(at) : at + 1, *next = skip_blanks(end);

        memcpy(out + size, at, (size_t)(end - at));
        size += (size_t)(end - at);
        if (next > end && is_word(end[-1]) && is_word(*next))
            out[size++] = ' ';
        at = next;
    }
    out[size] = '\0';
    return out;
}

/* ---- the key ---------------------------------------------------------------------------- */

struct finding_key finding_key(const struct finding *finding, const char *path, const char *text,
                               struct arena *arena)
{
    return (struct finding_key){
        .rule = finding->rule,
        .path = path ? path : "",
        .function = finding->function ? finding->function : "",
        .object = finding->name ? finding->name : "",
        .line = text ? finding_key_line(text, arena) : "",
    };
}

uint64_t finding_key_hash(const struct finding_key *key)
{
    const char *const members[] = { key->rule, key->path, key->function, key->object, key->line };
    XXH3_state_t *state = XXH3_createState();
    uint64_t hash;

    XXH3_64bits_reset(state);
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        XXH3_64bits_update(state, members[i], strlen(members[i]) + 1);
    hash = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    return hash + !hash;
}

/* ---- multisets --------------------------------------------------------------------------- */

struct key_slot {
    uint64_t hash;
    uint32_t times;             /* of that key; 0 with hash 0: empty */
};

static struct key_slot *slot_of(const struct finding_keys *keys, uint64_t hash)
{
    uint32_t at = (uint32_t)hash & (keys->size - 1);

    while (keys->table[at].hash && keys->table[at].hash != hash)
        at = (at + 1) & (keys->size - 1);
    return &keys->table[at];
}

static void grow(struct finding_keys *keys)
{
    struct finding_keys larger = { keys->arena, NULL, keys->count, keys->size ? keys->size * 2 : 64 };

    larger.table = ARENA_ARRAY(keys->arena, struct key_slot, larger.size);
    for (uint32_t i = 0; i < keys->size; i++)
        if (keys->table[i].hash)
            *slot_of(&larger, keys->table[i].hash) = keys->table[i];
    *keys = larger;
}

void finding_keys_add(struct finding_keys *keys, uint64_t hash)
{
    struct key_slot *slot;

    if (keys->count * 2 >= keys->size)
        grow(keys);
    slot = slot_of(keys, hash);
    keys->count += !slot->hash;
    slot->hash = hash;
    slot->times++;
}

bool finding_keys_take(struct finding_keys *keys, uint64_t hash)
{
    struct key_slot *slot = keys->size ? slot_of(keys, hash) : NULL;

    if (!slot || !slot->times)
        return false;
    slot->times--;
    return true;
}
