/* config_reload: a task waits for the reload channel, but the handler that was to
 * send to it only ever sets a flag.
 */
#include <stdlib.h>

#include <chanrt.h>

struct config {
    int verbosity;
    int generation;
};

struct reloader {
    chan_t       *reload;       /* int: the wanted verbosity */
    bool          pending;
    struct config config;
    chan_t       *ready;        /* signal: the first configuration is there */
};

static void config_read(struct config *c, int verbosity) {
    c->verbosity = verbosity;
    c->generation++;
}

static void reload_task(void *arg) {
    struct reloader *r = arg;
    int verbosity = 0;

    config_read(&r->config, 1);
    chan_send(r->ready, NULL);
    chan_recv(r->reload, &verbosity); // leak: missing-sender
    config_read(&r->config, verbosity);
}

static struct reloader *reloader_start(void) {
    struct reloader *r = calloc(1, sizeof *r);

    if (!r)
        abort();
    r->reload = chan_make(int, 1);
    r->ready = chan_create(0, 0);
    task_spawn(reload_task, r);
    return r;
}

/* What the SIGHUP of a real server would call. */
static void reloader_request(struct reloader *r, int verbosity) {
    if (r->pending)
        return;
    r->pending = true;
    printf("reload to verbosity %d requested\n", verbosity);
}

static void reloader_stop(struct reloader *r) {
    printf("%s\n", r->pending ? "a reload is still pending" : "no reload");
}

int main(int argc, char **argv) {
    struct reloader *r = reloader_start();

    (void)argv;
    chan_recv(r->ready, NULL);
    if (argc > 1)
        reloader_request(r, argc);
    reloader_stop(r);
    return 0;
}
