/*
 * A ClusterSummary as the controller sees it: small, for there is one for each
 * profile and cluster.
 */
#ifndef PROMOTER_CORE_SUMMARY_H
#define PROMOTER_CORE_SUMMARY_H

#include "controller/base/sha256.h"
#include "controller/core/object.h"

enum feature { FEATURE_RESOURCES, FEATURE_HELM, FEATURE_KUSTOMIZE };
#define FEATURE_COUNT 3u

const char *feature_name(enum feature feature); /* "Resources", "Helm", "Kustomize" */

/* True when the features that a rendered profile spec fills must be there. */
bool spec_has_feature(const struct json *rendered, enum feature feature);

struct feature_state {
    bool wanted;           /* the summary's own spec has content for it */
    bool present;          /* in status */
    bool provisioned;
    bool failing;          /* Failed, FailedNonRetriable, or trying again after a failure */
    int64_t applied_ms;    /* lastAppliedTime; 0: none */
};

struct summary {
    struct object object;
    char *texts;           /* owned; what the strings below and in meta point into */
    struct str owner_uid;  /* of the ClusterProfile */
    struct str cluster_namespace;
    struct str cluster_name;
    bool sveltos_cluster;  /* clusterType Sveltos rather than Capi */
    bool suspended;
    bool decodable;        /* the spec's digest is known */
    struct sha256 digest;  /* of spec.clusterProfileSpec, rendered with defaults */
    uint64_t annotations_hash; /* as profile_annotations_hash */
    int64_t changed_ms;    /* newest time in managedFields */
    int64_t given_ms;      /* ... of who wrote spec.clusterProfileSpec; 0: nobody says */
    int64_t confirmed_ms;  /* wall; when a consistent read last showed this version; 0: never */
    struct feature_state features[FEATURE_COUNT];
};

struct object *summary_create(struct json *json, const struct object *base);
void summary_free(struct summary *summary);

#endif
