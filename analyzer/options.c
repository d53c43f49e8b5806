#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explore.h"
#include "session.h"
#include "suggest.h"

static const char help_text[] =
"usage: chanleak [check] [-p DIR] [FILE...]\n"
"       chanleak explain RULE\n"
"       chanleak rules\n"
"       chanleak graph [-p DIR] [FILE...]\n"
"       chanleak confirm [FINDING...] [-- ARGUMENT...]\n"
"\n"
"Finds the tasks of a C program that will never finish, and shows the schedule\n"
"that leads there. The program is read through its compile_commands.json.\n"
"\n"
"  check              analyse the files, or all of the database (the default)\n"
"  explain RULE       print the page of a rule\n"
"  rules              list the rules\n"
"  graph              who starts, sends, receives and closes, as Graphviz DOT\n"
"  confirm            run the program along the schedules of the last check's findings, or\n"
"                     of the named ones (3, src/a.c:20, src/a.c), and see whether they\n"
"                     happen; ARGUMENTs are the program's\n"
"\n"
"  -p DIR             folder of compile_commands.json (default: beside the files, or\n"
"                     in a parent folder or its build/)\n"
"  -j N               parse in N processes (default 0: as many as there are CPUs)\n"
"  --format=FORMAT    how findings are told, see below (default text)\n"
"  -o FILE            write the findings to FILE\n"
"  --color=WHEN       auto, always or never; NO_COLOR is heeded\n"
"  --trace=full       every step of the schedule\n"
"  --explain-coverage list what was not explored in full, and why\n"
"  --rules=DIR        more rules, one Markdown file each\n"
"  --model=HEADER     what the functions of a library mean, as annotated declarations\n"
"  --db=FILE          where facts are kept (default: .chanleak/facts.db)\n"
"  --max-states=N     give up a root after N states (default 1000000, 0: never)\n"
"  --max-memory=MIB   give up a root that takes more memory (default 512, 0: never)\n"
"  --timeout=SECONDS  give up a root after so much work (default 10, 0: never); confirm:\n"
"                     a run\n"
"  --exhaustive       give up no root, whatever it takes\n"
"  --dump=flow[:FUNCTION], --dump=roots, --dump=states\n"
"                     print the flow graph, where explorations start, or every state\n"
"                     they come to\n"
"  --program=PATH     confirm: run this program; else it is built as the database says\n"
"  --link=FLAGS       confirm: what the linker needs besides, such as '-lfoo -lbar'\n"
"  --runtime=DIR      confirm: where libchanrt.a is\n"
"  --runs=N           confirm: when the schedule does not show it, try N seeds (default 200)\n"
"  --help, --version\n"
"\n"
"exit status of confirm: 0 all confirmed but those that no run can show, 1 some not, 2 a\n"
"                     program could not be built or run\n"
"exit status: 0 nothing found, 1 findings, 2 not everything could be analysed\n"
"\n"
"formats:\n";

static const char examples_text[] =
"\n"
"examples:\n"
"  chanleak                            check the project of this folder\n"
"  chanleak -p build src/search.c      check one file of it\n"
"  chanleak check --format=sarif -o leaks.sarif\n"
"                                      for a code host or an editor\n";

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
    o->format = report_format_named(value);
    if (!o->format)
        return usage("unknown format '%s': %s", value, report_format_names());
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
    o->models[o->model_count++] = value;
    return -1;
}

static int set_coverage(struct options *o, const char *value)
{
    (void)value;
    o->explain_coverage = true;
    return -1;
}

static int print_help(struct options *o, const char *value)
{
    (void)o;
    (void)value;
    fputs(help_text, stdout);
    report_format_help(stdout);
    fputs(examples_text, stdout);
    return 0;
}

static int print_version(struct options *o, const char *value)
{
    (void)o;
    (void)value;
    printf("chanleak %s\n", CHANLEAK_VERSION);
    return 0;
}

