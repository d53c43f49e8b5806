#include "lsp_transport.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HEADER_MAX = 8192, CHUNK = 1 << 16 };
static const size_t message_max = (size_t)1 << 28;      /* bytes of one message */

/* ---- in --------------------------------------------------------------------------------------- */

bool lsp_receive(struct lsp_transport *t)
{
    ssize_t n = read(t->in, lsp_buffer_room(&t->received, CHUNK), CHUNK);

    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return true;
    if (n <= 0)
        return false;
    t->received.size += (size_t)n;
    return true;
}

/* The number behind Content-Length in a header of lines; -1: there is none. */
static long long content_length(const char *header, const char *end)
{
    static const char name[] = "content-length:";

    for (const char *line = header; line < end; line = (const char *)memchr(line, '\n', (size_t)(end - line)) + 1) {
        char *after;
        long long length;

        if (strncasecmp(line, name, sizeof name - 1))
            continue;
        errno = 0;
        length = strtoll(line + sizeof name - 1, &after, 10);
        return errno || length < 0 || (*after != '\r' && *after != '\n') ? -1 : length;
    }
    return -1;
}

static void complain(struct lsp_transport *t, enum lsp_error code, const char *why)
{
    lsp_refuse(t, json_null(), code, why);
}

/* A blank line ends the header. 0: it has not arrived. */
static size_t header_size(struct lsp_transport *t)
{
    struct lsp_buffer *b = &t->received;
    const char *start = b->data + b->at, *end = memmem(start, lsp_buffer_size(b), "\r\n\r\n", 4);

    if (end)
        return (size_t)(end - start) + 4;
    if (lsp_buffer_size(b) > HEADER_MAX) {
        complain(t, LSP_PARSE_ERROR, "this is not a header of the language server protocol");
        lsp_buffer_drop(b, lsp_buffer_size(b) - 3);   /* the blank line may have begun */
    }
    return 0;
}

/* The body of the next message; false: it has not arrived, or there was none. */
static bool next_body(struct lsp_transport *t, char **body, size_t *size)
{
    struct lsp_buffer *b = &t->received;
    size_t header, skipped = t->skip < lsp_buffer_size(b) ? t->skip : lsp_buffer_size(b);
    long long length;

    lsp_buffer_drop(b, skipped);
    t->skip -= skipped;
    header = b->size > b->at ? header_size(t) : 0;
    if (!header)
        return false;
    length = content_length(b->data + b->at, b->data + b->at + header);
    if (length < 0 || (unsigned long long)length > message_max) {
        complain(t, LSP_PARSE_ERROR, length < 0 ? "a header without Content-Length" : "the message is too large");
        lsp_buffer_drop(b, header);
        t->skip = length < 0 ? 0 : (size_t)length;
        return next_body(t, body, size);
    }
    if (lsp_buffer_size(b) < header + (size_t)length)
        return false;
    *body = b->data + b->at + header;
    *size = (size_t)length;
    lsp_buffer_drop(b, header + (size_t)length);
    return true;
}

static bool is_message(const json_t *m)
{
    const json_t *id = json_object_get(m, "id"), *method = json_object_get(m, "method");

    if (!json_is_object(m) || (id && !json_is_string(id) && !json_is_integer(id) && !json_is_null(id)))
        return false;
    if (method)
        return json_is_string(method);
    return id && (json_object_get(m, "result") || json_object_get(m, "error"));
}

/* The UTF-16 unit that is written as \uXXXX there; 0: none is. */
static unsigned unit_at(const char *at, const char *end)
{
    char digits[5] = { 0 };
    char *after;
    unsigned long unit;

    if (end - at < 6 || at[0] != '\\' || at[1] != 'u')
        return 0;
    memcpy(digits, at + 2, 4);
    unit = strtoul(digits, &after, 16);
    return *after ? 0 : (unsigned)unit;
}

/* Editors that hold their texts in UTF-16 may send half a character, which is no Unicode: it becomes another one of one unit, so
 * that no position moves. */
static void mend_surrogates(char *body, size_t size)
{
    const char *end = body + size;

    for (char *at = body; (at = memchr(at, '\\', (size_t)(end - at))) && end - at > 1;) {
        unsigned unit = unit_at(at, end), next = unit ? unit_at(at + 6, end) : 0;
        bool pair = unit >= 0xd800 && unit < 0xdc00 && next >= 0xdc00 && next < 0xe000;

        if (!pair && unit >= 0xd800 && unit < 0xe000)
            memcpy(at + 2, "fffd", 4);
        at += pair ? 12 : unit ? 6 : 2;
    }
}

