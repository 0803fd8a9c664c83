/*
 * The three features of a profile, and the hashes that say when one must be deployed again.
 * Source: facts, 6.3 ("Feature hash inputs").
 */
#ifndef PROMOTER_FAKEAPI_SVELTOS_FEATURES_H
#define PROMOTER_FAKEAPI_SVELTOS_FEATURES_H

#include "controller/base/json.h"
#include "controller/base/sha256.h"

/* In the order in which they are deployed. */
enum feature { FEATURE_RESOURCES, FEATURE_HELM, FEATURE_KUSTOMIZE, FEATURE_COUNT };

const char *feature_id(enum feature feature); /* "Resources", "Helm", "Kustomize" */
/* The list that is the feature's content; NULL when the rendered spec has none. */
const struct json *feature_content(const struct json *rendered_spec, enum feature feature);
/* Base64 of SHA-256 over everything that makes the feature redeploy. */
void feature_hash(const struct json *rendered_spec, enum feature feature,
                  char ret_base64[SHA256_BASE64_BYTES]);

/* The feature's entry in a list of featureSummaries; NULL when there is none. */
const struct json *feature_summary(const struct json *feature_summaries, enum feature feature);
/* Does the summary's status say that all of its spec is deployed? Source: facts, section 4. */
bool summary_is_provisioned(const struct json *summary);

#endif
