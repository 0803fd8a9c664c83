/*
 * A SveltosCluster, or a Cluster of Cluster API (v1beta2), as the controller sees it.
 */
#ifndef PROMOTER_CORE_CLUSTER_H
#define PROMOTER_CORE_CLUSTER_H

#include "controller/core/object.h"

struct cluster {
    struct object object;
    const struct json *tree;        /* owned; metadata */
    const struct json *labels;      /* of tree; NULL: none */
    const struct json *annotations; /* likewise */
    bool ready;                /* Sveltos deploys to it (D2) */
    bool paused;
};

struct object *cluster_create(struct json *json, const struct object *base);
void cluster_free(struct cluster *cluster);
/* Does Sveltos look at it at all? `capi_onboard_annotation`: the key that a Cluster of Cluster
 * API needs (D1); empty: none. */
bool cluster_is_onboarded(const struct cluster *cluster, struct str capi_onboard_annotation);

#endif
