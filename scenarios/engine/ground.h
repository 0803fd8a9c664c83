/*
 * The ground truth at one moment: which clusters a profile has to reach, and what was
 * really deployed there by then, by the world's own records. Statuses are not asked.
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_GROUND_H
#define PROMOTER_SCENARIOS_ENGINE_GROUND_H

#include "fakeapi/sveltos/world.h"
#include "scenarios/engine/fold.h"

struct ground {
    const struct world *world; /* borrowed; NULL: nothing is ever deployed */
    size_t world_cursor;
    struct fold fold;
    struct map deployed; /* by profile, cluster and feature: struct ground_cell */
    struct map specs;    /* by configuration digest: struct ground_spec */
    struct schema *summary_schema; /* owned; of ClusterSummary, made at the first need */
    /* Of deployments: none later counts, and no failure from here on; KTIME_NEVER: all do. */
    int64_t told_until_ms;
};

void ground_init(struct ground *ground, const struct world *world);
void ground_release(struct ground *ground);
/* Moves on behind one record of the audit log: deployments up to its time, then its change. */
void ground_add(struct ground *ground, const struct fakeapi_audit *audit, bool by_controller);
/* Only what a profile's configuration is called, should it have been deployed. */
void ground_learn(struct ground *ground, const struct fakeapi_audit *audit);
/* Takes the deployments up to then. */
void ground_catch_up(struct ground *ground, int64_t at_ms);
/* The present state of a ClusterProfile; NULL. */
const struct json *ground_profile(const struct ground *ground, struct str name);
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
