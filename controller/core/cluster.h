/*
 * A SveltosCluster as the controller sees it.
 */
#ifndef PROMOTER_CORE_CLUSTER_H
#define PROMOTER_CORE_CLUSTER_H

#include "controller/core/object.h"

struct cluster {
    struct object object;
    struct json *tree;         /* owned; metadata */
    const struct json *labels; /* of tree; NULL: none */
    bool ready;
    bool paused;
};

struct object *cluster_create(struct json *json, const struct object *base);
void cluster_free(struct cluster *cluster);

#endif
