/* bench.c - run one row: bench_runtime_c ROW N prints nanoseconds (or bytes) per item.
 *
 * The row runs in a task, as its Go twin runs in the main goroutine; main waits for it
 * and takes no part.
 */
#include "bench.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

double bench_value;

static struct bench_row *rows;

struct job {
    struct bench_row *row;
    size_t            n;
    chan_t           *done;
};

void bench_register(struct bench_row *row)
{
    row->next = rows;
    rows = row;
}

double bench_resident(void)
{
    FILE *statm = fopen("/proc/self/statm", "r");
    unsigned long pages;

    if (!statm || fscanf(statm, "%*u %lu", &pages) != 1)
        abort();
    fclose(statm);
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static double nanoseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void run(void *arg)
{
    struct job *job = arg;
    double start = nanoseconds();

    job->row->run(job->n);
    if (bench_value == 0)
        bench_value = (nanoseconds() - start) / (double)job->n;
    chan_send(job->done, NULL);
}

int main(int argc, char **argv)
{
    struct job job = { .row = rows, .done = chan_create(0, 0) };

    while (argc == 3 && job.row && strcmp(job.row->name, argv[1]) != 0)
        job.row = job.row->next;
    if (argc != 3 || !job.row || (job.n = strtoull(argv[2], NULL, 10)) == 0) {
        fprintf(stderr, "usage: %s ROW N\n", argv[0]);
        return 2;
    }
    task_spawn(run, &job);
    chan_recv(job.done, NULL);
    printf("%.4f\n", bench_value);
    return 0;
}
