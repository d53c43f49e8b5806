/* argument_walk: one task for each name on the command line and one result for each,
 * both loops ended by the NULL behind the last, by index here and by pointer there.
 */
#include <stdlib.h>
#include <string.h>

#include <chanrt.h>

struct measure {
    const char *name;
    chan_t     *sizes;          /* size_t */
};

static void measure_name(void *arg)
{
    struct measure *m = arg;
    size_t size = strlen(m->name);

    chan_send(m->sizes, &size);
}

static size_t total_by_index(char **names)
{
    chan_t *sizes = chan_make(size_t, 0);
    size_t total = 0, size;

    for (int i = 0; names[i]; i++)
        task_go(measure_name, (struct measure){ .name = names[i], .sizes = sizes });
    for (int i = 0; names[i]; i++) {
        chan_recv(sizes, &size);
        total += size;
    }
    chan_release(sizes);
    return total;
}

static size_t total_by_pointer(char **names)
{
    chan_t *sizes = chan_make(size_t, 0);
    size_t total = 0, size;
    int started = 0;

    for (char **name = names; *name; name++) {
        if ((*name)[0] == '-')
            continue;
        task_go(measure_name, (struct measure){ .name = *name, .sizes = sizes });
        started++;
    }
    while (started-- > 0) {
        chan_recv(sizes, &size);
        total += size;
    }
    chan_release(sizes);
    return total;
}

int main(int argc, char **argv)
{
    size_t all, some;

    if (argc < 2)
        return 0;
    all = total_by_index(argv + 1);
    some = total_by_pointer(argv + 1);
    printf("%zu bytes of names, %zu without options\n", all, some);
    return 0;
}
