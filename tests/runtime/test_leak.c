/* leak_check_begin and _end; CHANRT_LEAKCHECK. */
#include "check.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static chan_t *never;               /* nobody sends, receives or closes */
static wait_group_t group_never;
static task_mutex_t mutex_never;
static task_rwlock_t rwlock_never;
static task_cond_t cond_never;
static task_once_t once_never;

static void block_send(void *arg)
{
    int v = 1;

    (void)arg;
    chan_send(never, &v); /* @send */
}

static void block_recv(void *arg)
{
    (void)arg;
    chan_recv(never, NULL); /* @recv */
}

static void block_select(void *arg)
{
    chan_t *other = chan_make(int, 0);

    (void)arg;
    chan_select(CHAN_RECV(never, NULL), CHAN_RECV(other, NULL)); /* @select */
}

static void block_send_nil(void *arg)
{
    chan_send(arg, NULL); /* @send_nil */
}

static void block_recv_nil(void *arg)
{
    chan_recv(arg, NULL); /* @recv_nil */
}

static void block_select_none(void *arg)
{
    (void)arg;
    chan_select(); /* @select_none */
}

static void block_wait(void *arg)
{
    (void)arg;
    wait_group_wait(&group_never); /* @wait */
}

static void block_lock(void *arg)
{
    (void)arg;
    task_mutex_lock(&mutex_never); /* @lock */
}

static void block_rdlock(void *arg)
{
    (void)arg;
    task_rwlock_rdlock(&rwlock_never); /* @rdlock */
}

static void block_wrlock(void *arg)
{
    (void)arg;
    task_rwlock_wrlock(&rwlock_never); /* @wrlock */
}

static void block_cond(void *arg)
{
    task_mutex_t m = { { 0 } };

    (void)arg;
    task_mutex_lock(&m);
    task_cond_wait(&cond_never, &m); /* @cond */
}

static void block_once(void *arg)
{
    (void)arg;
    task_once(&once_never, block_once, NULL); /* @once */
}

static int endless_member(void *arg)
{
    chan_recv(arg, NULL); /* @member */
    return 0;
}

static void block_group_spawn(void *arg)
{
    task_group_t *g = task_group_create(ctx_background(), 1);

    task_group_spawn(g, endless_member, arg); /* @group_spawn1 */
    task_group_spawn(g, endless_member, arg); /* @group_spawn2 */
}

static void block_group_wait(void *arg)
{
    task_group_t *g = task_group_create(ctx_background(), 1);

    task_group_spawn(g, endless_member, arg); /* @group_spawn3 */
    task_group_wait(g); /* @group_wait */
}

static void block_sleep(void *arg)
{
    (void)arg;
    task_sleep(3600 * TASK_SECOND); /* @sleep */
}

static atomic_bool stop_running;

static void keep_running(void *arg)
{
    (void)arg;
    while (!atomic_load(&stop_running))
        ;
}

static void finish_soon(void *arg)
{
    (void)arg;
    task_sleep(20 * MS);
}

/* ---- in the child: every state there is ---- */

static void prepare(void)
{
    never = chan_make(int, 0); /* @never */
    wait_group_add(&group_never, 1);
    task_mutex_lock(&mutex_never);
    task_rwlock_wrlock(&rwlock_never);
}

/* One after the other, so that each has the number that the test expects. */
static void spawn_each(void)
{
    task_spawn(block_send, NULL); /* @s1 */
    wait_until_blocked(1);
    never = chan_make(int, 5); /* @made2 */
    task_spawn(block_recv, NULL); /* @s2 */
    task_spawn(block_select, NULL); /* @s3 */
    task_spawn(block_send_nil, NULL); /* @s4 */
    task_spawn(block_recv_nil, NULL); /* @s5 */
    task_spawn(block_select_none, NULL); /* @s6 */
    task_spawn(block_wait, NULL); /* @s7 */
    task_spawn(block_lock, NULL); /* @s8 */
    task_spawn(block_rdlock, NULL); /* @s9 */
    task_spawn(block_wrlock, NULL); /* @s10 */
    task_spawn(block_cond, NULL); /* @s11 */
    task_spawn(block_once, NULL); /* @s12 */
    task_spawn(block_sleep, NULL); /* @s13 */
    wait_until_blocked(13);
}

static void every_state(void)
{
    prepare();
    spawn_each();
    task_spawn(block_group_spawn, NULL); /* @s14 */
    wait_until_blocked(15);
    task_spawn(block_group_wait, NULL); /* @s16 */
    wait_until_blocked(17);
    task_spawn(keep_running, NULL); /* @s18 */
}

static void leak_some(void)
{
    never = chan_make(int, 0); /* @some_never */
    task_spawn(finish_soon, NULL);
    task_spawn(block_recv, NULL); /* @some */
}

