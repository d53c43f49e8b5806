/* Article on goroutine leaks, "stack differences in the test": the leak-checked
 * test of a function that starts a task which sleeps in an endless loop. It never
 * ends, though it is not blocked for ever either.
 */
#include <chanrt.h>

static void heartbeat(void *arg)
{
	(void)arg;
	for (;;)
		task_sleep(10 * TASK_MILLISECOND); // endless-task
}

static void my_func(void)
{
	task_spawn(heartbeat, NULL);
}

static int test_my_func(void)
{
	leak_check_t check = leak_check_begin();

	my_func();

	return leak_check_end(check, 100 * TASK_MILLISECOND, stderr) == 0 ? 0 : 1;
}

int main(void)
{
	int rc = test_my_func();

	printf("%s: test_my_func\n", rc == 0 ? "PASS" : "FAIL");
	return rc;
}
