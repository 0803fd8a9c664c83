/*
 * Strategic merge patches of built-in kinds: merge patches but for the lists of ObjectMeta, which
 * are joined. Directives ("$patch" and its kin) are refused.
 * Source: Kubernetes documentation, "Update API Objects in Place Using kubectl patch".
 */
#ifndef PROMOTER_FAKEAPI_STRATEGIC_PATCH_H
#define PROMOTER_FAKEAPI_STRATEGIC_PATCH_H

#include "controller/base/json.h"

/* False: the patch holds a directive, and the target is as it was. */
bool strategic_patch_apply(struct json *target, const struct json *patch);

#endif
