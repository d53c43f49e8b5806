/* seed_many.c - CHANRT_SEED and CHANRT_RUNS.
 *
 * The runs are children forked before main, when the process has one thread and no state to
 * speak of: nothing is lost as at a fork later, and the program need not be found again
 * as for an exec, nor whatever it runs under. Each child has a file in memory for what it
 * writes to stderr and one for what leaked; the parent reads them once the child has ended,
 * so that no child waits for its parent.
 */
#define _GNU_SOURCE
#include "seed_many.h"
#include "leak.h"
#include "panic.h"
#include "seed_leak.h"
#include "setting.h"
#include "seed_run.h"
#include "seed_trace.h"
#include "sighting.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    JOBS_MOST = 64,
    RUN_MS = 10000,
    RUNS_MOST = 1000000000,
    HANGS_MOST = 3,                 /* then the rest is not worth the time */
    EXIT_HANGS = 124,               /* as timeout(1) */
};

/* A child. */
struct run {
    pid_t    pid;                   /* 0: free */
    uint64_t seed;
    int      report, err;           /* files in memory */
    int64_t  deadline;
};

/* How a run ended when that was neither right nor a leak. */
struct outcome {
    int status;                     /* as waitpid gives it */
    bool hung;
};

static struct {
    struct run          jobs[JOBS_MOST];
    unsigned            job_count;
    uint64_t            next, end;  /* seeds */
    uint64_t            begin;
    int64_t             limit;
    unsigned            runs, hangs;
    struct rt_sightings leaks, ends;
    struct outcome      worst;      /* of the least seed */
    uint64_t            worst_seed;
    int                 input;      /* what stdin holds, in memory; or -1 */
    off_t               input_at;
    sigset_t            old_mask;
    struct sigaction    old_child;
} runs;

static FILE *report_file;           /* in a child */

/* ---- the environment ---- */

static _Noreturn void refuse(const char *what)
{
    fprintf(stderr, "chanrt: %s\n", what);
    _exit(RT_EXIT_USAGE);
}

static unsigned cpus(void)
{
    cpu_set_t set;
    int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;

    return n > JOBS_MOST ? JOBS_MOST : (unsigned)n;
}

/* ---- a child ---- */

bool rt_many_tell(struct rt_run *run, uint64_t first, enum rt_settled settled, size_t *count)
{
    struct rt_sightings seen = { .count = 0 };

    if (!report_file)
        return false;
    rt_seed_sight(run, first, settled, &seen);
    for (size_t i = 0; i < seen.count; i++)
        fprintf(report_file, "%s\n", seen.all[i].line);
    fflush(report_file);
    *count = seen.count;
    rt_sightings_free(&seen);
    return true;
}

void rt_many_say(const char *line)
{
    if (report_file)
        fprintf(report_file, "%s\n", line);
}

/* Every run reads the same from the start. */
static void give_input(void)
{
    char path[32];
    int fd;

    if (runs.input < 0)
        return;
    snprintf(path, sizeof path, "/proc/self/fd/%d", runs.input);
    fd = open(path, O_RDONLY);
    if (fd < 0)
        return;
    lseek(fd, runs.input_at, SEEK_SET);
    dup2(fd, STDIN_FILENO);
    close(fd);
}

static void become_child(struct run *r)
{
    static const struct rlimit no_core = { 0, 0 };
    char seed[24];

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setrlimit(RLIMIT_CORE, &no_core);
    sigaction(SIGCHLD, &runs.old_child, NULL);
    sigprocmask(SIG_SETMASK, &runs.old_mask, NULL);
    give_input();
    dup2(r->err, STDERR_FILENO);
    if (r->seed != runs.begin) {
        int null = open("/dev/null", O_WRONLY);

        dup2(null, STDOUT_FILENO);
        close(null);
    }
    report_file = fdopen(r->report, "w");
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)r->seed);
    setenv("CHANRT_SEED", seed, 1);
    unsetenv("CHANRT_RUNS");
    rt_seed_process(r->seed);
}

/* ---- how it ended ---- */

static char *contents(int fd)
{
    struct stat st;
    char *text;
    ssize_t n;

    if (fstat(fd, &st) < 0 || !(text = malloc((size_t)st.st_size + 1)))
        rt_out_of_memory();
    n = pread(fd, text, (size_t)st.st_size, 0);
    text[n > 0 ? n : 0] = '\0';
    return text;
}

static void add_leaks(const struct run *r)
{
    char *text = contents(r->report), *rest = text, *line;

    while ((line = strsep(&rest, "\n")) != NULL)
        if (*line)
            rt_sightings_add(&runs.leaks, line, r->seed);
    free(text);
}

