/* Article "Goroutine Leaks - The Forgotten Sender", listings 2 and 3: the search
 * is simply called, and its caller waits the 200 ms it takes.
 */
#include <chanrt.h>

/* Simulates a function that finds a record by a search term. */
static int search(const char *term, const char **record)
{
	(void)term;
	task_sleep(200 * TASK_MILLISECOND);
	*record = "some value";
	return 0;
}

/* The work of the program: finds a record, then prints it. */
static int process(const char *term)
{
	const char *record;
	int err = search(term, &record);

	if (err)
		return err;

	printf("Received: %s\n", record);
	return 0;
}

int main(void)
{
	return process("term") == 0 ? 0 : 1;
}
