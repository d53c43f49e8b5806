#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "explore.h"
#include "help.h"
#include "response.h"
#include "session.h"
#include "suggest.h"

/* ---- one option ----------------------------------------------------------------- */

static int usage(const char *format, const char *what, const char *more)
{
    fputs("chanleak: ", stderr);
    fprintf(stderr, format, what, more);
    fputc('\n', stderr);
    return 2;
}

static int set_format(struct options *o, const char *value)
{
    o->format_name = value;     /* which there are depends on the command */
    return -1;
}

static int set_dump(struct options *o, const char *value)
{
    if (!strcmp(value, "roots")) {
        o->dump = DUMP_ROOTS;
    } else if (!strcmp(value, "states")) {
        o->dump = DUMP_STATES;
    } else if (!strncmp(value, "flow", 4) && (!value[4] || (value[4] == ':' && value[5]))) {
        o->dump = DUMP_FLOW;
        o->dump_function = value[4] ? value + 5 : NULL;
    } else {
        return usage("cannot dump '%s': flow, flow:FUNCTION, roots or states%s", value, "");
    }
    return -1;
}

static int set_color(struct options *o, const char *value)
{
    if (strcmp(value, "auto") && strcmp(value, "always") && strcmp(value, "never"))
        return usage("unknown color '%s': auto, always or never%s", value, "");
    o->color = value;
    return -1;
}

static int set_trace(struct options *o, const char *value)
{
    if (strcmp(value, "full") && strcmp(value, "short"))
        return usage("unknown trace '%s': full or short%s", value, "");
    o->full_trace = !strcmp(value, "full");
    return -1;
}

static int set_max_states(struct options *o, const char *value)
{
    char *end;

    errno = 0;
    o->max_states = strtoull(value, &end, 10);
    if (errno || *end || !*value || *value == '-')
        return usage("'%s' is not a number of states%s", value, "");
    return -1;
}

static int set_max_memory(struct options *o, const char *value)
{
    unsigned long long mib;
    char *end;

    errno = 0;
    mib = strtoull(value, &end, 10);
    if (errno || *end || !*value || *value == '-' || mib > SIZE_MAX >> 20)
        return usage("'%s' is not a number of MiB%s", value, "");
    o->max_memory = (size_t)mib << 20;
    return -1;
}

static int set_processes(struct options *o, const char *value)
{
    unsigned long n;
    char *end;

    errno = 0;
    n = strtoul(value, &end, 10);
    if (errno || *end || !*value || *value == '-' || n > 1024)
        return usage("'%s' is not a number of processes%s", value, "");
    o->processes = (unsigned)n;
    return -1;
}

static int set_exhaustive(struct options *o, const char *value)
{
    (void)value;
    o->max_states = 0;
    o->max_memory = 0;
    o->timeout = 0;
    return -1;
}

static int set_timeout(struct options *o, const char *value)
{
    char *end;

    o->timeout = strtod(value, &end);
    if (*end || end == value || !(o->timeout >= 0))
        return usage("'%s' is not a number of seconds%s", value, "");
    return -1;
}

static int set_runs(struct options *o, const char *value)
{
    char *end;

    errno = 0;
    o->runs = strtoull(value, &end, 10);
    if (errno || *end || !*value || *value == '-')
        return usage("'%s' is not a number of runs%s", value, "");
    return -1;
}

static int set_program(struct options *o, const char *value) { o->program = value; return -1; }
static int set_link(struct options *o, const char *value) { o->link = value; return -1; }
static int set_runtime(struct options *o, const char *value) { o->runtime = value; return -1; }
static int set_database(struct options *o, const char *value) { o->database = value; return -1; }
static int set_output(struct options *o, const char *value) { o->output = value; return -1; }
static int set_rules(struct options *o, const char *value) { o->rules = value; return -1; }
static int set_store(struct options *o, const char *value) { o->store = value; return -1; }

static int add_model(struct options *o, const char *value)
{
    ARENA_PUSH(o->arena, o->models, o->model_count, o->model_capacity) = value;
    return -1;
}

static int set_config(struct options *o, const char *value)
{
    o->config = value;
    o->no_config = false;
    return -1;
}

static int set_baseline(struct options *o, const char *value)
{
    o->baseline = value;
    o->no_baseline = false;
    return -1;
}

static int set_no_baseline(struct options *o, const char *value)
{
    (void)value;
    o->no_baseline = true;
    return -1;
}

