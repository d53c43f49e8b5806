/* The compile database, linking and roots: programs are written to a temporary
 * folder together with a database, read, and looked at. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compdb.h"
#include "front.h"
#include "paths.h"

static unsigned failed;
static char     folder[] = "/tmp/front_test.XXXXXX";

#define CHECK(condition)                                                         \
    ((condition) ? (void)0                                                       \
                 : (failed++, (void)printf("%s:%d: %s\n", __FILE__, __LINE__, #condition)))

static void write_file(const char *name, const char *text)
{
    char path[512];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    fputs(text, f);
    fclose(f);
}

static void make_folder(const char *name)
{
    char path[512];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    mkdir(path, 0700);
}

static struct front *load(const char *file, struct arena *arena, const char **error)
{
    const char *files[] = { file };
    struct front_options options = { .database = folder, .files = files, .file_count = file != NULL };

    struct front *front = front_open(&options, arena, error);

    return front && front_read(front, error) ? front : NULL;
}

static const struct front_program *program(const struct front *front, const char *end)
{
    for (uint32_t i = 0; i < front->program_count; i++) {
        const char *name = front->programs[i].name;

        if (strlen(name) >= strlen(end) && !strcmp(name + strlen(name) - strlen(end), end))
            return &front->programs[i];
    }
    return NULL;
}

static const struct front_unit *unit(const struct front *front, const char *end)
{
    for (uint32_t i = 0; i < front->unit_count; i++)
        if (strstr(front->units[i].file, end))
            return &front->units[i];
    return NULL;
}

static uint32_t function(const struct front_program *p, const char *name)
{
    for (uint32_t i = 0; i < p->flow->function_count; i++)
        if (!strcmp(flow_function_name(p->flow, i), name))
            return i;
    return FLOW_NONE;
}

static bool has_op(const struct front_program *p, const char *name, enum flow_op op)
{
    uint32_t at = function(p, name);

    for (uint32_t i = 0; at != FLOW_NONE && i < p->flow->functions[at].instr_count; i++)
        if (p->flow->functions[at].instrs[i].kind == INSTR_OP && p->flow->functions[at].instrs[i].op == op)
            return true;
    return false;
}

/* Two programs whose files and functions have equal names, a library, and files
 * that cannot be read. */
static void write_programs(void)
{
    static const char *const commands[][3] = {
        { "a/main.c", "a", "main" }, { "a/util.c", "a", "main" },
        { "b/main.c", "b", "main" }, { "b/util.c", "b", "main" },
        { "lib/lib.c", "", "" }, { "broken.c", "", "" }, { "gone.c", "", "" }, { "foreign.c", "", "" },
    };
    char text[8192] = "[";

    make_folder("a");
    make_folder("b");
    make_folder("lib");
    write_file("common.h",
               "typedef struct chan chan_t; chan_t *chan_create(unsigned long, unsigned long);\n"
               "void chan_send(chan_t *, const void *); void util(chan_t *);\n");
    write_file("a/main.c", "#include \"../common.h\"\nint main(void) { util(chan_create(4, 0)); return 0; }\n"
                           "void test_one(void) { util(chan_create(4, 1)); }\nint unused(int n) { return n; }\n");
    write_file("a/util.c", "#include \"common.h\"\nstatic int v;\nvoid util(chan_t *c) { chan_send(c, &v); }\n");
    write_file("b/main.c", "#include \"../common.h\"\nextern int atoi(const char *);\n"
                           "int main(int n, char **v) { util(0); return n > 1 ? atoi(v[1]) : 0; }\n");
    write_file("b/util.c", "#include \"../common.h\"\nvoid util(chan_t *c) { (void)c; }\n"
                           "int atoi(const char *s) { return *s; }\n");
    write_file("lib/lib.c", "#include \"../common.h\"\nstatic void in(chan_t *c) { chan_send(c, 0); }\n"
                            "void serve(void) { in(chan_create(0, 0)); }\nint plain(void) { return 1; }\n");
    write_file("broken.c", "int f(void) { return 1 +; }\n");
    write_file("foreign.c", "int only_here(void) { return 4; }\n");
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        size_t n = strlen(text);

        snprintf(text + n, sizeof text - n,
                 "%s\n{\"directory\":\"%s\",\"file\":\"%s\",\"command\":\"ccache gcc -std=gnu11 -I '%s' -mcpu=none "
                 "-fgcc-only -Wall -MD -MF x.d -DTEXT=\\\"\\\\\\\"q\\\\\\\"\\\" -o %s%s%s%s.o -c %s\"}",
                 i ? "," : "", folder, commands[i][0], folder, *commands[i][1] ? "CMakeFiles/" : "",
                 commands[i][1], *commands[i][1] ? ".dir/" : "", commands[i][0], commands[i][0]);
    }
    strcat(text, "]\n");
    write_file("compile_commands.json", text);
}

