#include "build.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "embedded.h"
#include "flags.h"

enum { COMPILE_SECONDS = 300, ADDRESS_SECONDS = 20, TICK_NS = 2000000 };

/* The words of text between blanks, as a list that ends with NULL. */
static const char **build_words(const char *text, const char *blanks, struct arena *arena)
{
    struct words w = { .arena = arena };

    for (text += strspn(text, blanks); *text; text += strspn(text, blanks)) {
        size_t size = strcspn(text, blanks);

        words_add(&w, arena_printf(arena, "%.*s", (int)size, text));
        text += size;
    }
    words_add(&w, NULL);
    return w.list;
}

/* ---- the folder ------------------------------------------------------------------ */

const char *build_folder(struct arena *arena)
{
    const char *in = getenv("TMPDIR");
    char *path = arena_printf(arena, "%s/chanleak-XXXXXX", in && *in ? in : "/tmp");

    return mkdtemp(path);
}

void build_clean(const char *folder, struct arena *arena)
{
    DIR *dir = folder ? opendir(folder) : NULL;
    struct dirent *entry;

    if (!dir)
        return;
    while ((entry = readdir(dir)))
        unlink(arena_printf(arena, "%s/%s", folder, entry->d_name));
    closedir(dir);
    rmdir(folder);
}

/* chanrt.h as it was when this program was built, for a database that does not say where it is. */
static void write_header(const char *folder, struct arena *arena)
{
    for (const struct embedded *e = embedded_models; e->name; e++) {
        FILE *out = strcmp(e->name, "chanrt.h") ? NULL
            : fopen(arena_printf(arena, "%s/chanrt.h", folder), "w");

        if (!out)
            continue;
        fputs(e->text, out);
        fclose(out);
    }
}

