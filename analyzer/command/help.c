#include "help.h"

#include <string.h>

#include "session.h"

enum { INDENT = 21, WIDTH = 80 };

/* ---- lists of words -------------------------------------------------------------- */

bool help_has_word(const char *words, const char *word)
{
    for (size_t size; *words; words += size + (words[size] != 0)) {
        size = strcspn(words, "| ");
        if (size == strlen(word) && !strncmp(words, word, size))
            return true;
    }
    return false;
}

const char *help_words(const char *words, struct arena *arena)
{
    const char *text = "";

    for (size_t size; *words; words += size + (words[size] != 0)) {
        size = strcspn(words, "| ");
        text = arena_printf(arena, "%s%s%.*s", text,
                            !*text ? "" : words[size] ? ", " : " or ", (int)size, words);
    }
    return text;
}

/* ---- one entry -------------------------------------------------------------------- */

const char *help_formats(const struct command *command, struct arena *arena)
{
    char *names;

    if (command && command->formats)
        return command->formats;
    names = arena_strdup(arena, report_format_names());     /* "a, b or c" */
    for (char *end; (end = strstr(names, " or "));)
        memmove(end, ", ", 2), memmove(end + 2, end + 4, strlen(end + 4) + 1);
    for (char *end; (end = strstr(names, ", "));) {
        *end = '|';
        memmove(end + 1, end + 2, strlen(end + 2) + 1);
    }
    return names;
}

const char *help_option(const struct option *option, const struct command *command, struct arena *arena)
{
    if (strcmp(option->help, "%s"))
        return option->help;
    if (command && !command->formats)
        return "how findings are told, see below (default text)";
    return help_words(help_formats(command, arena), arena);
}

static const char *spell(const struct option *o, struct arena *arena)
{
    if (!o->value)
        return o->name;
    if (*o->value == '[')
        return arena_printf(arena, "%s[=%s", o->name, o->value + 1);
    return arena_printf(arena, "%s%c%s", o->name, o->name[1] == '-' ? '=' : ' ', o->value);
}

const char *help_spelling(const struct option *option, struct arena *arena)
{
    const char *text = spell(option, arena);

    for (option++; option->name && !option->help; option++)
        text = arena_printf(arena, "%s, %s", text, spell(option, arena));
    return text;
}

/* The words of text in lines, which begin at a column. */
static void print_wrapped(const char *text, size_t column, FILE *out)
{
    size_t at = column;

    for (bool first = true; *text; first = false) {
        size_t size = strcspn(text, " ");

        if (!first && at + 1 + size > WIDTH) {
            fprintf(out, "\n%*s", (int)column, "");
            at = column;
        } else if (!first) {
            putc(' ', out);
            at++;
        }
        fprintf(out, "%.*s", (int)size, text);
        at += size;
        text += size + strspn(text + size, " ");
    }
    putc('\n', out);
}

static void print_entry(const char *name, const char *text, FILE *out)
{
    size_t size = strlen(name);

    if (size + 3 > INDENT)
        fprintf(out, "  %s\n%*s", name, INDENT, "");
    else
        fprintf(out, "  %-*s", INDENT - 2, name);
    print_wrapped(text, INDENT, out);
}

static void print_options(const struct command *command, FILE *out)
{
    struct arena *arena = arena_new();

    for (const struct option *o = option_table; o->name; o++)
        if (o->help && option_is_of(o, command))
            print_entry(help_spelling(o, arena), help_option(o, command, arena), out);
    print_entry("@FILE", "more of the command line, from a file", out);
    arena_free(arena);
}

/* ---- help ------------------------------------------------------------------------- */

static bool takes_format(const struct command *command)
{
    for (const struct option *o = option_table; o->name; o++)
        if (!strcmp(o->name, "--format"))
            return option_is_of(o, command);
    return false;
}

static void print_formats(const struct command *command, FILE *out)
{
    if (!command->formats && takes_format(command)) {
        fputs("\nformats:\n\n", out);
        report_format_help(out);
    }
}

static void print_command(const struct command *c, FILE *out)
{
    struct arena *arena = arena_new();

    fprintf(out, "usage: chanleak %s [OPTION...]%s%s\n\n", c->name, *c->operands ? " " : "", c->operands);
    print_wrapped(c->summary, 0, out);
    fputs("\n", out);
    for (const char *more = c->more; *more; more += strcspn(more, "\n"), more += *more == '\n') {
        print_wrapped(arena_printf(arena, "%.*s", (int)strcspn(more, "\n"), more), 0, out);
        fputs("\n", out);
    }
    arena_free(arena);
    print_options(c, out);
    print_formats(c, out);
}

static void print_all(FILE *out)
{
    struct arena *arena = arena_new();

    fputs("usage: chanleak [COMMAND] [OPTION...] [FILE...]\n"
          "\n"
          "Finds the tasks of a C program that will never finish, and shows the schedule\n"
          "that leads there. The program is read through its compile_commands.json.\n"
          "\n", out);
    for (const struct command *c = commands; c->name; c++)
        print_entry(arena_printf(arena, "%s%s%s", c->name, *c->operands ? " " : "", c->operands), c->summary, out);
    fputs("\noptions of check (of another command: chanleak help COMMAND):\n\n", out);
    print_options(commands, out);
    print_formats(commands, out);
    fputs("\n"
          "exit status: 0 nothing found, 1 findings, 2 not everything could be analysed\n"
          "\n"
          "examples:\n"
          "  chanleak                            check the project of this folder\n"
          "  chanleak -p build src/search.c      check one file of it\n"
          "  chanleak check --format=sarif -o leaks.sarif\n"
          "                                      for a code host or an editor\n", out);
    arena_free(arena);
}

void help_print(const struct command *command, FILE *out)
{
    if (command)
        print_command(command, out);
    else
        print_all(out);
}