/* The last word of the runtime, without the number of the task; NULL if it has none. */
static char *last_words(char *err)
{
    char *at = NULL, *next = err, *number;

    while ((next = strstr(next, "chanrt: ")) != NULL)
        at = next++;
    if (!at)
        return NULL;
    at[strcspn(at, "\n")] = '\0';
    number = strstr(at, " in task ");
    if (number) {
        number += strlen(" in task");
        memmove(number, number + 1 + strspn(number + 1, "0123456789"),
                strlen(number + 1 + strspn(number + 1, "0123456789")) + 1);
    }
    return at;
}

static void describe_end(struct outcome end, char *err, char *line, size_t size)
{
    const char *words = last_words(err);

    if (end.hung)
        snprintf(line, size, "still running after %g s", (double)runs.limit / TASK_SECOND);
    else if (WIFSIGNALED(end.status) && words)
        snprintf(line, size, "%s", words);
    else if (WIFSIGNALED(end.status))
        snprintf(line, size, "killed by signal %d (%s)", WTERMSIG(end.status),
                 strsignal(WTERMSIG(end.status)));
    else
        snprintf(line, size, "exit status %d", WEXITSTATUS(end.status));
}

/* An end that is neither good nor a leak. The first run's stderr is shown, and that of the
 * first run that ended in any such way. */
static void add_end(const struct run *r, struct outcome end, bool leaked)
{
    char *err = contents(r->err);
    size_t known = runs.ends.count;
    bool good = !end.hung && WIFEXITED(end.status) &&
                (WEXITSTATUS(end.status) == 0 ||
                 (leaked && WEXITSTATUS(end.status) == RT_EXIT_LEAKED));
    char *text = strdup(err), line[1024];

    if (!text)
        rt_out_of_memory();
    if (!good) {
        describe_end(end, err, line, sizeof line);
        rt_sightings_add(&runs.ends, line, r->seed);
        if (r->seed < runs.worst_seed) {
            runs.worst_seed = r->seed;
            runs.worst = end;
        }
    }
    if (r->seed == runs.begin || runs.ends.count > known)
        fputs(text, stderr);
    free(text);
    free(err);
}

static void ended(struct run *r, struct outcome end)
{
    struct stat st;
    bool leaked = fstat(r->report, &st) == 0 && st.st_size > 0;

    add_leaks(r);
    add_end(r, end, leaked);
    close(r->report);
    close(r->err);
    runs.runs++;
    runs.hangs += end.hung;
    r->pid = 0;
}

/* ---- the parent ---- */

static int file_in_memory(void)
{
    int fd = memfd_create("chanrt", MFD_CLOEXEC);

    if (fd < 0)
        rt_out_of_memory();
    return fd;
}

/* A pipe that nobody closes looks like a program that hangs, so it is said. */
static void copy_input(void)
{
    int64_t told_at = rt_real_now() + TASK_SECOND;
    char buffer[4096];
    bool told = false;
    ssize_t n;

    runs.input = file_in_memory();
    for (;;) {
        struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
        int64_t left = (told_at - rt_real_now()) / TASK_MILLISECOND;

        if (!told && (left <= 0 || poll(&in, 1, (int)left + 1) == 0)) {
            fprintf(stderr, "chanrt: stdin is read to its end before the first run; it has not "
                            "ended yet\n");
            told = true;
        }
        n = read(STDIN_FILENO, buffer, sizeof buffer);
        if (n <= 0)
            return;
        if (write(runs.input, buffer, (size_t)n) != n)
            rt_out_of_memory();
    }
}

/* What comes through a pipe is read to its end, to be there for every run. Nobody can read
 * a terminal together, so there they find nothing. */
static void keep_input(void)
{
    struct stat st;

    runs.input = -1;
    if (fstat(STDIN_FILENO, &st) < 0)
        return;
    if (S_ISREG(st.st_mode)) {
        runs.input = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        runs.input_at = lseek(STDIN_FILENO, 0, SEEK_CUR);
    } else if (isatty(STDIN_FILENO)) {
        runs.input = open("/dev/null", O_RDONLY | O_CLOEXEC);
    } else if (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode)) {
        copy_input();
    }
}

/* True in the child. */
static bool start(struct run *r)
{
    *r = (struct run){ .seed = runs.next++, .report = file_in_memory(), .err = file_in_memory(),
                       .deadline = rt_real_now() + runs.limit };
    r->pid = fork();
    if (r->pid < 0) {
        fprintf(stderr, "chanrt: cannot fork: %s\n", strerror(errno));
        _exit(RT_EXIT_USAGE);
    }
    if (r->pid == 0)
        become_child(r);
    return r->pid == 0;
}