static json_t *parsed(char *body, size_t size)
{
    json_t *m = json_loadb(body, size, JSON_ALLOW_NUL | JSON_DECODE_ANY, NULL);

    if (m)
        return m;
    mend_surrogates(body, size);
    return json_loadb(body, size, JSON_ALLOW_NUL | JSON_DECODE_ANY, NULL);
}

json_t *lsp_next(struct lsp_transport *t)
{
    char *body;
    size_t size;

    while (next_body(t, &body, &size)) {
        json_t *m = parsed(body, size);

        if (m && is_message(m))
            return m;
        complain(t, m ? LSP_INVALID_REQUEST : LSP_PARSE_ERROR,
                 m ? "this is not a JSON-RPC message" : "this is not JSON");
        json_decref(m);
    }
    return NULL;
}

/* ---- out ---------------------------------------------------------------------------------------- */

static void put(struct lsp_transport *t, json_t *message)
{
    char *text = message ? json_dumps(message, JSON_COMPACT) : NULL, header[64];

    if (text) {
        lsp_buffer_add(&t->waiting, header, (size_t)sprintf(header, "Content-Length: %zu\r\n\r\n", strlen(text)));
        lsp_buffer_add(&t->waiting, text, strlen(text));
    }
    free(text);
    json_decref(message);
}

void lsp_respond(struct lsp_transport *t, json_t *id, json_t *result)
{
    put(t, json_pack("{s:s, s:o, s:o}", "jsonrpc", "2.0", "id", id, "result", result));
}

void lsp_refuse(struct lsp_transport *t, json_t *id, enum lsp_error code, const char *why)
{
    put(t, json_pack("{s:s, s:o, s:{s:i, s:o}}", "jsonrpc", "2.0", "id", id, "error", "code", (int)code,
                     "message", lsp_string(why)));
}

void lsp_notify(struct lsp_transport *t, const char *method, json_t *params)
{
    put(t, json_pack("{s:s, s:s, s:o}", "jsonrpc", "2.0", "method", method, "params", params));
}

void lsp_request(struct lsp_transport *t, const char *id, const char *method, json_t *params)
{
    put(t, json_pack("{s:s, s:s, s:s, s:o*}", "jsonrpc", "2.0", "id", id, "method", method, "params", params));
}

bool lsp_waiting(const struct lsp_transport *t)
{
    return lsp_buffer_size(&t->waiting) > 0;
}

void lsp_flush(struct lsp_transport *t)
{
    struct lsp_buffer *b = &t->waiting;
    ssize_t n = lsp_waiting(t) ? write(t->out, b->data + b->at, lsp_buffer_size(b)) : 0;

    if (n > 0)
        lsp_buffer_drop(b, (size_t)n);
    else if (n < 0 && errno != EINTR && errno != EAGAIN)
        t->broken = true;
}

void lsp_close(struct lsp_transport *t)
{
    lsp_buffer_free(&t->received);
    lsp_buffer_free(&t->waiting);
}

/* ---- strings ------------------------------------------------------------------------------------ */

static size_t sequence(const char *s)
{
    unsigned char c = (unsigned char)*s;
    size_t size = c < 0x80 ? 1 : (c & 0xe0) == 0xc0 ? 2 : (c & 0xf0) == 0xe0 ? 3 : (c & 0xf8) == 0xf0 ? 4 : 0;
    json_t *value;

    for (size_t i = 1; i < size; i++)
        if (((unsigned char)s[i] & 0xc0) != 0x80)
            return 0;
    if (size < 2)
        return size;
    value = json_stringn(s, size);      /* refuses surrogates and what is written longer than need be */
    json_decref(value);
    return value ? size : 0;
}

json_t *lsp_string(const char *text)
{
    json_t *value = json_string(text ? text : "");
    struct lsp_buffer b = { 0 };

    if (value)
        return value;
    while (*text) {
        size_t size = sequence(text);

        lsp_buffer_add(&b, size ? text : "\xef\xbf\xbd", size ? size : 3);
        text += size ? size : 1;
    }
    value = json_stringn(b.data, b.size);
    lsp_buffer_free(&b);
    return value;
}