static void test_programs(void)
{
    struct arena *arena = arena_new();
    const char *error = NULL;
    struct front *front = load(NULL, arena, &error);

    CHECK(front != NULL);
    if (front) {
        const struct front_program *a = program(front, "a/main.c"), *b = program(front, "b/main.c");
        const struct front_program *lib = program(front, "lib/lib.c");

        CHECK(front->unit_count == 8);
        CHECK(front->program_count == 4);
        CHECK(a && has_op(a, "util", FLOW_SEND) && has_op(a, "main", FLOW_MAKE));
        CHECK(a && a->root_count == 2 && !strcmp(flow_function_name(a->flow, a->roots[0]), "main") &&
              !strcmp(flow_function_name(a->flow, a->roots[1]), "test_one"));
        CHECK(b && function(b, "util") != FLOW_NONE && !has_op(b, "util", FLOW_SEND));
        CHECK(b && function(b, "atoi") != FLOW_NONE && !has_op(b, "main", FLOW_FUNCTION));
        CHECK(lib && lib->root_count == 1 && !strcmp(flow_function_name(lib->flow, lib->roots[0]), "serve"));
        CHECK(unit(front, "broken.c") && unit(front, "broken.c")->error &&
              strstr(unit(front, "broken.c")->error, "broken.c:1:25: error: "));
        CHECK(unit(front, "gone.c") && unit(front, "gone.c")->error);
        CHECK(unit(front, "a/main.c") && !unit(front, "a/main.c")->error && unit(front, "a/main.c")->key);
        for (uint32_t i = 0; i < front->program_count; i++)
            CHECK(!flow_check(front->programs[i].flow));
    }
    arena_free(arena);
}

static void test_selection(void)
{
    struct arena *arena = arena_new();
    const char *error = NULL;
    struct front *front = load(arena_printf(arena, "%s/b", folder), arena, &error);

    CHECK(front && front->program_count == 1 && program(front, "b/main.c"));
    front = load(arena_printf(arena, "%s/a/util.c", folder), arena, &error);
    CHECK(front && front->program_count == 1 && program(front, "a/main.c"));
    CHECK(front && unit(front, "a/util.c")->wanted && !unit(front, "a/main.c")->wanted);
    front = load(arena_printf(arena, "%s/common.h", folder), arena, &error);
    CHECK(front && !front->program_count && front->unit_count == 1 && front->units[0].wanted &&
          strstr(front->units[0].error, "no unit is known to include it"));
    arena_free(arena);
}

static bool has_note(const struct front_program *p, const char *text)
{
    for (uint32_t i = 0; p && i < p->flow->note_count; i++)
        if (!strcmp(flow_string(p->flow, p->flow->notes[i].text), text))
            return true;
    return false;
}