/* Until one ends, or the first is out of time. */
static void wait_a_while(void)
{
    int64_t now = rt_real_now(), until = now + runs.limit, left;
    struct timespec ts;
    sigset_t child;

    for (unsigned i = 0; i < runs.job_count; i++)
        if (runs.jobs[i].pid && runs.jobs[i].deadline < until)
            until = runs.jobs[i].deadline;
    left = until > now ? until - now : 0;
    ts = (struct timespec){ left / TASK_SECOND, left % TASK_SECOND };
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigtimedwait(&child, NULL, &ts);
}

static void look_at(struct run *r)
{
    struct outcome end = { 0, false };
    pid_t pid = waitpid(r->pid, &end.status, WNOHANG);

    if (pid == 0 && rt_real_now() >= r->deadline) {
        kill(r->pid, SIGKILL);
        end.hung = true;
        pid = waitpid(r->pid, &end.status, 0);
    }
    if (pid != 0)
        ended(r, end);
}

/* True in a child, false in the parent once all have ended. */
static bool run_all(void)
{
    for (;;) {
        bool busy = false;

        if (runs.hangs >= HANGS_MOST)
            runs.end = runs.next;
        for (unsigned i = 0; i < runs.job_count; i++) {
            struct run *r = &runs.jobs[i];

            if (!r->pid && runs.next < runs.end && start(r))
                return true;
            busy |= r->pid != 0;
        }
        if (!busy)
            return false;
        wait_a_while();
        for (unsigned i = 0; i < runs.job_count; i++)
            if (runs.jobs[i].pid)
                look_at(&runs.jobs[i]);
    }
}

/* As the program would have ended: with the status, or of the signal, of the first run that
 * did not end well. */
static _Noreturn void end_like(struct outcome end)
{
    if (end.hung)
        _exit(EXIT_HANGS);
    if (WIFSIGNALED(end.status)) {
        static const struct rlimit no_core = { 0, 0 };

        setrlimit(RLIMIT_CORE, &no_core);
        signal(WTERMSIG(end.status), SIG_DFL);
        sigprocmask(SIG_SETMASK, &runs.old_mask, NULL);
        raise(WTERMSIG(end.status));
    }
    _exit(WIFEXITED(end.status) ? WEXITSTATUS(end.status) : 1);
}

static _Noreturn void conclude(void)
{
    rt_sightings_print(&runs.leaks, "CHANRT_SEED=", runs.runs, stderr);
    rt_sightings_print(&runs.ends, "CHANRT_SEED=", runs.runs, stderr);
    if (runs.hangs >= HANGS_MOST)
        fprintf(stderr, "chanrt: stopped after %u runs that did not end\n", runs.hangs);
    fflush(stderr);
    if (runs.leaks.count > 0)
        _exit(RT_EXIT_LEAKED);
    if (runs.ends.count > 0)
        end_like(runs.worst);
    _exit(0);
}

static void run_many(uint64_t first, uint64_t count, uint64_t limit_ms)
{
    struct sigaction standard = { .sa_handler = SIG_DFL };
    sigset_t child;

    fflush(NULL);
    keep_input();
    runs.begin = runs.next = first;
    runs.end = first + count;
    runs.limit = (int64_t)limit_ms * TASK_MILLISECOND;
    runs.job_count = cpus();
    runs.worst_seed = UINT64_MAX;
    sigaction(SIGCHLD, &standard, &runs.old_child);
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, &runs.old_mask);
    if (!run_all())
        conclude();
}

void rt_seed_read_environment(void)
{
    uint64_t seed = 1, count, limit_ms = RUN_MS;
    bool seeded = rt_setting("CHANRT_SEED", false, 0, UINT64_MAX, &seed);
    const char *trace = getenv("CHANRT_TRACE");

    if (trace && *trace) {
        rt_seed_process(seed);
        rt_process_run->chooser = rt_trace_follow(trace, rt_process_run->chooser);
        return;
    }
    if (!rt_setting("CHANRT_RUNS", false, 1, RUNS_MOST, &count)) {
        if (seeded)
            rt_seed_process(seed);
        return;
    }
    rt_setting("CHANRT_RUN_MS", false, 1, RT_MS_MOST, &limit_ms);
    if (seed > UINT64_MAX - count)
        refuse("CHANRT_SEED plus CHANRT_RUNS must be less than 18446744073709551616");
    if (!rt_leak_check_enabled())
        refuse("CHANRT_RUNS needs CHANRT_LEAKCHECK=1");
    run_many(seed, count, limit_ms);
}
