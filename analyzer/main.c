/* chanleak: from compile_commands.json to findings. Each command is one line here, and a function of
 * a file cmd_*.c. */
#include <signal.h>
#include <unistd.h>

#include "deep.h"
#include "session.h"

const struct command commands[] = {
    { "check", command_check },
    { "explain", command_explain },
    { "rules", command_rules },
    { "graph", command_graph },
    { "confirm", command_confirm },
    { NULL, NULL },
};

/* A transaction that is not committed is as if it had never been. */
static void interrupted(int signal)
{
    static const char words[] = "chanleak: interrupted\n";

    (void)signal;
    output_interrupted();
    if (write(STDERR_FILENO, words, sizeof words - 1) < 0)
        _exit(STATUS_INTERRUPTED);
    _exit(STATUS_INTERRUPTED);
}

static void prepare_signals(void)
{
    signal(SIGINT, interrupted);
    signal(SIGTERM, interrupted);
    signal(SIGXFSZ, SIG_IGN);       /* a full disk is an error like any other */
}

static int run(void *argument)
{
    const struct options *options = argument;
    struct session session = { .options = options, .arena = arena_new() };
    const char *error = NULL;
    int status;

    session.findings.arena = session.arena;
    if (rules_load(&session.rules, options->rules, session.arena, &error))
        status = options->command->run(&session);
    else
        status = session_complain(error);
    store_close(session.store);
    front_free(session.front);
    arena_free(session.arena);
    return status;
}

int main(int argc, char **argv)
{
    struct options options;
    int status = options_parse(&options, argc, argv);

    prepare_signals();
    if (status < 0)
        status = deep_call(run, &options);
    options_release(&options);
    return status;
}
