/*
 * What people do to deployed things behind Sveltos' back, and what Sveltos does about it: with
 * syncMode ContinuousWithDriftDetection the feature is deployed again once that is noticed, unless
 * each edit is covered by driftExclusions; in the other modes a thing stays as they left it until
 * something else deploys it anew.
 *
 * Stands for the agents and ResourceSummaries on the managed clusters, which show nothing in the
 * management cluster but featureSummaries[].resourceSummaryDeployed. They note drift while the
 * rest of Sveltos is down, too. How long it takes until it is noticed is assumed.
 */
#ifndef PROMOTER_FAKEAPI_SVELTOS_DRIFT_H
#define PROMOTER_FAKEAPI_SVELTOS_DRIFT_H

#include "fakeapi/sveltos/queue.h"
#include "fakeapi/sveltos/world.h"

#define DRIFT_NOTICED_AFTER_MS 10000

struct addon;

struct drift {
    struct addon *addon; /* borrowed */
    struct queue queue;  /* keys of summaries */
};

void drift_init(struct drift *drift, struct addon *addon);
void drift_release(struct drift *drift);
/* Looks at what was edited while Sveltos was down. The caches are there. */
void drift_start(struct drift *drift);
void drift_stop(struct drift *drift);
/* Edits a thing, whether Sveltos runs or not. False: the cluster has no such thing. */
bool drift_edit(struct drift *drift, const struct world_edit *edit);

#endif
