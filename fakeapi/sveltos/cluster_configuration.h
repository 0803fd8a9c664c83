/*
 * ClusterConfigurations: what the profiles deployed to each cluster, for people to read. Profiles
 * make and own them, at the cluster's side; their statuses are made from what the cluster has.
 * Source: facts, 5.7.
 */
#ifndef PROMOTER_FAKEAPI_SVELTOS_CLUSTER_CONFIGURATION_H
#define PROMOTER_FAKEAPI_SVELTOS_CLUSTER_CONFIGURATION_H

#include "fakeapi/sveltos/informer.h"
#include "fakeapi/sveltos/queue.h"

struct addon;
struct profile_pass;
struct reference_set;
struct site;

extern const struct kind kind_cluster_configuration;

struct cluster_configurations {
    struct informer informer;
    struct queue queue; /* of those whose status is to be made anew */
};

void cluster_configurations_init(struct cluster_configurations *configurations,
                                 struct addon *addon);
void cluster_configurations_stop(struct cluster_configurations *configurations);
void cluster_configurations_release(struct cluster_configurations *configurations);

/* Makes the cluster's, with the profile among its owners. */
void cluster_configuration_ensure(struct profile_pass *pass, const struct json *reference);
/* The profile ends to own those of clusters that are not in `matching`; the last owner takes
 * the object with it. */
void cluster_configuration_clean(struct profile_pass *pass,
                                 const struct reference_set *matching);
/* What the cluster has changed. */
void cluster_configuration_note(struct addon *addon, const struct site *site);

#endif
