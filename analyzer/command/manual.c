#include "manual.h"

#include <string.h>

#include "help.h"
#include "session.h"

/* ---- markup ----------------------------------------------------------------------------- */

/* What scdoc would take for markup is escaped; `code` becomes bold. */
static void print_text(const char *text, FILE *out)
{
    for (; *text && *text != '\n'; text++) {
        if (*text == '`')
            putc('*', out);
        else if (strchr("\\*_#~<>[]|", *text))
            fprintf(out, "\\%c", *text);
        else
            putc(*text, out);
    }
}

static void print_paragraph(const char *text, FILE *out)
{
    print_text(text, out);
    fputs("\n\n", out);
}

/* ---- chanleak(1) -------------------------------------------------------------------------- */

static void print_options(const struct command *command, FILE *out)
{
    struct arena *arena = arena_new();

    for (const struct option *o = option_table; o->name; o++) {
        if (!o->help || !(command ? o->of && option_is_of(o, command) && !option_is_of(o, commands) : !o->of ||
                          option_is_of(o, commands)))
            continue;
        fputs("*", out);
        print_text(help_spelling(o, arena), out);
        fputs("*\n\t", out);
        print_paragraph(help_option(o, command ? command : commands, arena), out);
    }
    arena_free(arena);
}

static void print_command(const struct command *c, FILE *out)
{
    fprintf(out, "## chanleak %s\n\n*chanleak %s* ", c->name, c->name);     /* no escapes in a heading */
    print_paragraph(c->operands, out);
    print_paragraph(c->summary, out);
    for (const char *more = c->more; *more; more += strcspn(more, "\n"), more += *more == '\n')
        print_paragraph(more, out);
    print_options(c, out);
}

void manual_program(FILE *out)
{
    struct arena *arena = arena_new();

    fputs("chanleak(1)\n\n"
          "# NAME\n\n"
          "chanleak - finds the tasks of a C program that will never finish\n\n"
          "# SYNOPSIS\n\n"
          "*chanleak* [_command_] [_option_...] [_file_...]\n\n"
          "# DESCRIPTION\n\n"
          "C programs written in Go's style (tasks, channels, select, contexts, wait groups) leak tasks: a sender nobody "
          "listens to any more, a receiver nobody will ever send to, a loop over a channel nobody closes. *chanleak* "
          "executes the program abstractly, under every schedule, reports what no schedule can free again, and shows the "
          "schedule that leads there. The program is read through its _compile\\_commands.json_.\n\n"
          "Findings go to standard output, progress and the summary to standard error.\n\n"
          "# COMMANDS\n\n", out);
    for (const struct command *c = commands; c->name; c++)
        print_command(c, out);
    fputs("# OPTIONS\n\nThose of every command, and of *check*; *graph* takes some of them, see *chanleak help graph*.\n\n", out);
    print_options(NULL, out);
    fputs("*@FILE*\n\tMore of the command line, from a file.\n\n"
          "# FORMATS\n\n", out);
    for (const char *at = help_formats(NULL, arena); *at; at += strcspn(at, "|"), at += *at == '|') {
        const char *name = arena_printf(arena, "%.*s", (int)strcspn(at, "|"), at);

        fprintf(out, "*%s*\n\t", name);
        print_paragraph(report_format_named(name)->words, out);
    }
    fputs("# EXIT STATUS\n\n"
          "0: nothing was found; 1: there are findings; 2: something could not be done, and was said.\n\n"
          "# ENVIRONMENT\n\n"
          "*NO\\_COLOR*\n\tWhen it is set, nothing is coloured but by *--color=always*.\n\n"
          "# FILES\n\n"
          "_.chanleak/facts.db_\n\tWhat was read, proved and said: an SQLite database, see *chanleak query --schema*. It is "
          "also the memory that makes the next run short.\n\n"
          "# EXAMPLES\n\n"
          "```\n"
          "chanleak                                the project of this folder\n"
          "chanleak -p build src/search.c          one file of it\n"
          "chanleak check --format=sarif -o leaks.sarif\n"
          "chanleak query 'SELECT rule, count(*) FROM findings GROUP BY rule'\n"
          "```\n\n"
          "# SEE ALSO\n\n"
          "*chanleak-rules*(7), *chanrt*(3)\n", out);
    arena_free(arena);
}

/* ---- chanleak-rules(7) ----------------------------------------------------------------------- */

static void print_code(const char *line, FILE *out)
{
    for (; *line && *line != '\n'; line++) {
        if (*line == '\\')
            putc('\\', out);
        putc(*line, out);
    }
}

/* A line of a rule's page. Fences stay as they are, without their language. */
static void print_line(const char *line, bool *fenced, FILE *out)
{
    if (!strncmp(line, "```", 3)) {
        *fenced = !*fenced;
        fputs(*fenced ? "\n```" : "```\n", out);
    } else if (*fenced) {
        print_code(line, out);
    } else if (!strncmp(line, "## ", 3)) {
        fputs("\n_", out);
        print_text(line + 3, out);
        fputs("_\n", out);
    } else if (!strncmp(line, "- ", 2)) {
        fputs("- ", out);
        print_text(line + 2, out);
    } else {
        print_text(line, out);
    }
    putc('\n', out);
}

/* All but the title and the query. */
static void print_page(const struct rule *rule, FILE *out)
{
    const char *line = strchr(rule->text, '\n');
    bool fenced = false;

    fprintf(out, "## %s\n\n", rule->name);
    print_paragraph(rule->title, out);
    while (line && *++line && strncmp(line, "## Query", 8)) {
        print_line(line, &fenced, out);
        line = strchr(line, '\n');
    }
    putc('\n', out);
}

void manual_rules(const struct rules *rules, FILE *out)
{
    fputs("chanleak-rules(7)\n\n"
          "# NAME\n\n"
          "chanleak-rules - what chanleak reports, why it matters, and how it is repaired\n\n"
          "# DESCRIPTION\n\n"
          "Errors and warnings make the exit status 1, notes do not. Each rule has an example that leaks, at the marked "
          "line, and its repair. The same pages are printed by *chanleak explain* _rule_.\n\n"
          "# RULES\n\n", out);
    for (uint32_t i = 0; i < rules->count; i++)
        print_page(&rules->list[i], out);
    fputs("# SEE ALSO\n\n*chanleak*(1), *chanrt*(3)\n", out);
}
