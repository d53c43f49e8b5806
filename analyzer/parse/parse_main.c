/* chanleak-parse: the part of chanleak that loads libclang (parser.h). Requests come on standard
 * input, answers go to standard output; arguments are model headers. */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "deep.h"
#include "flow_pack.h"
#include "keeper.h"
#include "lower.h"
#include "parser.h"
#include "unit_outline.h"

struct worker {
    int            out;             /* where answers go */
    bool           keeps;           /* it is the server's (keeper.h) */
    struct arena  *arena;           /* of the models */
    struct models *models;
    const char    *error;           /* why there are none */
};

static void answer_about(struct message *to)
{
    message_add_string(to, parser_build);
    message_add_string(to, unit_compiler_version());
}

static void answer_models(const struct worker *w, struct message *to)
{
    message_add_string(to, w->error);
    if (!w->error)
        models_pack(w->models, to);
}

static const char **read_strings(struct message_reader *r, uint64_t *count, struct arena *arena)
{
    const char **list;

    *count = message_next_number(r);
    list = ARENA_ARRAY(arena, const char *, *count + 1);
    for (uint64_t i = 0; i < *count; i++)
        list[i] = message_next_string(r);
    return list;
}

static struct unit open_asked(bool kept, struct message_reader *r, const char **file, struct arena *arena)
{
    const char *directory;
    uint64_t argument_count, overlay_count;
    const char **arguments;
    struct unit_file *overlay;

    *file = message_next_string(r);
    directory = message_next_string(r);
    arguments = read_strings(r, &argument_count, arena);
    overlay_count = message_next_number(r);
    overlay = ARENA_ARRAY(arena, struct unit_file, overlay_count + 1);
    for (uint64_t i = 0; i < overlay_count; i++) {
        overlay[i].path = message_next_string(r);
        overlay[i].text = message_next_string(r);
    }
    return (kept ? unit_open_kept : unit_open)(directory, *file, arguments, argument_count, overlay, overlay_count,
                                               arena);
}

static void answer_outline(const struct worker *w, struct message_reader *r, struct message *to)
{
    const char *file;
    struct unit unit = open_asked(w->keeps, r, &file, to->arena);

    message_add_string(to, unit.error);
    if (!unit.error)
        unit_outline(&unit, file, w->models, to);
    unit_close(&unit);
}

static void answer_unit(const struct worker *w, bool kept, struct message_reader *r, struct message *to)
{
    struct arena *arena = to->arena;
    const char *file;
    struct unit unit = open_asked(kept, r, &file, arena);
    struct bytes flow = { 0 };

    if (!unit.error) {
        struct flow *lowered = lower_unit(&unit, w->models, arena, NULL);
        const char *wrong = flow_check(lowered);

        if (wrong)
            unit.error = arena_printf(arena, "%s:1:1: error: internal: %s", file, wrong);
        else
            flow = flow_pack(lowered, arena);
    }
    message_add_string(to, unit.error);
    message_add_string(to, unit.warning);
    message_add_number(to, unit.include_count);
    for (uint32_t i = 0; i < unit.include_count; i++)
        message_add_string(to, unit.includes[i]);
    message_add(to, flow);
    unit_close(&unit);
}

static bool is_unit(const char *word)
{
    return !strcmp(word, PARSE_UNIT) || !strcmp(word, PARSE_KEPT);
}

static bool serve(const struct worker *w, int in, int out)
{
    struct arena *arena = arena_new();
    struct message from = { .arena = arena }, to = { .arena = arena };
    struct message_reader r = { .message = &from };
    bool more = message_read(in, &from);
    const char *word = more ? message_next_string(&r) : NULL;

    if (word && !strcmp(word, PARSE_MODELS))
        answer_models(w, &to);
    else if (word && !strcmp(word, PARSE_ABOUT))
        answer_about(&to);
    else if (word && w->error)
        message_add_string(&to, w->error);
    else if (word && !strcmp(word, PARSE_OUTLINE))
        answer_outline(w, &r, &to);
    else if (word && is_unit(word))
        answer_unit(w, !strcmp(word, PARSE_KEPT), &r, &to);
    else
        more = false;
    more = more && message_write(out, &to);
    arena_free(arena);
    return more;
}

/* Of the server: connections come one after the other, and who asked may be gone before the answer. */
static void serve_connections(const struct worker *w)
{
    int connection;

    signal(SIGPIPE, SIG_IGN);
    while ((connection = keeper_receive(STDIN_FILENO)) >= 0) {
        while (serve(w, connection, connection))
            ;
        close(connection);
    }
    unit_forget_kept();
}

static int serve_all(void *worker)
{
    const struct worker *w = worker;

    if (w->keeps)
        serve_connections(w);
    while (!w->keeps && w->out >= 0 && serve(w, STDIN_FILENO, w->out))
        ;
    return 0;
}

int main(int argc, char **argv)
{
    bool keeps = argc > 1 && !strcmp(argv[1], PARSE_KEEPS);
    /* what libclang prints does not end up among the answers */
    struct worker w = { .out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3), .keeps = keeps, .arena = arena_new() };

    dup2(STDERR_FILENO, STDOUT_FILENO);
    w.models = models_load((const char *const *)argv + 1 + keeps, (size_t)(argc - 1 - keeps), w.arena, &w.error);
    deep_call(serve_all, &w);
    arena_free(w.arena);
    return 0;
}
