/*
 * Validation ratcheting: an update may keep what a tightened schema would refuse.
 * Source: Kubernetes documentation, "Validation ratcheting"; recorded in schema/12.
 */
#ifndef PROMOTER_FAKEAPI_RATCHET_H
#define PROMOTER_FAKEAPI_RATCHET_H

#include "fakeapi/schema.h"

/* Drops the errors from index `first` on that lie in a part of `object` which is as it was in
 * `live`. Members and items of map lists are compared with their namesakes; items of other
 * lists have none. */
void ratchet_errors(const struct schema *schema, const struct json *object,
                    const struct json *live, size_t first, struct schema_errors *errors);

#endif
