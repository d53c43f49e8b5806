/* chanleak: from compile_commands.json to findings. Each command is one line here, and a function of
 * a file cmd_*.c. */
#include <malloc.h>
#include <signal.h>
#include <unistd.h>

#include "deep.h"
#include "session.h"

const struct command commands[] = {
    { "check", command_check, "[FILE... [-- FLAG...]]", NULL, "analyse the files, or all of the compile database (the default)",
      "FLAGs are those of the compiler, for all FILEs, in place of a compile database: chanleak a.c b.c -- -Iinclude -DNDEBUG.\n"
      "exit status: 0 nothing found, 1 findings, 2 not everything could be analysed\n" },
    { "explain", command_explain, "RULE", NULL, "print the page of a rule", "" },
    { "rules", command_rules, "", NULL, "list the rules", "" },
    { "graph", command_graph, "[FILE... [-- FLAG...]]", "dot|svg", "who starts, sends, receives and closes, as a picture",
      "dot is the language of Graphviz; svg is drawn by its program 'dot'.\n" },
    { "config", command_config, "show", NULL, "what is configured, and where each value comes from",
      "The configuration is .chanleak.yaml, here or in a parent folder; the command line wins over it.\n" },
    { "baseline", command_baseline, "write|show [FILE]", NULL, "leave the findings of today for later: check tells of new ones",
      "write makes the file of what is found now, show lists it. A finding is known by its rule, file, function, object and the text of "
      "its line, wherever that moves.\n" },
    { "confirm", command_confirm, "[FINDING...] [-- ARGUMENT...]", NULL,
      "run the program along the schedules of the last check's findings, and see whether they happen",
      "FINDINGs are all, or those named: 3, the third that was printed; src/a.c:20; src/a.c. ARGUMENTs are "
      "the program's.\n"
      "exit status: 0 all confirmed but those that no run can show, 1 some not, 2 a program could not be built "
      "or run\n" },
    { "query", command_query, "SQL|@FILE|-", "table|csv|json", "ask the database of facts, in SQL; nothing is changed",
      "The SQL is the operand, or in FILE, or comes from standard input (-). --schema prints the tables and views with what they mean, --schema NAME one of them. Blobs are shown as their size.\n" },
    { "diff", command_diff, "OLD.db NEW.db", "text|json", "compare two databases: findings introduced, fixed and unchanged",
      "Findings are told apart by rule, path, function, channel and the text of the line, never by line numbers; in two "
      "checkouts, paths are told from the folders of these.\n"
      "exit status: 0 nothing introduced, 1 something was, 2 a database cannot be read\n" },
    { "doctor", command_doctor, "", NULL, "what is wrong with the set-up, and what helps",
      "exit status: 0 nothing, 1 there are warnings, 2 there are errors\n" },
    { "demo", command_demo, "[DIR]", NULL, "write a small project that leaks, check it, and say what to do next",
      "The folder is a new one, or DIR, which must not exist yet or be empty.\n" },
    { "clean", command_clean, "", NULL, "remove the database of facts, and nothing that others have written",
      "In .chanleak also the pages of rules that the server writes for editors (.chanleak/pages), and the folder itself when it is "
      "empty then. Other files stay, rules of your own among them.\n" },
    { "server", command_server, "", NULL, "a language server over standard input and output, for editors",
      "See docs/editors.md for how editors start it.\n" },
    { "generate", command_generate, "bash|zsh|fish|man|man-rules", NULL,
      "print the completions of a shell, or the source (scdoc) of a manual page", "" },
    { "init", command_init, "", NULL, "write a .chanleak.yaml to fill in, or with --hook the pre-commit hook of git",
      "The hook runs chanleak check --staged; a hook that is there already is kept, and runs first.\n" },
    { "help", command_help, "[COMMAND]", NULL, "what a command does and takes", "" },
    { NULL, NULL, NULL, NULL, NULL, NULL },
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

/* All is done on one other thread (deep.h). Memory of its own would grow a page at a time, each a system call; so it
 * takes the first thread's, that grows by more, and gives nothing back before the end. */
static void prepare_memory(void)
{
#ifdef __GLIBC__
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_TOP_PAD, 1 << 20);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif
}

static void prepare_signals(void)
{
    signal(SIGINT, interrupted);
    signal(SIGTERM, interrupted);
    signal(SIGXFSZ, SIG_IGN);       /* a full disk is an error like any other */
}

/* The server is told where the project is, and its configuration changes while it runs; the doctor says what is
 * wrong with it; the others do not depend on it. */
static bool needs_configuration(const struct command *command)
{
    return command->run != command_server && command->run != command_doctor && command->run != command_demo &&
           command->run != command_help && command->run != command_clean;
}

static int run(void *argument)
{
    struct options *options = argument;
    struct session session = { .options = options, .arena = arena_new() };
    int status;

    session.findings.arena = session.arena;
    status = !needs_configuration(options->command) || session_configure(&session, options) 
        ? options->command->run(&session) : STATUS_FAILED;
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
    prepare_memory();
    if (status < 0)
        status = deep_call(run, &options);
    options_release(&options);
    return status;
}
