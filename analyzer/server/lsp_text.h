/* lsp_text.h - places in a text, as the Language Server Protocol counts them: lines from 0, and in a line
 * UTF-16 units, or bytes where the client agrees.
 */
#ifndef LSP_TEXT_H
#define LSP_TEXT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum lsp_encoding { LSP_UTF16, LSP_UTF8, LSP_UTF32 };

struct lsp_position {
    uint32_t line, character;
};

struct lsp_text {
    char  *bytes;               /* ends in a NUL; malloc */
    size_t size;
    /* a line that was looked for: the next one is often near */
    uint32_t line;
    size_t   line_at;
};

void   lsp_text_set(struct lsp_text *text, const char *bytes, size_t size);
void   lsp_text_free(struct lsp_text *text);
/* Where it is in bytes; beyond the end of a line, or of the text: that end. */
size_t lsp_text_offset(struct lsp_text *text, struct lsp_position position, enum lsp_encoding encoding);
/* Put `size` bytes in place of those between the two offsets. */
void   lsp_text_replace(struct lsp_text *text, size_t from, size_t to, const char *bytes, size_t size);

/* The character of a byte offset of a line (without its end), and back. */
uint32_t lsp_character(const char *line, size_t offset, enum lsp_encoding encoding);

/* Where a byte offset of a text is. */
struct lsp_position lsp_position_of(const char *text, size_t offset, enum lsp_encoding encoding);

/* As in JSON. False: it is no position, or no range. */
bool    lsp_read_position(const json_t *from, struct lsp_position *position);
bool    lsp_read_range(const json_t *from, struct lsp_position *start, struct lsp_position *end);
json_t *lsp_range(struct lsp_position start, struct lsp_position end);
/* Does it touch what lies between the two? */
bool    lsp_range_touches(const json_t *range, struct lsp_position from, struct lsp_position to);

#endif
