/* per_argument: one task and one count of the wait group for each argument; without
 * arguments nobody is waited for.
 */
#include <string.h>

#include <chanrt.h>

struct job {
	const char   *word;
	size_t       *length;		/* its own element */
	wait_group_t *busy;
};

static void measure(void *arg)
{
	struct job *job = arg;

	*job->length = strlen(job->word);
	task_yield();
	wait_group_done(job->busy);
}

static size_t longest(char **words, int count)
{
	size_t lengths[16] = { 0 }, most = 0;
	wait_group_t busy = { 0 };

	if (count > 16)
		count = 16;
	wait_group_add(&busy, count);
	for (int i = 0; i < count; i++)
		task_go(measure, (struct job){ words[i], &lengths[i], &busy });
	wait_group_wait(&busy);

	for (int i = 0; i < count; i++)
		if (lengths[i] > most)
			most = lengths[i];
	return most;
}

int main(int argc, char **argv)
{
	printf("%zu\n", longest(argv + 1, argc - 1));
	return 0;
}
