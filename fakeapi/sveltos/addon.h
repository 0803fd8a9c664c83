/*
 * The process of Sveltos that turns profiles into summaries and summaries into deployments:
 * one set of caches, two actors with a queue each. All of it is lost when the process is down.
 */
#ifndef PROMOTER_FAKEAPI_SVELTOS_ADDON_H
#define PROMOTER_FAKEAPI_SVELTOS_ADDON_H

#include "fakeapi/sveltos/cluster_configuration.h"
#include "fakeapi/sveltos/clusters.h"
#include "fakeapi/sveltos/dependents.h"
#include "fakeapi/sveltos/drift.h"
#include "fakeapi/sveltos/ground_truth.h"
#include "fakeapi/sveltos/informer.h"
#include "fakeapi/sveltos/neighbours.h"
#include "fakeapi/sveltos/queue.h"
#include "fakeapi/sveltos/recorder.h"
#include "fakeapi/sveltos/weather.h"

#define ADDON_RETRY_MS 10000 /* after nearly every error. Source: facts, 5.3, 6.2, 6.5 */

#define LABEL_PROFILE_NAME "projectsveltos.io/cluster-profile-name"
#define LABEL_CLUSTER_NAME "projectsveltos.io/cluster-name"
#define LABEL_CLUSTER_TYPE "projectsveltos.io/cluster-type"

struct addon {
    struct client client;
    struct timers *timers;             /* borrowed */
    struct weather *weather;           /* borrowed: outlives the process */
    struct ground_truth *ground_truth; /* borrowed */
    struct informer profiles;          /* keys "/NAME" */
    struct informer clusters;          /* SveltosClusters; keys "NAMESPACE/NAME" */
    struct informer capi_clusters;     /* Clusters of Cluster API; empty when they are not served */
    bool capi_served;
    struct informer summaries;
    struct neighbours neighbours;      /* which of them share a cluster */
    struct informer cluster_sets;      /* keys "/NAME" */
    struct queue set_queue;
    struct dependents dependents;
    struct drift drift;
    struct cluster_configurations configurations;
    struct informer reports;           /* ClusterReports */
    struct recorder recorder;
    struct queue profile_queue;
    struct queue summary_queue;
    struct map awaited; /* struct awaited by profile and cluster: cluster_summary.c */
    struct map states;  /* struct summary_state by the summary's key: deploy.c */
};

struct addon_config {
    struct fakeapi *api;
    struct timers *timers;
    struct weather *weather;
    struct ground_truth *ground_truth;
};

void addon_init(struct addon *addon, const struct addon_config *config);
void addon_release(struct addon *addon);
/* Lists everything and works on all of it. */
void addon_start(struct addon *addon);
/* As if killed: jobs that run are lost with the caches. */
void addon_stop(struct addon *addon);
/* Brings the caches up to what the server has. */
void addon_sync(struct addon *addon);

#endif
