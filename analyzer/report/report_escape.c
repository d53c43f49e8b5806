#include "report_escape.h"

#include "utf8.h"

/* XML 1.0 has no way at all to write most control characters, nor U+FFFE and U+FFFF. */
static uint32_t xml_character(uint32_t c)
{
    return c == 0xfffe || c == 0xffff || (c >= 0x80 && c < 0xa0) ? UTF8_REPLACEMENT : utf8_picture(c);
}

void xml_print(const char *text, FILE *out)
{
    static const struct { char c; const char *written; } entities[] = {
        /* blanks in an attribute are joined unless they are written so */
        { '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '"', "&quot;" }, { '\'', "&#39;" },
        { '\t', "&#9;" }, { '\n', "&#10;" }, { '\r', "&#13;" },
    };
    char bytes[UTF8_MAX];

    for (uint32_t c; text && (c = utf8_next(&text));) {
        const char *written = NULL;

        for (size_t i = 0; i < sizeof entities / sizeof *entities; i++)
            if (c == (unsigned char)entities[i].c)
                written = entities[i].written;
        if (written)
            fputs(written, out);
        else
            fwrite(bytes, 1, (size_t)(utf8_put(bytes, xml_character(c)) - bytes), out);
    }
}
