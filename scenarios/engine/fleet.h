/*
 * The clusters of a scenario: a list of entries, each standing for `count` clusters of a kind:
 * SveltosClusters, or Clusters of Cluster API.
 * They are created as a user would, namespaces first, and their status is patched.
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_FLEET_H
#define PROMOTER_SCENARIOS_ENGINE_FLEET_H

#include "scenarios/engine/scenario_read.h"
#include "scenarios/engine/sim.h"

#define FLEET_CLUSTERS_MAX 100000u

struct fleet_entry {
    unsigned count;
    struct str name;       /* "{i}" stands for 1 ... count */
    struct str name_space;
    struct str kind;       /* SveltosCluster, Cluster */
    const struct json *labels; /* NULL: none */
    const struct json *annotations;
    bool ready;
    bool paused;
    const struct json *node;
};

struct fleet {
    struct fleet_entry *entries;
    size_t count;
    const struct source *source; /* borrowed, for messages */
    const struct yaml_document *document;
};

/* Reads a list of entries, all of whose texts stay borrowed from the reader's source.
 * A cluster that is named twice is an error. */
NODISCARD enum err fleet_read(const struct reader *reader, const struct json *list,
                              struct fleet *ret_fleet);
void fleet_release(struct fleet *fleet);
size_t fleet_cluster_count(const struct fleet *fleet);
/* Creates everything through the API, now. ERR_INVALID: the server refused, told with the line. */
NODISCARD enum err fleet_create(const struct fleet *fleet, struct sim *sim, struct errmsg *msg);

#endif
