/* ping_hosts: every task is given the address of the loop's variable, which has counted on
 * by the time some of them look: one host is asked twice, another never.
 */
#include <chanrt.h>

static const char *const hosts[] = { "alpha", "beta", "gamma" };
enum { HOSTS = sizeof(hosts) / sizeof(hosts[0]) };

static wait_group_t pending;

static void ping(void *arg)
{
	const int *host = arg;
	int n = *host;

	if (n >= 0 && n < HOSTS)
		printf("%s answers\n", hosts[n]);
	wait_group_done(&pending);
}

int main(void)
{
	for (int host = 0; host < HOSTS; host++) {
		wait_group_add(&pending, 1);
		task_spawn(ping, &host); // leak: escaping-argument; unseen: the variable is read in time or not, nothing waits
	}
	wait_group_wait(&pending);
	return 0;
}
