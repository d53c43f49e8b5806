/* Models are read from headers. */
#include <stdlib.h>
#include <string.h>

#include "embedded.h"
#include "lower.h"

/* Just enough of the standard headers for chanrt.h, so that reading the models
 * costs a fraction of a millisecond and no compiler need be installed. */
static const char standard_types[] =
    "#ifndef CHANLEAK_STANDARD_TYPES\n#define CHANLEAK_STANDARD_TYPES\n"
    "#define bool _Bool\n#define true 1\n#define false 0\n#define NULL ((void *)0)\n"
    "typedef __SIZE_TYPE__ size_t;\ntypedef __PTRDIFF_TYPE__ ptrdiff_t;\n"
    "typedef __INT8_TYPE__ int8_t;\ntypedef __INT16_TYPE__ int16_t;\ntypedef __INT32_TYPE__ int32_t;\n"
    "typedef __INT64_TYPE__ int64_t;\ntypedef __UINT8_TYPE__ uint8_t;\ntypedef __UINT16_TYPE__ uint16_t;\n"
    "typedef __UINT32_TYPE__ uint32_t;\ntypedef __UINT64_TYPE__ uint64_t;\n"
    "typedef __INTPTR_TYPE__ intptr_t;\ntypedef __UINTPTR_TYPE__ uintptr_t;\n"
    "#define INT64_C(n) n##L\ntypedef void FILE;\nextern FILE *stderr;\n#endif\n";

enum { MODEL_FILES = 32 };

static struct model *list_add(struct model_list *list, struct model model)
{
    struct model *m = &ARENA_PUSH(list->arena, list->list, list->count, list->capacity);

    *m = model;
    return m;
}

/* Functions with bodies are models too. */
static void add_bodies(struct models *models, const struct flow *flow)
{
    ARENA_PUSH(models->arena, models->flows, models->flow_count, models->flow_capacity) = flow;
    for (uint32_t i = 0; i < flow->function_count; i++) {
        const struct symbol *s = &flow->symbols[flow->functions[i].symbol];

        if (!s->internal)
            list_add(&models->list, (struct model){
                .name = flow_string(flow, s->name), .op = FLOW_OP_NONE,
                .body = flow, .function = i,
            });
    }
}

/* Sort by name; of several with one name the last added stays. */
static void sort_models(struct model_list *list)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < list->count; i++)
        list->list[i].order = i;
    qsort(list->list, list->count, sizeof *list->list, model_by_name);
    for (uint32_t i = 0; i < list->count; i++) {
        struct model *last = kept ? &list->list[kept - 1] : NULL;

        if (!last || strcmp(last->name, list->list[i].name))
            list->list[kept++] = list->list[i];
        else if (list->list[i].order > last->order)
            *last = list->list[i];
    }
    list->count = kept;
}

static void read_unit(struct models *models, const struct unit *unit)
{
    struct flow *flow = lower_unit(unit, NULL, models->arena, &models->list);

    add_bodies(models, flow);
}

/* All built-in headers in one go: parsing has a fixed cost. */
static const char *read_built_in(struct models *models)
{
    static const char *const headers[] = { "stdbool.h", "stddef.h", "stdint.h", "stdio.h" };
    static const char *const args[] = { "-x", "c", "-std=gnu11", "-fno-builtin", "-nostdinc", "-isystem", "/chanleak-standard" };
    struct unit_file files[MODEL_FILES];
    char *source = "";
    size_t count = 0;

    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        files[count++] = (struct unit_file){
            arena_printf(models->arena, "/chanleak-standard/%s", headers[i]), standard_types };
    for (const struct embedded *e = embedded_models; e->name && count < MODEL_FILES - 1; e++) {
        char *path = arena_printf(models->arena, "/chanleak-models/%s", e->name);

        files[count++] = (struct unit_file){ path, e->text };
        source = arena_printf(models->arena, "%s#include \"%s\"\n", source, path);
    }
    files[count++] = (struct unit_file){ "/chanleak-models/models.c", source };
    struct unit unit = unit_open("/", "/chanleak-models/models.c", args, sizeof args / sizeof *args,
                                 files, count, models->arena);
    if (!unit.error)
        read_unit(models, &unit);
    unit_close(&unit);
    return unit.error;
}

static const char *read_file(struct models *models, const char *file)
{
    static const char *const args[] = { "-x", "c", "-std=gnu11" };
    struct unit unit = unit_open(".", file, args, sizeof args / sizeof *args, NULL, 0, models->arena);

    if (!unit.error)
        read_unit(models, &unit);
    unit_close(&unit);
    return unit.error;
}

struct models *models_load(const char *const *files, size_t count, struct arena *arena,
                           const char **error)
{
    struct models *models = ARENA_NEW(arena, struct models);

    models->arena = arena;
    models->list.arena = arena;
    *error = read_built_in(models);
    for (size_t i = 0; i < count && !*error; i++)
        *error = read_file(models, files[i]);
    if (*error)
        return NULL;
    sort_models(&models->list);
    return models;
}
