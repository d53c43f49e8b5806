/* What runs before main and after it, in all its spellings, and what only looks like it. */
static int order;

static void early(void) __attribute__((constructor(200)));
static void early(void) { order = order * 10 + 1; }

__attribute__((constructor)) static void late(void) { order = order * 10 + 2; }

__attribute__((__constructor__(101), __used__)) static void first(void) { order = 0; }

static __attribute__((destructor(300))) void last(void) { order = -1; }

struct constructor { int n; };
__attribute__((unused)) static int constructor(const struct constructor *constructor) { return constructor->n; }

/* A macro's function is where the macro is used, though nobody refers to it. */
#define ROW(name) __attribute__((constructor, destructor)) static void name##_row(void) { order++; }
ROW(extra)

int main(void) { return order; }
