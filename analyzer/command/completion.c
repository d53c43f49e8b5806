#include "completion.h"

#include <stdbool.h>
#include <string.h>

#include "help.h"
#include "session.h"

/* What a word may be: of the value of an option, or of the operands of a command. */
enum expected { EXPECT_NOTHING, EXPECT_FILE, EXPECT_FOLDER, EXPECT_WORDS, EXPECT_RULE };

static bool is_one_of(const char *word, const char *list)
{
    return help_has_word(list, word);
}

/* *words: "a|b|c" */
static enum expected of_value(const struct option *o, const struct command *command, const char **words,
                              struct arena *arena)
{
    if (!o->value || *o->value == '[')
        return EXPECT_NOTHING;
    *words = strchr(o->value, '|') ? o->value : help_formats(command, arena);
    if (strchr(o->value, '|') || !strcmp(o->value, "FORMAT"))
        return EXPECT_WORDS;
    if (is_one_of(o->value, "FILE PATH HEADER"))
        return EXPECT_FILE;
    return is_one_of(o->value, "DIR") ? EXPECT_FOLDER : EXPECT_NOTHING;
}

static const char *all_commands(struct arena *arena)
{
    const char *words = "";

    for (const struct command *c = commands; c->name; c++)
        words = arena_printf(arena, "%s%s%s", words, *words ? "|" : "", c->name);
    return words;
}

/* Lower-case words stand for themselves. */
static enum expected of_operands(const struct command *c, const char **words, struct arena *arena)
{
    *words = strcmp(c->operands, "[COMMAND]") ? c->operands : all_commands(arena);
    if (*words != c->operands || (*c->operands >= 'a' && *c->operands <= 'z'))
        return EXPECT_WORDS;
    if (!strcmp(c->operands, "RULE"))
        return EXPECT_RULE;
    return *c->operands ? EXPECT_FILE : EXPECT_NOTHING;
}

static const char *blanks_for_bars(const char *words, struct arena *arena)
{
    char *copy = arena_strdup(arena, words);

    for (char *c = copy; *c; c++)
        if (*c == '|')
            *c = ' ';
    return copy;
}

/* Text between single quotes of a shell: none of ours holds one but as an apostrophe. */
static const char *quoted(const char *text, const char *escape, struct arena *arena)
{
    const char *out = "";

    for (; strchr(text, '\''); text = strchr(text, '\'') + 1)
        out = arena_printf(arena, "%s%.*s%s", out, (int)strcspn(text, "'"), text, escape);
    return arena_printf(arena, "%s%s", out, text);
}

static const char list_rules[] = "chanleak rules 2>/dev/null | cut -d' ' -f1";

/* ---- bash ----------------------------------------------------------------------------- */

static void bash_expected(enum expected expected, const char *words, FILE *out, struct arena *arena)
{
    switch (expected) {
    case EXPECT_NOTHING:
        fputs("COMPREPLY=()", out);
        break;
    case EXPECT_FILE:
        fputs("compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- \"$word\")", out);
        break;
    case EXPECT_FOLDER:
        fputs("compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- \"$word\")", out);
        break;
    case EXPECT_WORDS:
        fprintf(out, "mapfile -t COMPREPLY < <(compgen -W '%s' -- \"$word\")", blanks_for_bars(words, arena));
        break;
    case EXPECT_RULE:
        fprintf(out, "mapfile -t COMPREPLY < <(compgen -W \"$(%s)\" -- \"$word\")", list_rules);
        break;
    }
}

/* "--format=" and "-p", as they begin a word */
static void bash_options(const struct command *c, FILE *out)
{
    for (const struct option *o = option_table; o->name; o++)
        if (option_is_of(o, c))
            fprintf(out, " %s%s", o->name, o->name[1] == '-' && o->value && *o->value != '[' ? "=" : "");
}

static void bash_values(const struct command *c, FILE *out, struct arena *arena)
{
    for (const struct option *o = option_table; o->name; o++) {
        const char *words;
        enum expected expected = of_value(o, c, &words, arena);

        if (!option_is_of(o, c) || !o->value || *o->value == '[')
            continue;
        fprintf(out, "        %s:%s) ", c->name, o->name);
        bash_expected(expected, words, out, arena);
        fputs("; return ;;\n", out);
    }
}