static int set_no_config(struct options *o, const char *value)
{
    (void)value;
    o->no_config = true;
    return -1;
}

static int add_selected(struct options *o, const char *value)
{
    ARENA_PUSH(o->arena, o->selected, o->selected_count, o->selected_capacity) = value;
    return -1;
}

static int add_ignored(struct options *o, const char *value)
{
    ARENA_PUSH(o->arena, o->ignored, o->ignored_count, o->ignored_capacity) = value;
    return -1;
}

static int set_coverage(struct options *o, const char *value)
{
    (void)value;
    o->explain_coverage = true;
    return -1;
}

static int set_staged(struct options *o, const char *value)
{
    (void)value;
    o->staged = true;
    return -1;
}

static int set_diff(struct options *o, const char *value)
{
    o->diff = value ? value : "HEAD";
    return -1;
}

static int set_new_from(struct options *o, const char *value) { o->new_from = value; return -1; }
static int set_stdin_file(struct options *o, const char *value) { o->stdin_file = value; return -1; }

static int set_hook(struct options *o, const char *value)
{
    (void)value;
    o->hook = true;
    return -1;
}

static int set_stats(struct options *o, const char *value)
{
    (void)value;
    o->stats = true;
    return -1;
}

static int set_fix(struct options *o, const char *value)
{
    if (value && strcmp(value, "diff"))
        return usage("cannot fix to '%s': --fix writes the files, --fix=diff shows what it would do%s", value, "");
    o->fix = true;
    o->fix_diff = value != NULL;
    return -1;
}

static int set_exit_zero(struct options *o, const char *value)
{
    (void)value;
    o->exit_zero = true;
    return -1;
}

static int set_schema(struct options *o, const char *value)
{
    (void)value;
    o->schema = true;
    return -1;
}

static int print_help(struct options *o, const char *value)
{
    (void)value;
    help_print(o->named ? o->command : NULL, stdout);
    return 0;
}

static int print_version(struct options *o, const char *value)
{
    (void)o;
    (void)value;
    printf("chanleak %s\n", CHANLEAK_VERSION);
    return 0;
}

#define ANALYSES "check graph"
#define CONFIGURED ANALYSES " config baseline server"

const struct option option_table[] = {
    { "-p", "DIR", CONFIGURED " doctor", set_database,
      "folder of compile_commands.json (default: beside the files, or in a parent folder or its build/)" },
    { "-j", "N", CONFIGURED, set_processes, "parse in N processes (default 0: as many as there are CPUs)" },
    { "--format", "FORMAT", "check graph query diff", set_format, "%s" },
    { "-o", "FILE", ANALYSES " query diff generate", set_output, "write to FILE what goes to standard output" },
    { "--output", "FILE", ANALYSES " query diff generate", set_output, NULL },
    { "--color", "auto|always|never", NULL, set_color, "NO_COLOR is heeded" },
    { "--trace", "full|short", "check", set_trace, "full: every step of the schedule" },
    { "--explain-coverage", NULL, ANALYSES, set_coverage, "list what was not explored in full, and why" },
    { "--staged", NULL, "check", set_staged,
      "what is staged, not what is on disk, and only findings that HEAD does not have" },
    { "--diff", "[REV]", "check", set_diff,
      "only findings that touch lines changed since REV (default HEAD), or whose schedule does" },
    { "--new-from", "REV", "check", set_new_from, "only findings that REV does not have" },
    { "--stdin-filename", "FILE", "check", set_stdin_file, "standard input is what FILE holds" },
    { "--hook", NULL, "init", set_hook, "have git run chanleak before each commit" },
    { "--stats", NULL, "check", set_stats, "what was parsed, explored and reused, and what that took" },
    { "--fix", "[diff]", "check", set_fix,
      "write the repairs that are proved into the files, and check what is left; diff: show them and write nothing" },
    { "--exit-zero", NULL, "check diff", set_exit_zero, "findings do not make the exit status 1" },
    { "--select", "RULE,...", NULL, add_selected, "these rules only" },
    { "--ignore", "RULE,...", NULL, add_ignored, "all rules but these" },
    { "--config", "FILE", NULL, set_config,
      "the configuration (default: .chanleak.yaml here or in a parent folder)" },
    { "--baseline", "FILE", "check config server", set_baseline,
      "findings that are not told again (default: .chanleak-baseline.json beside the configuration)" },
    { "--no-baseline", NULL, "check config server", set_no_baseline, "tell of them as well" },
    { "--no-config", NULL, NULL, set_no_config, "no configuration" },
    { "--rules", "DIR", NULL, set_rules, "more rules, one Markdown file each" },
    { "--model", "HEADER", CONFIGURED, add_model,
      "what the functions of a library mean, as annotated declarations" },
    { "--db", "FILE", NULL, set_store, "where facts are kept (default: .chanleak/facts.db)" },
    { "--max-states", "N", CONFIGURED, set_max_states, "give up a root after N states (default 1000000, 0: never)" },
    { "--max-memory", "MIB", CONFIGURED, set_max_memory,
      "give up a root that takes more memory (default 512, 0: never)" },
    { "--timeout", "SECONDS", CONFIGURED " confirm", set_timeout,
      "give up a root, or a run of confirm, after so much work (default 10, 0: never)" },
    { "--exhaustive", NULL, CONFIGURED, set_exhaustive, "give up no root, whatever it takes" },
    { "--dump", "flow|flow:FUNCTION|roots|states", "check", set_dump,
      "print the flow graph, where explorations start, or every state they come to" },
    { "--schema", NULL, "query", set_schema, "print the tables and views there are, and what they mean" },
    { "--program", "PATH", "confirm", set_program, "run this program; else it is built as the database says" },
    { "--link", "FLAGS", "confirm", set_link, "what the linker needs besides, such as '-lfoo -lbar'" },
    { "--runtime", "DIR", "confirm doctor", set_runtime, "where libchanrt.a is" },
    { "--runs", "N", "confirm", set_runs, "when the schedule does not show it, try N seeds (default 200)" },
    { "-h", NULL, NULL, print_help, "this text; after a command: what that takes" },
    { "--help", NULL, NULL, print_help, NULL },
    { "--version", NULL, NULL, print_version, "the version" },
    { NULL, NULL, NULL, NULL, NULL },
};

