/* Article "Leaky Go Channels", TestLeakyAsync: fails, because the waiting task
 * outlives the call. The send after the check lets it go.
 */
#include "../perform.h"

static int test_leaky_async(void)
{
	leak_check_t check = leak_check_begin();
	chan_t *c = chan_create(0, 1);
	size_t leaked;

	leaky_async(c);

	leaked = leak_check_end(check, 200 * TASK_MILLISECOND, stderr);
	chan_send(c, NULL);
	chan_release(c);
	return leaked == 0 ? 0 : 1;
}

int main(void)
{
	int rc = test_leaky_async();

	printf("%s: test_leaky_async\n", rc == 0 ? "PASS" : "FAIL");
	return rc;
}
