/*
 * ClusterSets: which clusters match one, and which of them it has selected, at most maxReplicas.
 * Source: facts, 5.11.
 */
#ifndef PROMOTER_FAKEAPI_SVELTOS_CLUSTER_SET_H
#define PROMOTER_FAKEAPI_SVELTOS_CLUSTER_SET_H

#include "controller/base/json.h"

struct addon;

void cluster_set_reconcile(void *addon, struct str key);
/* Told by the informers of sets and of clusters. */
void cluster_set_on_change(void *addon, const struct json *before, const struct json *after);
void cluster_set_on_cluster(struct addon *addon, const struct json *before,
                            const struct json *after);

#endif