/* ---- what was meant -------------------------------------------------------------- */

static int unknown_option(const char *word)
{
    size_t size = strcspn(word, "=");
    struct suggestion near = suggest_for(word, size);
    char name[64];

    snprintf(name, sizeof name, "%.*s", (int)size, word);
    for (const struct option *option = option_table; option->name; option++)
        suggest_consider(&near, option->name);
    if (suggest_word(&near))
        return usage("unknown option '%s', did you mean '%s'?", name, suggest_word(&near));
    return usage("unknown option '%s', see chanleak --help%s", name, "");
}

/* The first word is neither a command nor a file. */
static int unknown_command(const char *word)
{
    struct suggestion near = suggest_for(word, strlen(word));

    for (const struct command *c = commands; c->name; c++)
        suggest_consider(&near, c->name);
    if (suggest_word(&near))
        return usage("unknown command '%s', did you mean '%s'?", word, suggest_word(&near));
    return usage("no command and no file '%s', see chanleak help%s", word, "");
}

/* ---- the line ---------------------------------------------------------------------- */

static const struct option *find_option(const char *word, const char **value)
{
    for (const struct option *option = option_table; option->name; option++) {
        size_t size = strlen(option->name);
        bool is_short = option->name[1] != '-';

        if (strncmp(word, option->name, size))
            continue;
        if (!word[size])
            *value = NULL;
        else if (!is_short && word[size] == '=')
            *value = word + size + 1;
        else if (is_short && option->value)
            *value = word + size;
        else
            continue;
        return option;
    }
    return NULL;
}

bool option_is_of(const struct option *option, const struct command *command)
{
    size_t size = strlen(command->name);

    if (!option->of)
        return true;
    for (const char *at = option->of; (at = strstr(at, command->name)); at += size)
        if ((at == option->of || at[-1] == ' ') && (!at[size] || at[size] == ' '))
            return true;
    return false;
}

static int read_option(struct options *o, char *const *words, size_t *at)
{
    const char *value, *word = words[*at];
    const struct option *option = find_option(word, &value);

    if (!option)
        return unknown_option(word);
    if (!option->value && value)
        return usage("option '%s' takes no value%s", option->name, "");
    if (option->value && *option->value != '[' && !value) {
        value = words[*at + 1];
        if (!value)
            return usage("option '%s' needs a value%s", option->name, "");
        (*at)++;
    }
    ARENA_PUSH(o->arena, o->given, o->given_count, o->given_capacity) = option;
    return option->set(o, value);
}