static const struct option {
    const char *name;
    bool        has_value;
    int       (*set)(struct options *options, const char *value);
} table[] = {
    { "-p", true, set_database },
    { "-o", true, set_output },
    { "-h", false, print_help },
    { "--help", false, print_help },
    { "--version", false, print_version },
    { "-j", true, set_processes },
    { "--format", true, set_format },
    { "--output", true, set_output },
    { "--color", true, set_color },
    { "--trace", true, set_trace },
    { "--explain-coverage", false, set_coverage },
    { "--rules", true, set_rules },
    { "--model", true, add_model },
    { "--db", true, set_store },
    { "--max-states", true, set_max_states },
    { "--max-memory", true, set_max_memory },
    { "--timeout", true, set_timeout },
    { "--exhaustive", false, set_exhaustive },
    { "--dump", true, set_dump },
    { "--program", true, set_program },
    { "--link", true, set_link },
    { "--runtime", true, set_runtime },
    { "--runs", true, set_runs },
};
enum { OPTIONS = sizeof table / sizeof *table };

/* ---- suggestions ------------------------------------------------------------------ */

static int unknown_option(const char *word)
{
    struct suggestion meant = suggest_for(word, strcspn(word, "="));
    char *name = strndup(word, meant.size);
    int status;

    for (size_t i = 0; i < OPTIONS; i++)
        suggest_consider(&meant, table[i].name);
    if (suggest_word(&meant))
        status = usage("unknown option '%s', did you mean '%s'?", name ? name : word, suggest_word(&meant));
    else
        status = usage("unknown option '%s', see chanleak --help%s", name ? name : word, "");
    free(name);
    return status;
}

/* ---- the line ---------------------------------------------------------------------- */

static const struct option *find_option(const char *word, const char **value)
{
    for (size_t i = 0; i < OPTIONS; i++) {
        size_t size = strlen(table[i].name);
        bool is_short = table[i].name[1] != '-';

        if (strncmp(word, table[i].name, size))
            continue;
        if (!word[size])
            *value = NULL;
        else if (!is_short && word[size] == '=')
            *value = word + size + 1;
        else if (is_short && table[i].has_value)
            *value = word + size;
        else
            continue;
        return &table[i];
    }
    return NULL;
}

static int read_option(struct options *o, char **argv, int *at)
{
    const char *value, *word = argv[*at];
    const struct option *option = find_option(word, &value);

    if (!option)
        return unknown_option(word);
    if (!option->has_value && value)
        return usage("option '%s' takes no value%s", option->name, "");
    if (option->has_value && !value) {
        value = argv[*at + 1];
        if (!value)
            return usage("option '%s' needs a value%s", option->name, "");
        (*at)++;
    }
    return option->set(o, value);
}

static bool read_command(struct options *o, const char *word)
{
    for (const struct command *c = commands; c->name; c++)
        if (!strcmp(word, c->name)) {
            o->command = c;
            return true;
        }
    return false;
}

int options_parse(struct options *o, int argc, char **argv)
{
    bool only_files = false, has_command = false;
    size_t argument_count = 0;

    *o = (struct options){ .command = commands, .format = report_format_named("text"), .color = "auto", .store = ".chanleak/facts.db", .max_states = 1000000,
                           .max_memory = (size_t)512 << 20, .timeout = 10, .runs = 200 };
    o->files = calloc((size_t)argc + 1, sizeof *o->files);
    o->models = calloc((size_t)argc + 1, sizeof *o->models);
    o->arguments = calloc((size_t)argc + 1, sizeof *o->arguments);
    if (!o->files || !o->models || !o->arguments)
        return usage("out of memory%s%s", "", "");
    for (int i = 1; i < argc; i++) {
        int status = -1;

        if (!only_files && !strcmp(argv[i], "--"))
            only_files = true;
        else if (!only_files && argv[i][0] == '-' && argv[i][1])
            status = read_option(o, argv, &i);
        else if (!has_command && !o->file_count && !only_files && read_command(o, argv[i]))
            has_command = true;
        else if (only_files && o->command->run == command_confirm)
            o->arguments[argument_count++] = argv[i];
        else
            o->files[o->file_count++] = argv[i];
        if (status >= 0)
            return status;
    }
    return -1;
}

struct explore_options options_budget(const struct options *o)
{
    return (struct explore_options){
        .max_states = o->max_states, .max_bytes = o->max_memory, .max_seconds = o->timeout,
    };
}

void options_release(struct options *options)
{
    free(options->files);
    free(options->models);
    free(options->arguments);
}
