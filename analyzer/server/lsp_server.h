/* lsp_server.h - what the parts of the language server share.
 *
 * One process reads messages and answers at once; analyses run in another, one at a time (lsp_run.h). An edit ends
 * the analysis that no longer matters and puts the next one off by a moment; who goes on typing gets an answer every
 * second or so, of the version it was made for. Files that changed are analysed first, then everything.
 */
#ifndef LSP_SERVER_H
#define LSP_SERVER_H

#include "keeper.h"
#include "lsp_documents.h"
#include "lsp_run.h"
#include "lsp_transport.h"
#include "session.h"

enum lsp_phase { LSP_FRESH, LSP_RUNNING, LSP_SHUT_DOWN, LSP_EXITED };

/* What the client can do with what it is sent. */
struct lsp_client {
    bool related, described;        /* relatedInformation, codeDescription */
    bool pulls;                     /* asks for diagnostics, and is not sent any */
    bool progress, watches, markdown;
    bool refreshes_diagnostics, refreshes_lenses;
    bool versions;                  /* edits say which version they are of */
    bool resolves;                  /* asks for the edit of an action when it is chosen */
};

struct lsp_server {
    struct options        options;  /* what the command line and the client have said */
    struct session        configured;   /* with the configuration of the project */
    struct lsp_transport  transport;
    struct lsp_documents  documents;
    struct arena         *scratch;  /* for one message */
    struct arena         *kept;     /* as long as the server */
    struct arena         *configuration;
    enum lsp_phase        phase;
    bool                  orderly;  /* it was shut down before it exited */
    struct lsp_client     client;
    pid_t                 parent;   /* the client, when it has said so; 0 */

    /* what is to be analysed */
    json_t               *dirty;    /* paths of what has changed since it was */
    bool                  known_due, whole_due;
    bool                  whole_wanted;     /* everything is to be checked when what is typed can be parsed again */
    double                due;      /* not before */
    double                oldest;   /* when the first change that is not analysed was made; 0: there is none */
    double                debounce; /* seconds */
    struct lsp_run        run;
    struct keeper         keeper;
    char                 *trouble;  /* what was said last of an analysis that failed */
    bool                  begun;    /* progress is shown */
    uint32_t              requests; /* sent to the client */

    /* what was found, as in lsp_check.h */
    json_t               *programs, *failed, *lenses;
    json_t               *shown;    /* URI -> [Diagnostic, ...]: what the client has */
    json_t               *deferred; /* requests that wait for the analysis */
    uint64_t              database; /* stamp of the compile database */
    uint64_t              configured_by;    /* of the configuration's file; 0: there is none */

    /* what can be done about it */
    struct lsp_run        proof;
    json_t               *proving;  /* names of the findings it is about; NULL: none */
    json_t               *repairs;  /* by name, as in lsp_prove.h, or null: there is none. Of the texts as they are */
    json_int_t            state;    /* another number after each change of a text */
};

/* ---- lsp_schedule.c: when what is analysed ---------------------------------------------------------- */

void lsp_changed(struct lsp_server *s, const char *path);       /* the text of an open document, or what stands for it */
void lsp_check_all(struct lsp_server *s);                       /* soon */
void lsp_schedule(struct lsp_server *s);                        /* start what is due */
int  lsp_patience(const struct lsp_server *s);                  /* milliseconds until something is due; -1: nothing is */
void lsp_hear_run(struct lsp_server *s, int fd);                /* it has written something */
void lsp_look_after(struct lsp_server *s);                      /* now and then */
void lsp_look_at_database(struct lsp_server *s);                /* has the compile database become another? */
bool lsp_is_pending(const struct lsp_server *s, const char *path);  /* what is known of it is about to be renewed */

void lsp_configure(struct lsp_server *s);                       /* read the configuration */
void lsp_look_at_configuration(struct lsp_server *s);           /* has it become another? */

/* ---- lsp_publish.c: what the client is told ---------------------------------------------------------- */

void lsp_take_outcome(struct lsp_server *s, json_t *outcome, const json_t *versions);
void lsp_take_lenses(struct lsp_server *s, json_t *said);
/* Of a file, as known: new. */
json_t *lsp_diagnostics_of(const struct lsp_server *s, const char *uri);
/* A file is called otherwise from now on. */
void lsp_rename_findings(struct lsp_server *s, const char *from, const char *to);
void lsp_forget_shown(struct lsp_server *s, const char *uri);   /* tell it again although it has not changed */
void lsp_publish(struct lsp_server *s, const json_t *versions);
void lsp_show(struct lsp_server *s, int type, const char *text);/* to the user: 1 error, 2 warning, 3 information */
void lsp_log(struct lsp_server *s, int type, const char *text);

/* ---- lsp_answers.c: what the client asks about a place ------------------------------------------------ */

json_t *lsp_hover(struct lsp_server *s, const json_t *params);
json_t *lsp_code_lenses(struct lsp_server *s, const json_t *params);
json_t *lsp_pull(struct lsp_server *s, const json_t *params);
json_t *lsp_pull_all(struct lsp_server *s, const json_t *params);

/* ---- lsp_actions.c: what can be done about findings ---------------------------------------------------- */

/* Is it not known yet? What finds out is started. */
bool    lsp_actions_wait(struct lsp_server *s, const json_t *params);
json_t *lsp_code_actions(struct lsp_server *s, const json_t *params);
json_t *lsp_resolve_action(struct lsp_server *s, const json_t *params);     /* NULL: a text has changed since */
void    lsp_hear_proof(struct lsp_server *s, int fd);
void    lsp_look_after_proof(struct lsp_server *s);             /* now and then */
void    lsp_repairs_stale(struct lsp_server *s);                /* a text has changed */
void    lsp_actions_cancelled(struct lsp_server *s);            /* one that waited does so no longer */

/* ---- lsp_methods.c: messages --------------------------------------------------------------------------- */

void lsp_handle(struct lsp_server *s, json_t *message);         /* takes it over */
void lsp_answer_deferred(struct lsp_server *s, bool all);       /* those whose file is up to date, or all */

#endif
