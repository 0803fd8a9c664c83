/*
 * The actor that matches ClusterProfiles with clusters and keeps one ClusterSummary for each
 * pair. Source: facts, section 5.
 *
 * One pass works on one profile: it looks at the caches, writes summaries at once, and collects
 * what the profile itself shall look like; that is written at the end, whatever happened.
 */
#ifndef PROMOTER_FAKEAPI_SVELTOS_PROFILE_H
#define PROMOTER_FAKEAPI_SVELTOS_PROFILE_H

#include "fakeapi/sveltos/addon.h"

#define PROFILE_FINALIZER "clusterprofilefinalizer.projectsveltos.io"
#define PROFILE_PAUSED_ANNOTATION "profile.projectsveltos.io/paused"

struct profile_pass {
    struct addon *addon;
    const struct json *profile; /* from the cache */
    const struct json *spec;          /* rendered as Go types; owned */
    struct json *status;        /* as it shall be; owned */
    struct json *labels;        /* as they shall be; owned */
    uint64_t subject;           /* a hash of the form of the profile that summaries follow */
    int64_t retry_at_ms;        /* KTIME_NEVER: not needed */
};

void profile_reconcile(void *addon, struct str key);
/* Comes back to the profile at that time at the latest. */
void profile_retry_at(struct profile_pass *pass, int64_t at_ms);
bool profile_mode_is(const struct profile_pass *pass, const char *sync_mode);

/* The clusters that an array of references names, to be asked often. */
struct reference_set {
    struct map keys;
};
void reference_set_init(struct reference_set *set, const struct json *references);
void reference_set_release(struct reference_set *set);
void reference_set_add(struct reference_set *set, const struct json *reference);
bool reference_set_has(const struct reference_set *set, const struct json *reference);

/* matching.c: the clusters of the profile, as an array of references in random order (owned).
 * False when the selector is invalid. Source: facts, 5.2. */
bool matching_clusters(const struct profile_pass *pass, struct json **ret_references);
/* Was this cluster matched by the profile's last pass, or would its labels match now? */
bool matching_concerns(const struct json *profile, const struct json *cluster);

/* rollout.c: brings the summaries of all matching clusters up to date, at most maxUpdate of them
 * at a time. False when the pass has to end here and come back. Source: facts, 5.4. */
bool rollout_run(struct profile_pass *pass, const struct json *matching,
                 const struct reference_set *matching_set);
/* How many clusters may be under way at once; 0: all. */
int64_t rollout_max_update(const struct json *max_update, size_t matching_count);

/* cluster_summary.c. Source: facts, 5.5, 5.6. */
enum summary_outcome {
    SUMMARY_IN_PLACE,
    SUMMARY_DELAYED,  /* the world is slow: `due_ms` is set */
    SUMMARY_DELETING, /* one of that name is still being deleted */
    SUMMARY_REFUSED,  /* `message` is set */
};
struct summary_attempt {
    enum summary_outcome outcome;
    int64_t due_ms;
    char message[512];
};
struct summary_attempt cluster_summary_ensure(struct profile_pass *pass,
                                              const struct json *reference);
/* From the cache; NULL when absent. */
const struct json *cluster_summary_get(const struct profile_pass *pass,
                                       const struct json *reference);
/* Deletes the summaries of clusters that are not in `matching`. True while any is left. */
bool cluster_summary_withdraw(struct profile_pass *pass, const struct reference_set *matching);
/* A hash of uid, generation and annotations: what a summary takes over from its profile. */
uint64_t cluster_summary_subject(const struct json *profile);
/* "PROFILE-sveltos-CLUSTER" or, for Cluster API's kind, "PROFILE-capi-CLUSTER"; owned. */
char *cluster_summary_name(struct str profile, struct str cluster_kind, struct str cluster);
/* Forgets the delays of the profile's summaries for clusters that are not in `matching`. */
void cluster_summary_forget_delays(struct addon *addon, struct str profile,
                                   const struct reference_set *matching);
void cluster_summary_forget_all_delays(struct addon *addon);

#endif
