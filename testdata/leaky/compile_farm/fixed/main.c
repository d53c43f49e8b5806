/* compile_farm: a file that cannot be compiled makes build leave through out, where
 * the farm is finished.
 */
#include <string.h>

#include "farm.h"

static int build(const char *const files[], size_t count)
{
	struct farm *f = farm_start(2);
	int err = 0;

	for (size_t i = 0; i < count; i++) {
		err = farm_submit(f, files[i]);
		if (err) {
			fprintf(stderr, "%s: %s\n", files[i], strerror(err));
			goto out;
		}
	}
out:
	farm_finish(f);
	return err;
}

int main(void)
{
	static const char *const files[] = { "lexer.c", "parser.c", "README", "main.c" };

	build(files, 4);
	return 0;
}
