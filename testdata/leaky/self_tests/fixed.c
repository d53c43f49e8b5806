/* self_tests: a program's self tests make themselves known before main, each
 * where it stands; main runs those that there are. The test of the mailbox takes all letters,
 * also those behind the first that is wrong.
 */
#include <chanrt.h>
#include <stdio.h>
#include <string.h>

struct test {
	const char  *name;
	bool       (*run)(void);
	struct test *next;
};

static struct test *tests;

static void test_add(struct test *t)
{
	struct test **end = &tests;

	while (*end)
		end = &(*end)->next;
	*end = t;
}

#define TEST(name)                                                        \
	static bool name(void);                                           \
	static struct test name##_test = { #name, name, NULL };           \
	__attribute__((constructor)) static void name##_register(void)    \
	{                                                                 \
		test_add(&name##_test);                                   \
	}                                                                 \
	static bool name(void)

enum { LETTERS = 3 };

static void write_letters(void *arg)
{
	chan_t *box = arg;

	for (int i = 0; i < LETTERS; i++)
		chan_send(box, &i);
	chan_close(box);
}

TEST(letters_arrive_in_order)
{
	chan_t *box = chan_make(int, 0);
	bool in_order = true;
	int letter;

	task_spawn(write_letters, box);
	for (int i = 1; chan_recv(box, &letter); i++)
		if (letter != i)
			in_order = false;
	chan_release(box);
	return in_order;
}

TEST(names_have_an_order)
{
	return strcmp("anna", "bert") < 0;
}

int main(void)
{
	int failed = 0;

	for (struct test *t = tests; t; t = t->next) {
		bool ok = t->run();

		printf("%s %s\n", ok ? "ok    " : "FAILED", t->name);
		failed += !ok;
	}
	return failed > 1;
}
