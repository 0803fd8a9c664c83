/*
 * The ground truth at one moment: which clusters a profile has to reach, and what was
 * really deployed there by then, by the world's own records. Statuses are not asked.
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_GROUND_H
#define PROMOTER_SCENARIOS_ENGINE_GROUND_H

#include "scenarios/engine/told.h"

struct ground {
    struct told_log log; /* it is moved to the moment that is asked about */
    struct map deployed; /* by profile, cluster and feature: struct ground_cell */
    struct map specs;    /* by configuration digest: struct ground_spec */
    struct schema *summary_schema; /* owned; of ClusterSummary, made at the first need */
};

/* Reads all the evidence; the moment is its end. */
void ground_init(struct ground *ground, const struct evidence *evidence);
void ground_release(struct ground *ground);
/* A ClusterProfile as it is then; NULL. */
const struct json *ground_profile(const struct ground *ground, struct str name);
/* The next cluster that exists, of either kind, by its last change; as told_log_next. */
const struct fakeapi_audit *ground_next_cluster(const struct ground *ground,
                                                struct map_entry **cursor);
/* The selector's own, slow evaluation. An empty selector matches nothing, as in Sveltos. */
bool ground_selector_matches(const struct json *selector, const struct json *labels);
/* May Sveltos deploy to it: is it ready, not going and, of Cluster API, brought in by the
 * annotation that the world's Sveltos wants? `kind` is SveltosCluster or Cluster. */
bool ground_cluster_counts(const struct world *world, struct str kind,
                           const struct json *cluster);
/* When something of the profile was last deployed anywhere; 0: never. */
int64_t ground_last_deployed_ms(const struct ground *ground, struct str profile);
/* NULL when every ready cluster that `spec` selects really runs `spec`'s whole content, else
 * what is missing, as owned text. Clusters that changed within the last TOLD_MS are left out. */
char *ground_missing(struct ground *ground, struct str profile, const struct json *spec,
                     int64_t at_ms);

#endif
