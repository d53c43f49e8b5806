/* lsp_prove.h - repairs of findings for the server, proved in a process of their own: it takes an analysis for each that
 * is tried, and may be killed at any moment.
 */
#ifndef LSP_PROVE_H
#define LSP_PROVE_H

#include "lsp_check.h"

/* How a finding is called between the server and what proves: its file's address, its place, its rule. Of `arena`. */
char *lsp_finding_name(const char *uri, const json_t *range, const char *code, struct arena *arena);

/* request->wanted has the names. Writes one line of JSON to `out`, of those that have a repair that can be proved:
 *     {"repairs": {NAME: {"title": "give 'found' capacity 1", "file": absolute, "hash": of its text, "version": number or
 *                         null when it is not open, "uri": URI, "edits": [TextEdit, ...]}}}
 * or says on standard error why there is none. */
void lsp_prove(const struct lsp_request *request, int out);

#endif
