/*
 * The actor that takes ClusterSummaries from Provisioning to Provisioned, retries what failed,
 * and takes deployments away again. Source: facts, section 6.
 *
 *   feature       hash changed            job ended well
 *   (none) ------------------> Provisioning -----------> Provisioned
 *                               ^   |  job failed             | hash changed
 *                               |   v                         v
 *                  hash changed Failed ---> Failed       Provisioning
 *                               |    retried, until it succeeds or is not retried any more
 *                               v
 *                         FailedNonRetriable      (until its hash changes)
 *
 *   deleting: any -> Removing -> Removed; all Removed: the finalizer goes
 */
#ifndef PROMOTER_FAKEAPI_SVELTOS_SUMMARY_H
#define PROMOTER_FAKEAPI_SVELTOS_SUMMARY_H

#include "fakeapi/sveltos/deploy.h"

#define SUMMARY_FINALIZER "clustersummaryfinalizer.projectsveltos.io"

/* One look at one summary. */
struct summary_pass {
    struct addon *addon;
    struct summary_state *state;
    const struct json *summary; /* from the cache */
    const struct json *spec;          /* the rendered clusterProfileSpec; owned */
    struct json *status;        /* as it shall be; owned */
    int64_t retry_at_ms;        /* KTIME_NEVER: not needed */
    int64_t cool_down_ms;       /* the longest wait that a failure of this pass asks for; 0: none */
    bool pending;               /* some job's result is awaited */
};

void summary_reconcile(void *addon, struct str key);
/* A summary's spec changed: its status stays old for as long as the world says. */
void summary_note_change(struct addon *addon, const struct json *summary);
void summary_retry_at(struct summary_pass *pass, int64_t at_ms);
/* Makes the server's status of a summary of the cache what it shall be. */
void summary_write_status(const struct addon *addon, const struct json *summary,
                          struct json *status);

/* Is it one of syncMode ContinuousWithDriftDetection that stays? NULL is none. */
bool summary_detects_drift(const struct json *summary);

/* dependencies.c: may the summary be deployed, or be taken away? What it waits for stands in its
 * status. Source: facts, 5.8. */
bool dependencies_are_met(struct summary_pass *pass);
bool dependents_are_gone(struct summary_pass *pass);

/* feature.c: one step of the feature's state machine. */
void feature_reconcile(struct summary_pass *pass, enum feature feature);
/* Without a ready cluster every feature of the summary has failed. */
void feature_fail_all(struct summary_pass *pass, const char *message);
/* Something of the feature is not as it was deployed: another profile of a lower tier took it, or
 * somebody edited it. `helm_releases`: helmReleaseSummaries as they are now (taken over), or
 * NULL. */
void feature_redeploy(struct addon *addon, const struct json *summary, enum feature feature,
                      struct json *helm_releases);
/* One step of taking the feature away. True when it is gone. */
bool feature_withdraw(struct summary_pass *pass, enum feature feature);

#endif
