/* lsp_lens.h - above a spawn: when the task ends, or what may keep it from ending.
 *
 * "may never end: forgotten-sender, line 8" where a finding says so; "ends when 'jobs' is closed" where it goes round until a
 * receive says that its channel is closed. Where neither is known nothing is said.
 */
#ifndef LSP_LENS_H
#define LSP_LENS_H

#include "lsp_diagnostic.h"
#include "session.h"

/* Of the open documents, from programs that were read: {URI: [{"range": ..., "title": ...}]}. */
json_t *lsp_lenses(const struct session *session, const struct lsp_words *words);

#endif
