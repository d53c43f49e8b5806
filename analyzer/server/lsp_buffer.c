#include "lsp_buffer.h"

#include <stdlib.h>
#include <string.h>

char *lsp_buffer_room(struct lsp_buffer *b, size_t more)
{
    if (b->at) {
        memmove(b->data, b->data + b->at, b->size - b->at);
        b->size -= b->at;
        b->at = 0;
    }
    if (b->size + more > b->capacity) {
        b->capacity = (b->size + more) * 2;
        b->data = realloc(b->data, b->capacity);
        if (!b->data)
            abort();
    }
    return b->data + b->size;
}

void lsp_buffer_add(struct lsp_buffer *b, const void *data, size_t size)
{
    memcpy(lsp_buffer_room(b, size), data, size);
    b->size += size;
}

void lsp_buffer_drop(struct lsp_buffer *b, size_t size)
{
    b->at += size;
    if (b->at == b->size)
        b->at = b->size = 0;
}

size_t lsp_buffer_size(const struct lsp_buffer *b)
{
    return b->size - b->at;
}

void lsp_buffer_free(struct lsp_buffer *b)
{
    free(b->data);
    *b = (struct lsp_buffer){ 0 };
}
