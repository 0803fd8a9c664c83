/*
 * Base64: for URLs without padding (RFC 4648, section 5), and the common form (section 4).
 */
#ifndef PROMOTER_FAKEAPI_BASE64_H
#define PROMOTER_FAKEAPI_BASE64_H

#include "controller/base/buf.h"

void base64url_encode(struct str bytes, struct buf *out);
/* False: *ret_bad_at is the first byte that does not fit. */
bool base64url_decode(struct str text, struct buf *out, size_t *ret_bad_at);
/* The common form. */
void base64_encode(struct str bytes, struct buf *out);
bool base64_is_valid(struct str text, size_t *ret_bad_at);

#endif
