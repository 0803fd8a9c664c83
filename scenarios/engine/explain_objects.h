/*
 * The objects that a promotion's explanation is made from: as `kubectl get -o yaml` dumps them, or
 * as the simulated API server holds them.
 *
 * A dump is one List or several documents, YAML or JSON:
 *
 *   kubectl get clusterpromotions,clusterprofiles,clustersummaries,sveltosclusters -A \
 *       --show-managed-fields -o yaml
 *
 * and with Cluster API also clusters.v1beta2.cluster.x-k8s.io. Other kinds are passed over. What is
 * no server's object is refused with its place: explanations rest on uids and managedFields.
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_EXPLAIN_OBJECTS_H
#define PROMOTER_SCENARIOS_ENGINE_EXPLAIN_OBJECTS_H

#include "controller/core/store.h"
#include "scenarios/engine/scenario_read.h"
#include "scenarios/engine/sim.h"

struct explain_objects {
    struct store store;
    struct map failures; /* "PROFILE NAMESPACE/CLUSTER FEATURE" -> owned text */
};

void explain_objects_init(struct explain_objects *objects);
void explain_objects_release(struct explain_objects *objects);

/* Adds the objects of one file. Errors have a message "path:line:column: ...". */
NODISCARD enum err explain_objects_load(struct explain_objects *objects, const char *path,
                                        struct errmsg *msg);
/* Adds all that the API server of a simulation holds now. */
void explain_objects_fetch(struct explain_objects *objects, struct sim *sim);

/* Why a feature fails, as a cluster's ClusterSummary of a ClusterProfile tells it; STR_NONE: it
 * tells of no failure. `cluster` is "namespace/name". */
struct str explain_objects_failure(const struct explain_objects *objects, struct str profile,
                                   struct str cluster, struct str feature);

#endif
