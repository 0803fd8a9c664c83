/* Before base.h: its header includes the C library's time.h. */
#include <openssl/evp.h>

#include "controller/base/sha256.h"

struct sha256 sha256_of(struct str text)
{
    struct sha256 digest;
    unsigned length = 0;
    int done = EVP_Digest(text.len > 0 ? text.data : "", text.len, digest.bytes, &length,
                          EVP_sha256(), NULL);
    ASSERT(done == 1 && length == SHA256_BYTES);
    return digest;
}

bool sha256_equal(struct sha256 a, struct sha256 b)
{
    return memcmp(a.bytes, b.bytes, SHA256_BYTES) == 0;
}

void sha256_hex(struct sha256 digest, char ret_text[SHA256_HEX_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < SHA256_BYTES; i++) {
        ret_text[2 * i] = digits[digest.bytes[i] >> 4];
        ret_text[2 * i + 1] = digits[digest.bytes[i] & 15];
    }
    ret_text[SHA256_HEX_BYTES - 1] = '\0';
}

void sha256_base64(struct sha256 digest, char ret_text[SHA256_BASE64_BYTES])
{
    unsigned char text[SHA256_BASE64_BYTES];
    int length = EVP_EncodeBlock(text, digest.bytes, SHA256_BYTES);
    ASSERT(length == SHA256_BASE64_BYTES - 1);
    memcpy(ret_text, text, SHA256_BASE64_BYTES);
}
