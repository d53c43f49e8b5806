/* lsp_buffer.h - bytes that come in at one end and go out at the other. */
#ifndef LSP_BUFFER_H
#define LSP_BUFFER_H

#include <stddef.h>

struct lsp_buffer {
    char  *data;
    size_t at, size, capacity;      /* bytes from at to size are there */
};

char  *lsp_buffer_room(struct lsp_buffer *buffer, size_t more);     /* where so many may be written */
void   lsp_buffer_add(struct lsp_buffer *buffer, const void *data, size_t size);
void   lsp_buffer_drop(struct lsp_buffer *buffer, size_t size);
size_t lsp_buffer_size(const struct lsp_buffer *buffer);
void   lsp_buffer_free(struct lsp_buffer *buffer);

#endif