static void leak_none(void)
{
    task_spawn(finish_soon, NULL);
}

static void blocked_main(void)
{
    never = chan_make(int, 3); /* @main_never */
    wait_group_add(&group_never, 1);
    task_spawn(block_wait, NULL); /* @main_spawn */
    chan_recv(never, NULL); /* @main_recv */
}

static void blocked_main_alone(void)
{
    chan_select(); /* @main_select */
}

static void slow_main(void)
{
    chan_t *ch = chan_after(300 * MS);

    chan_recv(ch, NULL);
    chan_release(ch);
}

static void ticked_main(void)
{
    ticker_t *t = ticker_create(300 * MS);

    chan_recv(ticker_chan(t), NULL);
    ticker_stop(t);
}

static void idle_ticker(void)
{
    ticker_create(10 * MS);
    chan_recv(NULL, NULL); /* @idle_ticker */
}

static void *send_late(void *arg)
{
    usleep(300000);
    chan_send(arg, NULL);
    return NULL;
}

static void unknown_thread(void)
{
    chan_t *ch = chan_create(0, 0);
    pthread_t thread;

    pthread_create(&thread, NULL, send_late, ch);
    chan_recv(ch, NULL);
    pthread_join(thread, NULL);
    chan_release(ch);
}

static void exit_from(void *arg)
{
    (void)arg;
    exit(4);
}

static void exit_in_task(void)
{
    never = chan_make(int, 0);
    task_spawn(block_recv, NULL);
    wait_until_blocked(1);
    task_spawn(exit_from, NULL);
    task_sleep(10 * TASK_SECOND);
}

