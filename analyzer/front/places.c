#include "places.h"

#include <string.h>
#include <xxhash.h>

#include "paths.h"

struct list {
    struct inputs *inputs;
    uint32_t      *numbers;
    uint32_t       count, capacity;
};

/* ---- folders -------------------------------------------------------------------------------- */

static void add(struct list *l, const char *folder)
{
    uint32_t number = inputs_number(l->inputs, folder);

    for (uint32_t i = 0; i < l->count; i++)
        if (l->numbers[i] == number)
            return;
    ARENA_PUSH(l->inputs->arena, l->numbers, l->count, l->capacity) = number;
}

static bool is_system(const char *path)
{
    return !strncmp(path, "/usr/", 5);
}

static void add_search_path(struct list *l, const char *directory, const char *const *arguments)
{
    static const char *const options[] = { "-I", "-isystem", "-iquote", "-idirafter" };

    for (; *arguments; arguments++)
        for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
            size_t n = strlen(options[i]);
            const char *folder = *arguments + n;

            if (strncmp(*arguments, options[i], n))
                continue;
            if (!*folder && arguments[1])
                folder = *++arguments;
            if (*folder)
                add(l, path_absolute(directory, folder, l->inputs->arena));
            break;
        }
}

static void add_below_all(struct list *l, uint32_t search_count, const char *part)
{
    for (uint32_t i = 0; i < search_count && *part; i++)
        add(l, arena_printf(l->inputs->arena, "%s/%s", l->inputs->list[l->numbers[i]].path, part));
}

/* The folder's part of what a header may be included as: "sys" of "sys/types.h". Headers of the system are told from
 * where they are by one name at most. */
static void add_below(struct list *l, uint32_t search_count, const char *header)
{
    const char *folder = path_folder(header, l->inputs->arena);

    for (uint32_t i = 0; i < search_count; i++) {
        const char *search = l->inputs->list[l->numbers[i]].path;
        size_t n = strlen(search);

        if (!strncmp(folder, search, n) && folder[n] == '/')
            add_below_all(l, search_count, folder + n + 1);
    }
    if (is_system(header))
        add_below_all(l, search_count, path_last(folder));
}

uint32_t *places_of(struct inputs *inputs, const char *directory, const char *const *arguments, const uint32_t *files,
                    uint32_t file_count, uint32_t *count)
{
    struct list l = { .inputs = inputs };
    uint32_t search_count;

    for (uint32_t i = 0; i < file_count; i++)
        if (!is_system(inputs->list[files[i]].path))
            add(&l, path_folder(inputs->list[files[i]].path, inputs->arena));
    add_search_path(&l, directory, arguments);
    search_count = l.count;
    for (uint32_t i = 1; i < file_count; i++)
        add_below(&l, search_count, inputs->list[files[i]].path);
    *count = l.count;
    return l.numbers;
}

/* ---- names ----------------------------------------------------------------------------------- */

static bool is_there(struct inputs *inputs, uint32_t folder, uint32_t file)
{
    const struct unit_file *text = !inputs->moves ? NULL
        : inputs_text(inputs, arena_printf(inputs->arena, "%s/%s", inputs->list[folder].path,
                                           path_last(inputs->list[file].path)));

    return text ? text->text != NULL : inputs_has_name(inputs, folder, file);
}

uint64_t places_found(struct inputs *inputs, const uint32_t *places, uint32_t count, const uint32_t *files,
                      uint32_t file_count)
{
    XXH3_state_t *state = XXH3_createState();
    uint64_t hash;

    XXH3_64bits_reset(state);
    for (uint32_t p = 0; p < count; p++)
        for (uint32_t i = 1; i < file_count; i++)
            if (is_there(inputs, places[p], files[i])) {
                uint32_t found[] = { p, i };

                XXH3_64bits_update(state, found, sizeof found);
            }
    hash = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    return hash;
}
