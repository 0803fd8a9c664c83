/*
 * How far the clusters of a stage are, by our own count of the clusters that it
 * must reach: D1 to D4, D23, and fresh evidence P7.
 */
#ifndef PROMOTER_CORE_READINESS_H
#define PROMOTER_CORE_READINESS_H

#include "controller/base/arena.h"
#include "controller/base/ktime.h"
#include "controller/core/cluster.h"
#include "controller/core/limits.h"
#include "controller/core/profile.h"
#include "controller/core/promotion_decide.h"
#include "controller/core/store.h"
#include "controller/core/summary.h"

/* A cluster in the way, and why; borrowed from the store. */
struct waited_cluster {
    const struct cluster *cluster;
    const char *feature; /* "Helm"; NULL: it is about all of the cluster */
    const char *lack;    /* static words that follow the feature's or the cluster's name */
};

struct stage_readiness {
    enum readiness readiness;
    struct str names;    /* in the arena: of the clusters in the way, "a, b and 3 more" */
    struct str left_out; /* in the arena: not ready, so not to be reached now (D2) */
    int64_t checks_passed_ms; /* wall; the oldest pass of a gate check; 0: none */
    int64_t settles_ms;  /* wall; see promotion_view */
    const struct summary *unconfirmed; /* it settled, if it is as the cache has it; NULL: none */
    size_t total;        /* clusters to reach */
    size_t done;
    struct waited_cluster waited[NAMED_CLUSTERS_MAX]; /* the first of those that `names` counts */
    size_t waited_count; /* all of them */
};

/* A stage whose profile is `profile` (as wanted; NULL: none yet), now. All borrowed. */
struct readiness_question {
    const struct store *store;
    const struct stage_spec *stage;
    const struct profile *profile;
    struct str capi_onboard_annotation; /* empty: none is needed (D1) */
    struct ktime now;
};

/* False: the arena's limit was crossed. */
bool stage_readiness_judge(const struct readiness_question *question, struct arena *arena,
                           struct stage_readiness *ret_readiness);

/* True when a summary proves, by what `profile` lists as redeployed, that `feature` was
 * deployed since.
 *
 *   lastAppliedTime is                              listed with a time    "unsettled"
 *   not later than that time and our apply          no                    once settled
 *   later, but not than the write of its spec       once settled          once settled
 *   later than all three                            yes                   yes
 *
 * In the second row Sveltos may have deployed the spec before, and have given the summary ours
 * only then, in a later batch of maxUpdate; or ours was deployed, and something beside the spec
 * was written later. Settled is SETTLE_MS in sync and quiet. A cache that is behind is quiet,
 * too: a stage is provisioned only when a consistent read has confirmed the quiet. */
bool summary_feature_is_fresh(const struct summary *summary, const struct profile *profile,
                              enum feature feature, struct ktime now);

#endif