static void exit_in_forked_child(void)
{
    int status;
    pid_t pid;

    never = chan_make(int, 0);
    task_spawn(block_recv, NULL);
    wait_until_blocked(1);
    pid = fork();
    if (pid == 0)
        exit(6);
    waitpid(pid, &status, 0);
    chan_close(never);
    task_sleep(MS);
    exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

static void exit_in_main(void)
{
    leak_some();
    exit(4);
}

static const struct scenario scenarios[] = {
    { "every_state", every_state },
    { "leak_some", leak_some },
    { "leak_none", leak_none },
    { "blocked_main", blocked_main },
    { "blocked_main_alone", blocked_main_alone },
    { "slow_main", slow_main },
    { "ticked_main", ticked_main },
    { "idle_ticker", idle_ticker },
    { "unknown_thread", unknown_thread },
    { "exit_in_task", exit_in_task },
    { "exit_in_main", exit_in_main },
    { "exit_in_forked_child", exit_in_forked_child },
    { NULL, NULL },
};

static void exits_with(const char *scenario, const char *ms, int status, const char *err)
{
    struct ended ended = check_child(scenario, "CHANRT_LEAKCHECK=1", ms);

    assert_string_equal(check_headings(ended.err), check_places(__FILE__, err));
    assert_true(WIFEXITED(ended.status));
    assert_int_equal(WEXITSTATUS(ended.status), status);
}

/* ---- tests ---- */

static void states_are_named(void **state)
{
    (void)state;
    exits_with("every_state", "CHANRT_LEAKCHECK_MS=100", 23,
               "leaked task 1 [chan send]: at @send on channel made at @never (capacity 0), "
               "spawned at @s1\n"
               "leaked task 2 [chan receive]: at @recv on channel made at @made2 (capacity 5), "
               "spawned at @s2\n"
               "leaked task 3 [select]: at @select, spawned at @s3\n"
               "leaked task 4 [chan send (nil chan)]: at @send_nil, spawned at @s4\n"
               "leaked task 5 [chan receive (nil chan)]: at @recv_nil, spawned at @s5\n"
               "leaked task 6 [select (no cases)]: at @select_none, spawned at @s6\n"
               "leaked task 7 [wait group wait]: at @wait, spawned at @s7\n"
               "leaked task 8 [mutex lock]: at @lock, spawned at @s8\n"
               "leaked task 9 [rwlock read lock]: at @rdlock, spawned at @s9\n"
               "leaked task 10 [rwlock write lock]: at @wrlock, spawned at @s10\n"
               "leaked task 11 [cond wait]: at @cond, spawned at @s11\n"
               "leaked task 12 [once]: at @once, spawned at @s12\n"
               "leaked task 13 [sleep]: at @sleep, spawned at @s13\n"
               "leaked task 14 [group spawn]: at @group_spawn2, spawned at @s14\n"
               "leaked task 15 [chan receive (nil chan)]: at @member, spawned at "
               "@group_spawn1\n"
               "leaked task 16 [group wait]: at @group_wait, spawned at @s16\n"
               "leaked task 17 [chan receive (nil chan)]: at @member, spawned at "
               "@group_spawn3\n"
               "leaked task 18 [running]: spawned at @s18\n");
}

static void check_around_code(void **state)
{
    leak_check_t before = leak_check_begin(), lc;
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    int64_t start = now();

    (void)state;
    never = chan_make(int, 0); /* @around_made */
    task_spawn(block_recv, NULL);
    lc = leak_check_begin();
    task_spawn(finish_soon, NULL);
    assert_int_equal(leak_check_end(lc, 20 * TASK_SECOND, out), 0);
    assert_true(now() - start < 10 * TASK_SECOND);
    task_spawn(block_recv, NULL); /* @around */
    assert_int_equal(leak_check_end(lc, 20 * MS, out), 1);
    assert_int_equal(leak_check_end(lc, 0, out), 1);
    fclose(out);
    assert_non_null(strstr(text, check_places(__FILE__, " [chan receive]: at @recv on channel "
                           "made at @around_made (capacity 0), spawned at @around\n")));
    free(text);
    chan_close(never);
    assert_all_finished(before);
    chan_release(never);
}

static void check_themselves(void *arg)
{
    leak_check_t lc = leak_check_begin();

    task_spawn(finish_soon, NULL);
    assert_int_equal(leak_check_end(lc, TASK_SECOND, stderr), 0);
    assert_int_equal(leak_check_end((leak_check_t){ { 0 } }, TASK_SECOND, stderr), 0);
    wait_group_done(arg);
}

static void check_in_a_task(void **state)
{
    wait_group_t wg = { { 0 } };

    (void)state;
    wait_group_add(&wg, 1);
    task_spawn(check_themselves, &wg);
    wait_group_wait(&wg);
}

static void at_exit(void **state)
{
    const char *leak = "leaked task 2 [chan receive]: at @recv on channel made at @some_never "
                       "(capacity 0), spawned at @some\n";

    (void)state;
    exits_with("leak_none", NULL, 0, "");
    exits_with("leak_some", NULL, 23, leak);     /* a second: on a busy machine too, what can finish has by then */
    exits_with("exit_in_main", NULL, 23, leak);
    exits_with("exit_in_task", "CHANRT_LEAKCHECK_MS=100", 4, "");
}

/* LeakSanitizer must not look in the child: there it waits for a lock of the allocator's when
 * another thread held that at the fork. */
static void tasks_of_the_parent(void **state)
{
    struct ended ended =
        check_child("exit_in_forked_child", "CHANRT_LEAKCHECK=1", "ASAN_OPTIONS=detect_leaks=0");

    (void)state;
    assert_string_equal(ended.err, "");
    assert_true(WIFEXITED(ended.status));
    assert_int_equal(WEXITSTATUS(ended.status), 6);
}

static void when_main_is_blocked(void **state)
{
    (void)state;
    exits_with("blocked_main", "CHANRT_LEAKCHECK_MS=100", 23,
               "chanrt: all tasks are blocked\n"
               "leaked main [chan receive]: at @main_recv on channel made at @main_never "
               "(capacity 3)\n"
               "leaked task 1 [wait group wait]: at @wait, spawned at @main_spawn\n");
    exits_with("blocked_main_alone", "CHANRT_LEAKCHECK_MS=100", 23,
               "chanrt: all tasks are blocked\n"
               "leaked main [select (no cases)]: at @main_select\n");
    exits_with("idle_ticker", "CHANRT_LEAKCHECK_MS=100", 23,
               "chanrt: all tasks are blocked\n"
               "leaked main [chan receive (nil chan)]: at @idle_ticker\n");
}

static void when_main_only_waits(void **state)
{
    (void)state;
    exits_with("slow_main", "CHANRT_LEAKCHECK_MS=50", 0, "");
    exits_with("ticked_main", "CHANRT_LEAKCHECK_MS=50", 0, "");
    exits_with("unknown_thread", "CHANRT_LEAKCHECK_MS=50", 0, "");
}

static void off_by_default(void **state)
{
    struct ended ended = check_child("leak_some", "CHANRT_LEAKCHECK=0", NULL);

    (void)state;
    assert_string_equal(ended.err, "");
    assert_int_equal(ended.status, 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states_are_named),
        cmocka_unit_test(check_around_code),
        cmocka_unit_test(check_in_a_task),
        cmocka_unit_test(at_exit),
        cmocka_unit_test(tasks_of_the_parent),
        cmocka_unit_test(when_main_is_blocked),
        cmocka_unit_test(when_main_only_waits),
        cmocka_unit_test(off_by_default),
    };

    check_scenarios(argc, argv, scenarios);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