static void bash_command(const struct command *c, FILE *out, struct arena *arena)
{
    const char *words;
    enum expected expected = of_operands(c, &words, arena);

    fprintf(out, "        %s)\n            if [[ $word == -* ]]; then\n"
                 "                mapfile -t COMPREPLY < <(compgen -W '", c->name);
    bash_options(c, out);
    fputs("' -- \"$word\")\n            else\n                ", out);
    bash_expected(expected, words, out, arena);
    fputs("\n            fi ;;\n", out);
}

void completion_bash(FILE *out)
{
    struct arena *arena = arena_new();

    fprintf(out,
            "# bash completion of chanleak; made by: chanleak generate bash\n"
            "_chanleak()\n"
            "{\n"
            "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command=check named= i\n"
            "    COMPREPLY=()\n"
            "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
            "        case ${COMP_WORDS[i]} in\n"
            "        %s) command=${COMP_WORDS[i]}; named=1; break ;;\n"
            "        esac\n"
            "    done\n"
            "    if [[ $word == = ]]; then\n"
            "        word=\n"
            "    elif [[ $before == = ]]; then\n"
            "        before=${COMP_WORDS[COMP_CWORD-2]}\n"
            "    fi\n"
            "    case $command:$before in\n", all_commands(arena));
    for (const struct command *c = commands; c->name; c++)
        bash_values(c, out, arena);
    fputs("    esac\n"
          "    case $command in\n", out);
    for (const struct command *c = commands; c->name; c++)
        bash_command(c, out, arena);
    fprintf(out,
            "    esac\n"
            "    if [[ -z $named && $word != -* ]]; then\n"
            "        mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -W '%s' -- \"$word\")\n"
            "    fi\n"
            "    if [[ ${COMPREPLY[0]} == --*= ]]; then\n"
            "        compopt -o nospace 2>/dev/null\n"
            "    fi\n"
            "}\n"
            "complete -F _chanleak chanleak\n", blanks_for_bars(all_commands(arena), arena));
    arena_free(arena);
}

/* ---- zsh ------------------------------------------------------------------------------- */

static const char *zsh_expected(enum expected expected, const char *words, struct arena *arena)
{
    switch (expected) {
    case EXPECT_NOTHING:
        break;
    case EXPECT_FILE:
        return "_files";
    case EXPECT_FOLDER:
        return "_files -/";
    case EXPECT_WORDS:
        return arena_printf(arena, "(%s)", quoted(blanks_for_bars(words, arena), "", arena));
    case EXPECT_RULE:
        return arena_printf(arena, "{compadd -- ${(f)\"$(%s)\"}}", quoted(list_rules, "'\\''", arena));
    }
    return " ";
}

/* What a specification of _arguments takes literally: no brackets, no colons in words. */
static const char *zsh_words(const char *text, struct arena *arena)
{
    char *copy = arena_strdup(arena, quoted(text, "'\\''", arena));

    for (char *c = copy; *c; c++)
        *c = *c == '[' ? '(' : *c == ']' ? ')' : *c;
    return copy;
}

static void zsh_option(const struct option *o, const struct command *c, const char *help, FILE *out,
                       struct arena *arena)
{
    const char *words = "";
    enum expected expected = of_value(o, c, &words, arena);
    char *named = arena_strdup(arena, strcmp(o->name, "--dump") ? words : "flow|roots|states");

    fprintf(out, "            '*%s", o->name);
    if (o->value && *o->value != '[')
        fputs(o->name[1] == '-' ? "=" : "+", out);
    fprintf(out, "[%s]", zsh_words(help, arena));
    if (o->value && *o->value != '[')
        fprintf(out, ":%s:%s", strchr(o->value, '|') ? "which" : o->value, zsh_expected(expected, named, arena));
    fputs("' \\\n", out);
}

