#include "controller/base/escape.h"

/* Length of the piece at `at` that may be copied as it is; 0 when it must be escaped. */
static size_t plain_length(struct str text, size_t at)
{
    unsigned char byte = (unsigned char)text.data[at];
    if (byte < 0x80)
        return byte >= 0x20 && byte != 0x7f ? 1 : 0;
    size_t length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    if (length > text.len - at)
        return 0;
    /* U+0080 to U+009F are control characters too. */
    if (byte == 0xc2 && (unsigned char)text.data[at + 1] < 0xa0)
        return 0;
    struct str piece = {text.data + at, length};
    return str_utf8_valid_prefix(piece) == length ? length : 0;
}

size_t escape_line(struct str text, char *ret_line, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    size_t used = 0;
    for (size_t at = 0; at < text.len;) {
        size_t length = plain_length(text, at);
        size_t needed = length > 0 ? length : 4;
        if (used + needed >= size)
            break;
        if (length > 0) {
            memcpy(ret_line + used, text.data + at, length);
        } else {
            unsigned char byte = (unsigned char)text.data[at];
            const char escaped[4] = {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
            memcpy(ret_line + used, escaped, sizeof(escaped));
            length = 1;
        }
        at += length;
        used += needed;
    }
    ret_line[used] = '\0';
    return used;
}
