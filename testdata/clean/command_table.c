/* command_table: commands come by name and are run through a table of functions, one
 * of which closes the channel the others send on - as the last command, always.
 */
#include <stdlib.h>
#include <string.h>

#include <chanrt.h>

struct shell {
	chan_t *out;			/* int, closed by "bye" */
	int     acc;
	bool    over;
};

typedef void command_fn(struct shell *sh, int operand);

static void print(struct shell *sh)
{
	chan_send(sh->out, &sh->acc);
}

static void cmd_set(struct shell *sh, int operand) { sh->acc = operand; }
static void cmd_add(struct shell *sh, int operand) { sh->acc += operand; print(sh); }
static void cmd_mul(struct shell *sh, int operand) { sh->acc *= operand; print(sh); }

static void cmd_bye(struct shell *sh, int operand)
{
	(void)operand;
	chan_close(sh->out);
	sh->over = true;
}

static const struct command {
	const char *name;
	command_fn *run;
} commands[] = {
	{ "set", cmd_set }, { "add", cmd_add }, { "mul", cmd_mul }, { "bye", cmd_bye },
};

static void shell_run(struct shell *sh, const char *name, int operand)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(commands[i].name, name) == 0)
			commands[i].run(sh, operand);
}

static void script(void *arg)
{
	static const struct { const char *name; int operand; } lines[] = {
		{ "set", 4 }, { "add", 3 }, { "mul", 6 },
	};
	struct shell *sh = arg;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]) && !sh->over; i++)
		shell_run(sh, lines[i].name, lines[i].operand);
	if (!sh->over)
		cmd_bye(sh, 0);
}

int main(void)
{
	static struct shell sh;
	int last = 0;

	sh.out = chan_make(int, 0);
	task_spawn(script, &sh);
	chan_range(int, value, sh.out)
		last = value;
	printf("%d\n", last);
	return 0;
}
