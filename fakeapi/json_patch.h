/*
 * JSON Patch with the leniencies of the library that Kubernetes uses.
 * Source: RFC 6902; recorded answers in patch/05, patch/06, patch/07.
 */
#ifndef PROMOTER_FAKEAPI_JSON_PATCH_H
#define PROMOTER_FAKEAPI_JSON_PATCH_H

#include "controller/base/json.h"

#define JSON_PATCH_OPERATIONS_MAX 10000u
#define JSON_PATCH_COPY_BYTES_MAX (3u << 20) /* what copies may add up to */

/* Applies the operations (an array of objects) in order to *document. `text` is what they were
 * read from: numbers are compared as they were written. False: one cannot be applied; *document
 * is then in between. */
bool json_patch_apply(struct json **document, const struct json *operations, struct str text);

#endif
