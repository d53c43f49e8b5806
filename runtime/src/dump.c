/* dump.c - all tasks at once: one by one, or grouped as Go's goroutine profile does. */
#include "panic.h"
#include "report.h"

#include <stdlib.h>
#include <string.h>

static struct rt_symbols *open_symbols(const struct rt_reports *reports)
{
    return reports->count > 0 && rt_symbols_open ? rt_symbols_open() : NULL;
}

static void close_symbols(struct rt_symbols *symbols)
{
    if (symbols)
        rt_symbols_close(symbols);
}

/* ---- grouping ---- */

/* Sites are string literals: equal text may lie at several addresses. */
static int compare_sites(const char *a, const char *b)
{
    if (a == b || !a || !b || (intptr_t)a < 0 || (intptr_t)b < 0)
        return (a > b) - (a < b);
    return strcmp(a, b);
}

static int compare_what(const struct rt_report *a, const struct rt_report *b)
{
    int order = (int)a->seen.state - (int)b->seen.state;

    if (!order)
        order = compare_sites(a->seen.site, b->seen.site);
    if (!order)
        order = compare_sites(a->seen.made, b->seen.made);
    if (!order)
        order = (a->seen.capacity > b->seen.capacity) - (a->seen.capacity < b->seen.capacity);
    if (!order)
        order = compare_sites(a->spawn_site, b->spawn_site);
    if (!order)
        order = (int)a->trace.depth - (int)b->trace.depth;
    if (!order)
        order = memcmp(a->trace.pc, b->trace.pc, a->trace.depth * sizeof *a->trace.pc);
    return order;
}

static int by_what(const void *a, const void *b)
{
    const struct rt_report *left = *(struct rt_report *const *)a;
    const struct rt_report *right = *(struct rt_report *const *)b;
    int order = compare_what(left, right);

    return order ? order : (left->id > right->id) - (left->id < right->id);
}

struct group {
    struct rt_report **first;
    size_t             count;
};

static int by_size(const void *a, const void *b)
{
    const struct group *left = a, *right = b;

    if (left->count != right->count)
        return left->count < right->count ? 1 : -1;
    return (left->first[0]->id > right->first[0]->id) - (left->first[0]->id < right->first[0]->id);
}

static size_t make_groups(struct rt_report **sorted, size_t count, struct group *groups)
{
    size_t n = 0;

    for (size_t i = 0; i < count; i++) {
        if (i == 0 || compare_what(sorted[i - 1], sorted[i]) != 0)
            groups[n++] = (struct group){ &sorted[i], 0 };
        groups[n - 1].count++;
    }
    qsort(groups, n, sizeof *groups, by_size);
    return n;
}

/* ---- printing a group ---- */

static void print_seconds(double seconds, FILE *out)
{
    fprintf(out, seconds < 100 ? "%.3g" : "%.0f", seconds);
}

static void print_waited(const struct group *g, int64_t now, FILE *out)
{
    double least = rt_report_waited(g->first[0], now);
    double most = least;

    if (least < 0)
        return;
    for (size_t i = 1; i < g->count; i++) {
        double waited = rt_report_waited(g->first[i], now);

        least = waited < least ? waited : least;
        most = waited > most ? waited : most;
    }
    fprintf(out, ", ");
    print_seconds(least, out);
    if (most > least) {
        fputc('-', out);
        print_seconds(most, out);
    }
    fprintf(out, " s");
}

/* "ids 3-5, 9": by_what has put them in order. */
static void print_ids(const struct group *g, FILE *out)
{
    size_t next;

    for (size_t i = 0; i < g->count; i = next) {
        uint64_t id = g->first[i]->id;

        next = i + 1;
        while (next < g->count && g->first[next]->id == id + (next - i))
            next++;
        fprintf(out, "%s%llu", i == 0 ? "    ids " : ", ", (unsigned long long)id);
        if (next - i > 1)
            fprintf(out, "-%llu", (unsigned long long)(id + (next - i - 1)));
    }
    fputc('\n', out);
}

static void print_group(const struct group *g, int64_t now, const char *what, FILE *out)
{
    const struct rt_report *r = g->first[0];

    fprintf(out, "%s", what);
    if (g->count == 1) {
        rt_report_print(r, rt_report_waited(r, now), out);
        fputc('\n', out);
        return;
    }
    fprintf(out, "%zu tasks [%s", g->count, rt_state_names[r->seen.state]);
    print_waited(g, now, out);
    fputc(']', out);
    rt_report_print_where(r, out);
    fputc('\n', out);
    print_ids(g, out);
}

void rt_reports_print_grouped(struct rt_reports reports, const char *what, FILE *out)
{
    struct rt_report **sorted = malloc(reports.count * sizeof *sorted);
    struct group *groups = malloc(reports.count * sizeof *groups);
    struct rt_symbols *symbols = open_symbols(&reports);
    int64_t now = rt_now_coarse();
    size_t n;

    if (reports.count > 0 && (!sorted || !groups))
        rt_out_of_memory();
    for (size_t i = 0; i < reports.count; i++)
        sorted[i] = &reports.all[i];
    if (reports.count > 0)
        qsort(sorted, reports.count, sizeof *sorted, by_what);
    n = make_groups(sorted, reports.count, groups);
    for (size_t i = 0; i < n; i++) {
        print_group(&groups[i], now, what, out);
        rt_report_print_stack(groups[i].first[0], symbols, out);
    }
    close_symbols(symbols);
    free(groups);
    free(sorted);
}

/* ---- all of them ---- */

void task_dump(FILE *out)
{
    struct rt_reports reports = rt_reports_of_tasks(1, true);

    rt_reports_print_grouped(reports, "", out);
    free(reports.all);
}

static void print_each(const struct rt_reports *reports, const char *what, bool waited, FILE *out)
{
    struct rt_symbols *symbols = open_symbols(reports);
    int64_t now = rt_now_coarse();

    for (size_t i = 0; i < reports->count; i++) {
        const struct rt_report *r = &reports->all[i];

        fprintf(out, "%s", what);
        rt_report_print(r, waited ? rt_report_waited(r, now) : -1, out);
        fputc('\n', out);
        rt_report_print_stack(r, symbols, out);
    }
    close_symbols(symbols);
}

void task_dump_full(FILE *out)
{
    struct rt_reports reports = rt_reports_of_tasks(1, true);

    print_each(&reports, "", true, out);
    free(reports.all);
}

size_t rt_reports_print_leaked(struct rt_reports reports, FILE *out)
{
    print_each(&reports, "leaked ", false, out);
    fflush(out);
    free(reports.all);
    return reports.count;
}