/* What the library's models make of a program: threads, tables of characters. */
static void test_models(void)
{
    struct arena *arena = arena_new();
    const char *error = NULL;

    write_file("models.c",
               "int pthread_create(unsigned long *, const void *, void *(*)(void *), void *);\n"
               "int pthread_mutex_lock(void *); int pthread_join(unsigned long, void **);\n"
               "const unsigned short **__ctype_b_loc(void);\n"
               "static void *start(void *p) { return p; }\n"
               "static void wait_for(unsigned long id) { pthread_join(id, 0); }\n"
               "int main(void) { unsigned long id; char lock[40] = { 0 };\n"
               "  pthread_create(&id, 0, start, lock); pthread_mutex_lock(lock); wait_for(id);\n"
               "  return (*__ctype_b_loc())['x']; }\n");
    write_file("compile_commands.json", "[{\"directory\":\".\",\"file\":\"models.c\",\"command\":\"cc -c models.c\"}]");
    struct front *front = load(NULL, arena, &error);
    const struct front_program *p = front ? program(front, "models.c") : NULL;
    CHECK(p && has_op(p, "main", FLOW_SPAWN) && has_op(p, "main", FLOW_LOCK));
    CHECK(has_note(p, "call of pthread_join") && !has_note(p, "call of pthread_create"));
    CHECK(p && p->flow->functions[function(p, "wait_for")].incomplete);
    CHECK(p && function(p, "__ctype_b_loc") != FLOW_NONE);
    for (uint32_t i = 0; p && i < p->flow->global_count; i++) {
        const struct global *g = &p->flow->globals[i];

        CHECK(strncmp(flow_string(p->flow, p->flow->symbols[g->symbol].name), "ctype_", 6) ||
              (g->init_count && g->is_const));
    }
    CHECK(p && !flow_check(p->flow));
    arena_free(arena);
}

static void test_bad_databases(void)
{
    struct arena *arena = arena_new();
    const char *error = NULL;
    struct front_options nowhere = { .database = "/nonexistent" };

    CHECK(!front_open(&nowhere, arena, &error) && strstr(error, "bear -- make") &&
          strstr(error, "CMAKE_EXPORT_COMPILE_COMMANDS"));
    write_file("compile_commands.json", "[\n {,\n");
    CHECK(!load(NULL, arena, &error) && strstr(error, "compile_commands.json:2:"));
    write_file("compile_commands.json", "[1]");
    CHECK(!load(NULL, arena, &error) && strstr(error, "entry 1 has no"));
    write_file("compile_commands.json", "{}");
    CHECK(!load(NULL, arena, &error) && strstr(error, ":1:1: not a compile database"));
    arena_free(arena);
}

static void test_arguments(void)
{
    struct arena *arena = arena_new();
    const char *error = NULL;

    write_file("compile_commands.json",
               "[{\"directory\":\".\",\"file\":\"a/main.c\",\"arguments\":[\"gcc\",\"-I\",\"inc\",\"-Iinc2\",\"-DX=1\","
               "\"-D\",\"Y\",\"-O2\",\"-g\",\"-isystem\",\"/s\",\"-include\",\"stdio.h\",\"-std=c99\",\"-o\","
               "\"x.o\",\"-Werror\",\"-c\",\"a/main.c\"]}]");
    struct compdb *db = compdb_load(folder, NULL, arena, &error);
    CHECK(db && db->count == 1);
    if (db && db->count == 1) {
        char *all = "";

        for (const char **a = db->entries[0].arguments; *a; a++)
            all = arena_printf(arena, "%s %s", all, *a);
        const char *expected = arena_printf(arena, " -I %s/inc -I %s/inc2 -DX=1 -D Y -isystem /s -include stdio.h -std=c99",
                                            folder, folder);
        CHECK(!strcmp(all, expected));
    }
    CHECK(!strcmp(path_absolute("/a/b", "../c/./d//e", arena), "/a/c/d/e"));
    CHECK(!strcmp(path_absolute("/a", "../../..", arena), "/"));
    arena_free(arena);
}

int main(void)
{
    char command[64];

    if (!mkdtemp(folder))
        return 1;
    write_programs();
    test_programs();
    test_selection();
    test_models();
    test_bad_databases();
    test_arguments();
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    if (system(command))
        return 1;
    printf("%u checks failed\n", failed);
    return failed != 0;
}
