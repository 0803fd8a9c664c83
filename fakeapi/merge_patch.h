/*
 * JSON Merge Patch. Source: RFC 7386.
 */
#ifndef PROMOTER_FAKEAPI_MERGE_PATCH_H
#define PROMOTER_FAKEAPI_MERGE_PATCH_H

#include "controller/base/json.h"

/* Merges `patch` into the object `target`. */
void merge_patch_apply(struct json *target, const struct json *patch);

#endif
