/* server: the language server, over standard input and output. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "lsp_server.h"

enum { WATCH_MILLISECONDS = 3000 };
static const double debounce_default = 0.02;    /* seconds */

enum { FROM_CLIENT, TO_CLIENT, FROM_RUN, ERRORS_OF_RUN, FROM_PROOF, ERRORS_OF_PROOF, ENDS };

static void begin(struct lsp_server *s, const struct session *session)
{
    *s = (struct lsp_server){
        .options = *session->options, .scratch = arena_new(), .kept = arena_new(),
        .transport = { .in = STDIN_FILENO, .out = STDOUT_FILENO }, .debounce = debounce_default,
        .dirty = json_object(), .programs = json_object(), .failed = json_object(), .lenses = json_object(),
        .shown = json_object(), .deferred = json_array(), .run = { .out = -1, .errors = -1 },
        .proof = { .out = -1, .errors = -1 }, .repairs = json_object(),
    };
    signal(SIGPIPE, SIG_IGN);
    fcntl(STDOUT_FILENO, F_SETFL, fcntl(STDOUT_FILENO, F_GETFL) | O_NONBLOCK);
}

static void finish(struct lsp_server *s)
{
    json_t *const owned[] = { s->dirty, s->programs, s->failed, s->lenses, s->shown, s->deferred, s->proving, s->repairs };

    lsp_run_end(&s->run);
    lsp_run_end(&s->proof);
    keeper_stop(&s->keeper);
    lsp_documents_free(&s->documents);
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
        json_decref(owned[i]);
    free(s->trouble);
    lsp_close(&s->transport);
    arena_free(s->scratch);
    arena_free(s->kept);
    arena_free(s->configuration);
}

/* ---- what nobody tells it ------------------------------------------------------------------------------------- */

static bool is_client_gone(const struct lsp_server *s)
{
    return s->transport.broken || (s->parent > 0 && kill(s->parent, 0) && errno == ESRCH);
}

static int nearest(int a, int b)
{
    return a < 0 || (b >= 0 && b < a) ? b : a;
}

static void watch_now_and_then(struct lsp_server *s, double *last)
{
    if (s->phase != LSP_RUNNING || (session_now() - *last) * 1000 < WATCH_MILLISECONDS)
        return;
    *last = session_now();
    lsp_look_after(s);
    lsp_look_after_proof(s);
    if (!s->client.watches) {
        lsp_look_at_database(s);
        lsp_look_at_configuration(s);
    }
    arena_reset(s->scratch);
}

/* ---- the loop --------------------------------------------------------------------------------------------------- */

static void hear_client(struct lsp_server *s)
{
    json_t *message;

    if (!lsp_receive(&s->transport))
        s->transport.broken = true;
    while (s->phase != LSP_EXITED && (message = lsp_next(&s->transport)))
        lsp_handle(s, message);
}

static void turn(struct lsp_server *s)
{
    struct pollfd ends[ENDS] = {
        [FROM_CLIENT] = { s->transport.in, POLLIN, 0 },
        [TO_CLIENT] = { lsp_waiting(&s->transport) ? s->transport.out : -1, POLLOUT, 0 },
        [FROM_RUN] = { s->run.pid ? s->run.out : -1, POLLIN, 0 },
        [ERRORS_OF_RUN] = { s->run.pid ? s->run.errors : -1, POLLIN, 0 },
        [FROM_PROOF] = { s->proof.pid ? s->proof.out : -1, POLLIN, 0 },
        [ERRORS_OF_PROOF] = { s->proof.pid ? s->proof.errors : -1, POLLIN, 0 },
    };

    if (poll(ends, ENDS, nearest(lsp_patience(s), WATCH_MILLISECONDS)) < 0)
        return;
    if (ends[FROM_RUN].revents)
        lsp_hear_run(s, ends[FROM_RUN].fd);
    if (ends[ERRORS_OF_RUN].revents)
        lsp_hear_run(s, ends[ERRORS_OF_RUN].fd);
    if (ends[FROM_PROOF].revents)
        lsp_hear_proof(s, ends[FROM_PROOF].fd);
    if (ends[ERRORS_OF_PROOF].revents)
        lsp_hear_proof(s, ends[ERRORS_OF_PROOF].fd);
    if (ends[FROM_CLIENT].revents)
        hear_client(s);
    lsp_schedule(s);
    lsp_flush(&s->transport);
    arena_reset(s->scratch);
}

enum status command_server(struct session *session)
{
    struct lsp_server s;
    double watched = 0;
    bool fine;

    begin(&s, session);
    while (s.phase != LSP_EXITED && !is_client_gone(&s)) {
        turn(&s);
        watch_now_and_then(&s, &watched);
    }
    while (lsp_waiting(&s.transport) && !s.transport.broken && s.phase == LSP_EXITED)
        lsp_flush(&s.transport);
    fine = s.orderly || s.phase == LSP_SHUT_DOWN;
    finish(&s);
    return fine ? STATUS_CLEAN : STATUS_FINDINGS;
}
