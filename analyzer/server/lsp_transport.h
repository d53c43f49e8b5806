/* lsp_transport.h - messages of the Language Server Protocol: JSON-RPC 2.0 behind a Content-Length header.
 *
 * What is not such a message is answered where an answer can be had, and skipped: the next one is read as
 * if nothing had been. Nothing here blocks: what the client does not read yet waits in memory.
 */
#ifndef LSP_TRANSPORT_H
#define LSP_TRANSPORT_H

#include <jansson.h>
#include <stdbool.h>

#include "lsp_buffer.h"

struct lsp_transport {
    int               in, out;
    struct lsp_buffer received, waiting;
    size_t            skip;         /* bytes of a message that is too large */
    bool              broken;       /* the client is gone */
};

/* Codes of JSON-RPC and of the protocol. */
enum lsp_error {
    LSP_PARSE_ERROR = -32700, LSP_INVALID_REQUEST = -32600, LSP_METHOD_NOT_FOUND = -32601, LSP_INVALID_PARAMS = -32602,
    LSP_INTERNAL_ERROR = -32603, LSP_NOT_INITIALIZED = -32002, LSP_REQUEST_CANCELLED = -32800,
    LSP_SERVER_CANCELLED = -32802, LSP_CONTENT_MODIFIED = -32801,
};

/* Take what has arrived; call it when poll says so. False: nothing will come any more. */
bool    lsp_receive(struct lsp_transport *t);
/* The next message that has arrived as a whole, the caller's; NULL: none yet. */
json_t *lsp_next(struct lsp_transport *t);

/* All of these take over the references they are given. */
void    lsp_respond(struct lsp_transport *t, json_t *id, json_t *result);
void    lsp_refuse(struct lsp_transport *t, json_t *id, enum lsp_error code, const char *why);
void    lsp_notify(struct lsp_transport *t, const char *method, json_t *params);
void    lsp_request(struct lsp_transport *t, const char *id, const char *method, json_t *params);

bool    lsp_waiting(const struct lsp_transport *t);     /* is there something to be written? */
void    lsp_flush(struct lsp_transport *t);             /* write what the client takes */
void    lsp_close(struct lsp_transport *t);

/* A string in JSON; what is not UTF-8 in it becomes U+FFFD. */
json_t *lsp_string(const char *text);

#endif
