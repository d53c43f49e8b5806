/* main.c - runs rounds until there have been enough operations, and watches that they move. */
#define _GNU_SOURCE
#include "stress.h"

#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct options options = {
    .ops = 1000000, .round = -1, .channels = true, .locks = true, .threads = true,
    .patience = 20 * TASK_SECOND,
};
static _Atomic int64_t current_round;
static struct { _Atomic uint64_t count; char pad[56]; } moves[STRESS_ACTORS];

uint64_t dice_next(struct dice *d)
{
    uint64_t z = (d->state += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

unsigned dice_below(struct dice *d, unsigned n)
{
    return (unsigned)((dice_next(d) >> 32) * n >> 32);
}

int64_t stress_now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * TASK_SECOND + ts.tv_nsec;
}

void stress_moved(unsigned actor)
{
    _Atomic uint64_t *count = &moves[actor].count;

    atomic_store_explicit(count, atomic_load_explicit(count, memory_order_relaxed) + 1,
                          memory_order_relaxed);
}

uint64_t stress_moves(void)
{
    uint64_t sum = 0;

    for (int i = 0; i < STRESS_ACTORS; i++)
        sum += atomic_load_explicit(&moves[i].count, memory_order_relaxed);
    return sum;
}

static void say_setting(const char *name)
{
    if (getenv(name))
        fprintf(stderr, "%s=%s ", name, getenv(name));
}

_Noreturn void stress_fail(const char *format, ...)
{
    va_list args;

    flockfile(stderr);
    fprintf(stderr, "stress: ");
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, "\nstress: again with: ");
    say_setting("CHANRT_THREADS");
    say_setting("CHANRT_SEED");
    fprintf(stderr, "chanrt_stress --seed %llu --round %lld%s%s%s%s\n",
            (unsigned long long)options.seed, (long long)current_round,
            options.channels ? "" : " --locks", options.locks ? "" : " --channels",
            options.threads ? "" : " --no-threads", options.busy ? " --busy" : "");
    abort();
}

/* ---- the watchdog ---- */

static void *watch(void *arg)
{
    uint64_t seen = stress_moves();
    int64_t round = current_round, since = stress_now();

    (void)arg;
    for (;;) {
        struct timespec pause = { .tv_nsec = 200000000 };
        uint64_t sum;

        nanosleep(&pause, NULL);
        sum = stress_moves();
        if (sum != seen || round != current_round) {
            seen = sum;
            round = current_round;
            since = stress_now();
        } else if (stress_now() - since > options.patience) {
            task_dump(stderr);
            stress_fail("nothing has moved for %lld s: a wake-up was lost",
                        (long long)(options.patience / TASK_SECOND));
        }
    }
    return NULL;
}

static void start_watchdog(void)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, watch, NULL) != 0)
        stress_fail("no thread for the watchdog");
    pthread_detach(thread);
}

/* ---- who takes part ---- */

static pthread_t threads[STRESS_ACTORS];
static unsigned thread_count;

struct thread_start { task_fn *fn; void *arg; };

static void *thread_main(void *arg)
{
    struct thread_start start = *(struct thread_start *)arg;

    free(arg);
    start.fn(start.arg);
    return NULL;
}

void stress_start(task_fn *fn, void *arg, bool as_thread)
{
    struct thread_start *start;

    if (!as_thread) {
        task_spawn(fn, arg);
        return;
    }
    start = malloc(sizeof *start);
    if (!start)
        stress_fail("out of memory");
    *start = (struct thread_start){ fn, arg };
    if (pthread_create(&threads[thread_count++], NULL, thread_main, start) != 0)
        stress_fail("no thread: %s", strerror(errno));
}

void stress_join(void)
{
    while (thread_count > 0)
        pthread_join(threads[--thread_count], NULL);
}

void stress_wait(wait_group_t *wg, atomic_int *left, bool busy)
{
    volatile unsigned spin = 0;

    while (busy && atomic_load(left) > 0) {
        for (int i = 0; i < 2000; i++)
            spin = spin + 1;
        if (spin % 64000 == 0)
            task_yield();
    }
    wait_group_wait(wg);
    stress_join();
}

/* ---- rounds ---- */

static uint64_t run_round(uint64_t round)
{
    struct dice dice = { options.seed + round * UINT64_C(0xd1342543de82ef95) };
    bool locks = options.locks && (!options.channels || dice_one_in(&dice, 3));
    leak_check_t lc = leak_check_begin();
    uint64_t ops;

    current_round = (int64_t)round;
    if (locks)
        ops = locks_round(dice, &options);
    else if (dice_one_in(&dice, 3))
        ops = brief_round(dice, &options);
    else
        ops = channels_round(dice, &options);
    if (leak_check_end(lc, options.patience, stderr) != 0)
        stress_fail("tasks are left after the round");
    return ops;
}

static uint64_t number(const char *text)
{
    char *end;
    uint64_t n = strtoull(text, &end, 0);

    if (end == text || *end) {
        fprintf(stderr, "stress: not a number: '%s'\n", text);
        exit(2);
    }
    return n;
}

static void read_options(int argc, char **argv)
{
    static const struct option known[] = {
        { "ops", required_argument, NULL, 'o' },   { "seed", required_argument, NULL, 's' },
        { "round", required_argument, NULL, 'r' }, { "channels", no_argument, NULL, 'c' },
        { "locks", no_argument, NULL, 'l' },       { "no-threads", no_argument, NULL, 't' },
        { "busy", no_argument, NULL, 'b' },        { "patience", required_argument, NULL, 'p' },
        { NULL, 0, NULL, 0 },
    };
    int option;

    options.seed = (uint64_t)stress_now();
    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        switch (option) {
        case 'o': options.ops = number(optarg); break;
        case 's': options.seed = number(optarg); break;
        case 'r': options.round = (int64_t)number(optarg); break;
        case 'c': options.locks = false; break;
        case 'l': options.channels = false; break;
        case 't': options.threads = false; break;
        case 'b': options.busy = true; break;
        case 'p': options.patience = (int64_t)number(optarg) * TASK_SECOND; break;
        default:
            fprintf(stderr, "usage: stress [--ops N] [--seed N] [--round N] [--channels|--locks]"
                            " [--no-threads] [--busy] [--patience SECONDS]\n");
            exit(2);
        }
    }
}

int main(int argc, char **argv)
{
    uint64_t ops = 0, round = 0;
    int64_t begin = stress_now();

    setlinebuf(stdout);
    read_options(argc, argv);
    printf("stress: seed %llu, %llu operations\n", (unsigned long long)options.seed,
           (unsigned long long)options.ops);
    start_watchdog();
    if (options.round >= 0)
        ops = run_round((uint64_t)options.round);
    for (; options.round < 0 && ops < options.ops; round++)
        ops += run_round(round);
    printf("stress: %llu operations in %llu rounds, %.1f s, nothing wrong\n",
           (unsigned long long)ops, (unsigned long long)round,
           (double)(stress_now() - begin) / 1e9);
    return 0;
}
