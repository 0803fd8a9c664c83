#include "fakeapi/base64.h"

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

static const char for_urls[] = LETTERS "-_";
static const char common[] = LETTERS "+/";

static void encode(const char *alphabet, struct str bytes, struct buf *out)
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

void base64url_encode(struct str bytes, struct buf *out)
{
    encode(for_urls, bytes, out);
}

void base64_encode(struct str bytes, struct buf *out)
{
    encode(common, bytes, out);
    for (size_t rest = bytes.len % 3; rest > 0 && rest < 3; rest++)
        buf_append_char(out, '=');
}

bool base64url_decode(struct str text, struct buf *out, size_t *ret_bad_at)
{
    uint32_t bits = 0;
    unsigned count = 0;
    for (size_t i = 0; i < text.len; i++) {
        const char *place = memchr(for_urls, text.data[i], sizeof(for_urls) - 1);
        *ret_bad_at = i;
        if (place == NULL)
            return false;
        bits = bits << 6 | (uint32_t)(place - for_urls);
        count += 6;
        if (count >= 8) {
            count -= 8;
            buf_append_char(out, (char)(bits >> count & 255));
        }
    }
    *ret_bad_at = text.len;
    return count != 6;
}

bool base64_is_valid(struct str text, size_t *ret_bad_at)
{
    size_t padding = 0;
    while (padding < 2 && padding < text.len && text.data[text.len - 1 - padding] == '=')
        padding++;
    for (size_t i = 0; i < text.len - padding; i++) {
        *ret_bad_at = i;
        if (memchr(common, text.data[i], sizeof(common) - 1) == NULL)
            return false;
    }
    *ret_bad_at = text.len;
    return text.len % 4 == 0;
}
