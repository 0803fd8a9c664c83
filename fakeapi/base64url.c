#include "fakeapi/base64url.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void base64url_encode(struct str bytes, struct buf *out)
{
    uint32_t bits = 0;
    unsigned count = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        bits = bits << 8 | (unsigned char)bytes.data[i];
        for (count += 8; count >= 6; count -= 6)
            buf_append_char(out, alphabet[bits >> (count - 6) & 63]);
    }
    if (count > 0)
        buf_append_char(out, alphabet[bits << (6 - count) & 63]);
}

bool base64url_decode(struct str text, struct buf *out, size_t *ret_bad_at)
{
    uint32_t bits = 0;
    unsigned count = 0;
    for (size_t i = 0; i < text.len; i++) {
        const char *place = memchr(alphabet, text.data[i], sizeof(alphabet) - 1);
        *ret_bad_at = i;
        if (place == NULL)
            return false;
        bits = bits << 6 | (uint32_t)(place - alphabet);
        count += 6;
        if (count >= 8) {
            count -= 8;
            buf_append_char(out, (char)(bits >> count & 255));
        }
    }
    *ret_bad_at = text.len;
    return count != 6;
}