static void zsh_command(const struct command *c, FILE *out, struct arena *arena)
{
    const char *words, *help = "";
    enum expected expected = of_operands(c, &words, arena);

    fprintf(out, "    %s)\n        _arguments -S \\\n", c->name);
    for (const struct option *o = option_table; o->name; o++) {
        help = o->help ? help_option(o, c, arena) : help;
        if (option_is_of(o, c))
            zsh_option(o, c, help, out, arena);
    }
    fprintf(out, "            '*:%s:%s' ;;\n", *c->operands ? "operand" : "", zsh_expected(expected, words, arena));
}

void completion_zsh(FILE *out)
{
    struct arena *arena = arena_new();

    fprintf(out,
            "#compdef chanleak\n"
            "# zsh completion of chanleak; made by: chanleak generate zsh\n"
            "local command=check word\n"
            "local -a commands=(\n");
    for (const struct command *c = commands; c->name; c++)
        fprintf(out, "    '%s:%s'\n", c->name, zsh_words(c->summary, arena));
    fprintf(out,
            ")\n"
            "for word in ${words[2,CURRENT-1]}; do\n"
            "    case $word in\n"
            "    %s)\n"
            "        command=$word\n"
            "        words=(chanleak ${words[2,-1]:#$word})\n"
            "        (( CURRENT-- ))\n"
            "        word=named\n"
            "        break ;;\n"
            "    esac\n"
            "done\n"
            "if [[ $word != named && $PREFIX != -* ]]; then\n"
            "    _describe command commands\n"
            "fi\n"
            "case $command in\n", all_commands(arena));
    for (const struct command *c = commands; c->name; c++)
        zsh_command(c, out, arena);
    fputs("esac\n", out);
    arena_free(arena);
}

/* ---- fish ------------------------------------------------------------------------------ */

static void fish_expected(enum expected expected, const char *words, FILE *out, struct arena *arena)
{
    switch (expected) {
    case EXPECT_NOTHING:
        fputs(" -x", out);
        break;
    case EXPECT_FILE:
        fputs(" -r -F", out);
        break;
    case EXPECT_FOLDER:
        fputs(" -x -a '(__fish_complete_directories)'", out);
        break;
    case EXPECT_WORDS:
        fprintf(out, " -x -a '%s'", blanks_for_bars(words, arena));
        break;
    case EXPECT_RULE:
        fprintf(out, " -x -a \"(%s)\"", list_rules);
        break;
    }
}

/* The formats depend on the command: one line each. */
static void fish_option(const struct option *o, const struct command *c, const char *help, FILE *out,
                        struct arena *arena)
{
    const char *words;
    enum expected expected = of_value(o, c, &words, arena);

    fprintf(out, "complete -c chanleak -n '__chanleak_is %s' -%c %s", c->name, o->name[1] == '-' ? 'l' : 's',
            o->name + 1 + (o->name[1] == '-'));
    if (o->value && *o->value != '[')
        fish_expected(expected, words, out, arena);
    fprintf(out, " -d '%s'\n", quoted(help, "\\'", arena));
}

void completion_fish(FILE *out)
{
    struct arena *arena = arena_new();
    const char *all = blanks_for_bars(all_commands(arena), arena);

    fprintf(out,
            "# fish completion of chanleak; made by: chanleak generate fish\n"
            "function __chanleak_is\n"
            "    set -l named check\n"
            "    for word in (commandline -opc)[2..]\n"
            "        if contains -- $word %s\n"
            "            set named $word\n"
            "            break\n"
            "        end\n"
            "    end\n"
            "    test $named = $argv[1]\n"
            "end\n", all);
    for (const struct command *c = commands; c->name; c++) {
        const char *words, *help = "";
        enum expected expected = of_operands(c, &words, arena);

        fprintf(out, "complete -c chanleak -n 'not __fish_seen_subcommand_from %s' -a %s -d '%s'\n", all, c->name,
                quoted(c->summary, "\\'", arena));
        for (const struct option *o = option_table; o->name; o++) {
            help = o->help ? help_option(o, c, arena) : help;
            if (option_is_of(o, c))
                fish_option(o, c, help, out, arena);
        }
        if (expected != EXPECT_FILE) {
            fprintf(out, "complete -c chanleak -n '__chanleak_is %s; and __fish_seen_subcommand_from %s' -f", c->name, c->name);
            fish_expected(expected, words, out, arena);
            putc('\n', out);
        }
    }
    arena_free(arena);
}