static bool read_command(struct options *o, const char *word)
{
    for (const struct command *c = commands; c->name; c++)
        if (!strcmp(word, c->name)) {
            o->command = c;
            return o->named = true;
        }
    return false;
}

enum { RESPONSE_DEPTH = 8 };    /* a file that names itself */

static int read_words(struct options *o, char *const *words, int depth);

static int read_response(struct options *o, const char *path, int depth)
{
    const char *error;
    char *const *words = response_read(path, o->arena, &error);

    if (!words)
        return usage("%s%s", error, "");
    if (depth == RESPONSE_DEPTH)
        return usage("'@%s' is nested too deeply%s", path, "");
    return read_words(o, words, depth + 1);
}

/* query's operand is SQL, or @ and a file of it. */
static bool is_response(const struct options *o, const char *word)
{
    return word[0] == '@' && word[1] && o->command->run != command_query;
}

/* What follows --: arguments of a program, flags of the files before it, or files whose names begin with '-'. */
static void read_dashes(struct options *o)
{
    o->only_files = true;
    o->flags = (o->file_count || o->stdin_file) && (o->command->run == command_check || o->command->run == command_graph);
}

static int read_word(struct options *o, char *const *words, size_t *at, int depth)
{
    const char *word = words[*at];

    if (o->only_files && (o->command->run == command_confirm || o->flags))
        ARENA_PUSH(o->arena, o->arguments, o->argument_count, o->argument_capacity) = word;
    else if (!o->only_files && !strcmp(word, "--"))
        read_dashes(o);
    else if (!o->only_files && is_response(o, word))
        return read_response(o, word + 1, depth);
    else if (!o->only_files && word[0] == '-' && word[1])
        return read_option(o, words, at);
    else if (o->only_files || o->named || o->file_count || !read_command(o, word))
        ARENA_PUSH(o->arena, o->files, o->file_count, o->file_capacity) = word;
    return -1;
}

static int read_words(struct options *o, char *const *words, int depth)
{
    int status = -1;

    for (size_t at = 0; words[at] && status < 0; at++)
        status = read_word(o, words, &at, depth);
    return status;
}

/* ---- what the words say together ---------------------------------------------------- */

static int check_format(struct options *o)
{
    const char *formats = o->command->formats;

    if (formats && !o->format_name)
        o->format_name = arena_printf(o->arena, "%.*s", (int)strcspn(formats, "|"), formats);
    if (formats && !help_has_word(formats, o->format_name))
        return usage("unknown format '%s': %s", o->format_name, help_words(formats, o->arena));
    if (formats)
        return -1;
    o->format = report_format_named(o->format_name ? o->format_name : "text");
    if (!o->format)
        return usage("unknown format '%s': %s", o->format_name, report_format_names());
    return -1;
}

static int check_options(const struct options *o)
{
    for (uint32_t i = 0; i < o->given_count; i++)
        if (!option_is_of(o->given[i], o->command)) {
            fprintf(stderr, "chanleak: option '%s' is not for %s, but for %s\n", o->given[i]->name,
                    o->command->name, help_words(o->given[i]->of, o->arena));
            return 2;
        }
    return -1;
}

int options_parse(struct options *o, int argc, char **argv)
{
    struct arena *arena = arena_new();
    int status;

    *o = (struct options){ .arena = arena, .command = commands, .color = "auto", .store = ".chanleak/facts.db",
                           .max_states = 1000000, .max_memory = (size_t)512 << 20, .timeout = 10, .runs = 200 };
    status = argc > 0 ? read_words(o, argv + 1, 0) : -1;
    ARENA_PUSH(arena, o->arguments, o->argument_count, o->argument_capacity) = NULL;
    if (status < 0 && !o->named && !o->only_files && o->file_count && !strpbrk(o->files[0], "./") &&
        access(o->files[0], F_OK))
        status = unknown_command(o->files[0]);
    if (status < 0)
        status = check_options(o);
    return status < 0 ? check_format(o) : status;
}

bool options_given(const struct options *o, const char *name)
{
    for (uint32_t i = 0; i < o->given_count; i++)
        if (!strcmp(o->given[i]->name, name))
            return true;
    return false;
}

struct explore_options options_budget(const struct options *o)
{
    return (struct explore_options){
        .max_states = o->max_states, .max_bytes = o->max_memory, .max_seconds = o->timeout,
    };
}

void options_release(struct options *options)
{
    arena_free(options->arena);
}
