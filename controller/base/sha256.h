/*
 * SHA-256 and base64, by libcrypto.
 */
#ifndef PROMOTER_BASE_SHA256_H
#define PROMOTER_BASE_SHA256_H

#include "controller/base/str.h"

#define SHA256_BYTES 32
#define SHA256_HEX_BYTES 65    /* with NUL */
#define SHA256_BASE64_BYTES 45 /* with NUL: 44 characters, standard alphabet, padded */

struct sha256 {
    uint8_t bytes[SHA256_BYTES];
};

struct sha256 sha256_of(struct str text);
bool sha256_equal(struct sha256 a, struct sha256 b);
void sha256_hex(struct sha256 digest, char ret_text[SHA256_HEX_BYTES]);
void sha256_base64(struct sha256 digest, char ret_text[SHA256_BASE64_BYTES]);

#endif
