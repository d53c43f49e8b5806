/* Article "Leaky Go Channels", TestContextAsync: passes. */
#include "../perform.h"

static int test_context_async(void)
{
	leak_check_t check = leak_check_begin();
	ctx_t *ctx = ctx_with_cancel(ctx_background());
	size_t leaked;

	context_async(ctx);

	leaked = leak_check_end(check, 500 * TASK_MILLISECOND, stderr);
	ctx_cancel(ctx);
	ctx_release(ctx);
	return leaked == 0 ? 0 : 1;
}

int main(void)
{
	int rc = test_context_async();

	printf("%s: test_context_async\n", rc == 0 ? "PASS" : "FAIL");
	return rc;
}
