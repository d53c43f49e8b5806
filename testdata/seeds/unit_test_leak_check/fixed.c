/* Article on goroutine leaks, "stack differences in the test", repaired: the
 * sleeping loop looks at a flag that its owner sets.
 */
#include <stdatomic.h>

#include <chanrt.h>

static atomic_bool stopping;

static void heartbeat(void *arg)
{
	(void)arg;
	while (!atomic_load(&stopping))
		task_sleep(10 * TASK_MILLISECOND);
}

static void my_func_start(void)
{
	task_spawn(heartbeat, NULL);
}

static void my_func_stop(void)
{
	atomic_store(&stopping, true);
}

static int test_my_func(void)
{
	leak_check_t check = leak_check_begin();

	my_func_start();
	my_func_stop();

	return leak_check_end(check, TASK_SECOND, stderr) == 0 ? 0 : 1;
}

int main(void)
{
	int rc = test_my_func();

	printf("%s: test_my_func\n", rc == 0 ? "PASS" : "FAIL");
	return rc;
}
