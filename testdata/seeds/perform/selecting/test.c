/* Article "Leaky Go Channels", TestSelecting: passes, nothing is left behind. */
#include "../perform.h"

static int test_selecting(void)
{
	leak_check_t check = leak_check_begin();
	chan_t *c = chan_create(0, 1);
	size_t leaked;

	selecting(c);

	leaked = leak_check_end(check, 200 * TASK_MILLISECOND, stderr);
	chan_send(c, NULL);
	chan_release(c);
	return leaked == 0 ? 0 : 1;
}

int main(void)
{
	int rc = test_selecting();

	printf("%s: test_selecting\n", rc == 0 ? "PASS" : "FAIL");
	return rc;
}
