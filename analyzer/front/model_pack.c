#include "flow_pack.h"
#include "model.h"

enum { NO_FLOW = UINT32_MAX };

static uint32_t flow_number(const struct models *models, const struct flow *flow)
{
    for (uint32_t i = 0; i < models->flow_count; i++)
        if (models->flows[i] == flow)
            return i;
    return NO_FLOW;
}

void models_pack(const struct models *models, struct message *message)
{
    message_add_number(message, models->flow_count);
    for (uint32_t i = 0; i < models->flow_count; i++)
        message_add(message, flow_pack(models->flows[i], message->arena));
    message_add_number(message, models->list.count);
    for (uint32_t i = 0; i < models->list.count; i++) {
        const struct model *m = &models->list.list[i];

        message_add(message, (struct bytes){ m, sizeof *m });
        message_add_string(message, m->name);
        message_add_number(message, flow_number(models, m->body));
    }
}

static bool unpack_model(struct models *models, struct message_reader *reader)
{
    struct bytes record = message_next(reader);
    const char *name = message_next_string(reader);
    uint64_t flow = message_next_number(reader);
    struct model *m;

    if (record.size != sizeof *m || !name || (flow != NO_FLOW && flow >= models->flow_count))
        return false;
    m = &ARENA_PUSH(models->arena, models->list.list, models->list.count, models->list.capacity);
    *m = *(const struct model *)record.data;
    m->name = name;
    m->body = flow == NO_FLOW ? NULL : models->flows[flow];
    return !m->body || m->function < m->body->function_count;
}

struct models *models_unpack(struct message_reader *reader, struct arena *arena)
{
    struct models *models = ARENA_NEW(arena, struct models);
    uint64_t count = message_next_number(reader);

    models->arena = models->list.arena = arena;
    for (uint64_t i = 0; i < count; i++) {
        struct flow *flow = flow_unpack(message_next(reader), arena);

        if (!flow)
            return NULL;
        ARENA_PUSH(arena, models->flows, models->flow_count, models->flow_capacity) = flow;
    }
    count = message_next_number(reader);
    for (uint64_t i = 0; i < count; i++)
        if (!unpack_model(models, reader))
            return NULL;
    return models;
}
