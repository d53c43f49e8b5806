/* panic.c - misuse ends the program with one clear line. */
#include "panic.h"
#include "seed.h"
#include "seed_trace.h"
#include "site.h"
#include "task.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct line {
    char   text[2048];
    size_t used;
};

__attribute__((format(printf, 2, 3)))
static void add(struct line *line, const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(line->text + line->used, sizeof line->text - line->used, format, args);
    va_end(args);
    if (n > 0)
        line->used += (size_t)n;
    if (line->used > sizeof line->text - 1)
        line->used = sizeof line->text - 1;
}

static void add_who(struct line *line)
{
    struct rt_task *t = rt_self();
    char buffer[RT_SITE_MAX];

    if (!t->is_thread)
        add(line, " in task %llu (spawned at %s)", (unsigned long long)t->id,
            rt_site_text(t->spawn_site, buffer));
    else if (t->tid == getpid())
        add(line, " in main");
    else
        add(line, " in thread %d", (int)t->tid);
    if (rt_seeded() && !rt_run_is_process(rt_run_here()))
        add(line, " under seed %llu", (unsigned long long)rt_run_seed(rt_run_here()));
}

_Noreturn void rt_panic_chan(const char *what, const char *made, size_t capacity, const char *site)
{
    struct line line = { .used = 0 };
    char buffer[RT_SITE_MAX];

    add(&line, "chanrt: %s", what);
    if (made)
        add(&line, " (made at %s, capacity %zu)", rt_site_text(made, buffer), capacity);
    add(&line, " at %s", rt_site_text(site, buffer));
    add_who(&line);
    add(&line, "\n");
    if (write(STDERR_FILENO, line.text, line.used) < 0)
        abort();
    rt_trace_tell();
    abort();
}

_Noreturn void rt_panic(const char *what, const char *site)
{
    rt_panic_chan(what, NULL, 0, site);
}

_Noreturn void rt_give_up(const char *what)
{
    struct line line = { .used = 0 };

    add(&line, "chanrt: %s\n", what);
    if (write(STDERR_FILENO, line.text, line.used) < 0)
        abort();
    abort();
}

_Noreturn void rt_out_of_memory(void)
{
    rt_give_up("out of memory");
}