/* ---- running ------------------------------------------------------------------------ */

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static _Noreturn void become(const char *const *command, const char *const *environment,
                             const char *directory, int output, bool with_stdout)
{
    int null = open("/dev/null", O_RDWR);
    struct rlimit none = { 0, 0 };

    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setrlimit(RLIMIT_CORE, &none);
    dup2(null, STDIN_FILENO);
    dup2(with_stdout ? output : null, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    signal(SIGXFSZ, SIG_DFL);
    if (directory && chdir(directory)) {
        fprintf(stderr, "%s: %s\n", directory, strerror(errno));
        _exit(127);
    }
    for (; *environment; environment++)
        putenv((char *)*environment);
    execvp(command[0], (char *const *)command);
    fprintf(stderr, "%s: %s\n", command[0], strerror(errno));
    _exit(127);
}

static volatile sig_atomic_t interrupted;

static void interrupt(int signal)
{
    (void)signal;
    interrupted = 1;
}

bool build_interrupted(void)
{
    return interrupted;
}

/* Its children go with it. */
static bool wait_for(pid_t pid, double seconds, int *status)
{
    double end = now() + seconds;
    struct timespec tick = { 0, TICK_NS };

    while (waitpid(pid, status, WNOHANG) == 0) {
        if (now() > end || interrupted) {
            kill(-pid, SIGKILL);
            waitpid(pid, status, 0);
            return false;
        }
        nanosleep(&tick, NULL);
    }
    kill(-pid, SIGKILL);
    return true;
}

static const char *read_all(FILE *in, struct arena *arena)
{
    long end = fseek(in, 0, SEEK_END) ? 0 : ftell(in), size = end > 0 ? end : 0;
    char *text = arena_alloc(arena, (size_t)size + 1);

    rewind(in);
    text[fread(text, 1, (size_t)size, in)] = 0;
    for (char *zero = text; (zero = memchr(zero, 0, (size_t)(text + size - zero)));)
        *zero = '?';
    return text;
}

struct build_run build_run(const char *const *command, const char *const *environment,
                           const char *directory, double seconds, bool with_stdout,
                           struct arena *arena)
{
    struct build_run run = { .output = NULL };
    FILE *output = tmpfile();
    pid_t pid;

    signal(SIGINT, interrupt);
    signal(SIGTERM, interrupt);
    pid = output && !interrupted ? fork() : -1;

    if (pid == 0)
        become(command, environment, directory, fileno(output), with_stdout);
    if (pid > 0) {
        run.late = !wait_for(pid, seconds, &run.status);
        run.output = read_all(output, arena);
    }
    if (output)
        fclose(output);
    return run;
}

static const char *place_of(const char *program, const char *address, struct arena *arena)
{
    const char *const command[] = { "addr2line", "-e", program, address, NULL };
    struct build_run run = build_run(command, command + 4, NULL, ADDRESS_SECONDS, true, arena);

    if (!run.output || run.late || strchr(run.output, '?') || !strchr(run.output, ':'))
        return NULL;
    return arena_printf(arena, "%.*s", (int)strcspn(run.output, " \n"), run.output);
}

const char *build_places(const char *output, const char *program, struct arena *arena)
{
    const char *name = strrchr(program, '/') ? strrchr(program, '/') + 1 : program;
    const char *mark = arena_printf(arena, "%s(+0x", name), *at = output;

    while ((at = strstr(at, mark))) {
        const char *digits = at + strlen(mark), *end = digits + strspn(digits, "0123456789abcdef");
        const char *place = place_of(program, arena_printf(arena, "0x%.*s", (int)(end - digits),
                                                           digits), arena);
        size_t before = (size_t)(at - output);

        if (place && *end == ')')
            output = arena_printf(arena, "%.*s%s%s", (int)before, output, place, end + 1);
        at = output + before + 1;
    }
    return output;
}

/* ---- compiling ------------------------------------------------------------------------ */

/* The compiler with what wraps it: the words before the first option or source. */
static void add_compiler(struct words *to, const struct front_part *part)
{
    const char **words = build_words(part->command, "\n", to->arena);

    for (uint32_t i = 0; words[i] && (i == 0 || (*words[i] != '-' && !strstr(words[i], ".c"))); i++)
        words_add(to, words[i]);
}

/* Where it would write to, and with the next word. */
static bool is_output(const char *word)
{
    return !strcmp(word, "-o") || !strcmp(word, "-MF") || !strcmp(word, "-MT")
        || !strcmp(word, "-MQ") || !strcmp(word, "-MJ");
}

static const char **compile_command(const struct front_part *part, const char *folder,
                                    const char *object, struct arena *arena)
{
    const char **words = build_words(part->command, "\n", arena);
    struct words w = { .arena = arena };

    for (uint32_t i = 0; words[i]; i++) {
        if (is_output(words[i]) && words[i + 1])
            i++;
        else if (strncmp(words[i], "-M", 2))
            words_add(&w, words[i]);
    }
    words_add(&w, arena_printf(arena, "-I%s", folder));
    words_add(&w, "-g");
    words_add(&w, "-Wno-error");
    words_add(&w, "-c");
    words_add(&w, "-o");
    words_add(&w, object);
    words_add(&w, NULL);
    return w.list;
}

static bool succeeded(const struct build_run *run)
{
    return run->output && !run->late && WIFEXITED(run->status) && WEXITSTATUS(run->status) == 0;
}

/* The line of a tool's output that says what is wrong. */
static const char *reason(const struct build_run *run, struct arena *arena)
{
    static const char *const words[] = { "undefined reference", "cannot find", "error", "" };
    const char *at = NULL, *from;

    if (!run->output)
        return strerror(errno);
    if (run->late)
        return "it took too long";
    for (unsigned i = 0; !at && i < sizeof words / sizeof *words; i++)
        at = strstr(run->output, words[i]);
    for (from = at; from > run->output && from[-1] != '\n'; from--)
        ;
    return arena_printf(arena, "%.*s", (int)strcspn(from, "\n"), from);
}

static const char *const no_environment[] = { "LC_ALL=C", NULL };

static bool compile(const struct front_part *part, const char *folder, const char *object,
                    struct arena *arena, const char **error)
{
    struct build_run run = build_run(compile_command(part, folder, object, arena), no_environment,
                                     part->directory, COMPILE_SECONDS, true, arena);

    if (succeeded(&run))
        return true;
    *error = arena_printf(arena, "cannot compile '%s': %s; build the program yourself and give it "
                          "with --program=PATH", part->file, reason(&run, arena));
    return false;
}

/* ---- linking ----------------------------------------------------------------------------- */

/* The library beside this program: in its build tree, or where both are installed. */
const char *build_library(const char *runtime, struct arena *arena, const char **error)
{
    static const char *const beside[] = { "/../lib", "/../" CHANLEAK_LIBDIR, NULL };
    char self[PATH_MAX];
    ssize_t size = readlink("/proc/self/exe", self, sizeof self - 1);
    const char *path;

    self[size > 0 ? size : 0] = 0;
    if (strrchr(self, '/'))
        *strrchr(self, '/') = 0;
    for (uint32_t i = 0; i < 2; i++) {
        path = runtime ? arena_printf(arena, "%s%s/libchanrt.a", runtime, i ? "/lib" : "")
                       : arena_printf(arena, "%s%s/libchanrt.a", self, beside[i]);
        if (!access(path, R_OK))
            return path;
    }
    *error = runtime ? arena_printf(arena, "no libchanrt.a in '%s'", runtime)
                     : arena_printf(arena, "no libchanrt.a beside '%s': say where with --runtime=DIR",
                                    self);
    return NULL;
}

/* What of compiling is for linking too. */
static void add_link_flags(struct words *to, const struct front_part *part)
{
    static const char *const kept[] = { "-fsanitize=", "-m", "--target=", "--sysroot=", "-flto",
                                        "--coverage", "-fopenmp", "-pthread" };
    const char **words = build_words(part->command, "\n", to->arena);

    for (; *words; words++)
        for (unsigned i = 0; i < sizeof kept / sizeof *kept; i++)
            if (!strncmp(*words, kept[i], strlen(kept[i])))
                words_add(to, *words);
}

static bool link_program(struct words *command, const char *name, struct arena *arena,
                         const char **error)
{
    struct build_run run = build_run(command->list, no_environment, NULL, COMPILE_SECONDS, true, arena);

    if (succeeded(&run))
        return true;
    *error = arena_printf(arena, "cannot link '%s': %s; name its libraries with --link=FLAGS, or "
                          "give a built program with --program=PATH", name, reason(&run, arena));
    return false;
}

static void add_libraries(struct words *w, const struct build_options *options, const char *library)
{
    const char **words = build_words(options->link ? options->link : "", " \t\n", w->arena);

    for (; *words; words++)
        words_add(w, *words);
    words_add(w, library);
    words_add(w, "-lm");
    words_add(w, "-pthread");
    words_add(w, NULL);
}

const char *build_program(const struct front_part *parts, uint32_t count, const char *folder,
                          const struct build_options *options, struct arena *arena,
                          const char **error)
{
    const char *library = build_library(options->runtime, arena, error);
    const char *program = arena_printf(arena, "%s/program", folder);
    struct words w = { .arena = arena };

    if (!library)
        return NULL;
    write_header(folder, arena);
    add_compiler(&w, &parts[0]);
    add_link_flags(&w, &parts[0]);
    words_add(&w, "-o");
    words_add(&w, program);
    for (uint32_t i = 0; i < count; i++) {
        const char *object = arena_printf(arena, "%s/%u.o", folder, i);

        if (!compile(&parts[i], folder, object, arena, error))
            return NULL;
        words_add(&w, object);
    }
    add_libraries(&w, options, library);
    return link_program(&w, parts[0].file, arena, error) ? program : NULL;
}
