/*
 * The jobs that deploy features to clusters and take them away again. At most one runs for a
 * summary's feature at a time; when it ends, the ground truth is told, and the summary's actor
 * is woken to fetch the result. Jobs and their results live in the process' memory only.
 *
 * The world has as many workers as it has jobs: a job starts when it is wanted and ends after
 * what the rules say, so that one cluster's weather is not another's.
 */
#ifndef PROMOTER_FAKEAPI_SVELTOS_DEPLOY_H
#define PROMOTER_FAKEAPI_SVELTOS_DEPLOY_H

#include "fakeapi/sveltos/addon.h"

/* Workers poll their queue once per second, so what was deployed before takes that long again at
 * least. Source: facts, 6.3. */
#define JOB_AGAIN_TAKES_MIN_MS 1000

enum job_phase { JOB_NONE, JOB_RUNNING, JOB_ENDED };

struct summary_state;

struct job {
    struct summary_state *state;
    enum feature feature;
    enum job_phase phase;
    bool withdraw;
    bool dry_run;
    bool continue_on_conflict;
    int64_t tier;                         /* the profile's */
    const struct json *content;           /* the feature's list while it runs; NULL: empty; owned */
    char *conflict;                       /* with what it failed for another profile; owned */
    char hash[SHA256_BASE64_BYTES];       /* the feature's, or "" */
    char configuration[SHA256_HEX_BYTES]; /* of the whole spec */
    struct job_fate fate;
    uint64_t timer;
};

/* What the process remembers of one summary. */
struct summary_state {
    struct addon *addon;
    char *key;               /* of the summary */
    char *profile;
    char *cluster_namespace;
    char *cluster;
    char *cluster_type;
    int64_t blind_until_ms;  /* its cache lags: nothing is done before */
    int64_t next_pass_ms;    /* after a failure: results are looked at no earlier */
    int64_t generation;      /* of the summary that this holds for */
    unsigned error_count;    /* in a row, for the back-off */
    struct job jobs[FEATURE_COUNT];
};

/* The state of a summary, made when there is none. */
struct summary_state *summary_state_of(struct addon *addon, const struct json *summary);
void summary_state_forget(struct addon *addon, const struct json *summary);
void summary_state_forget_all(struct addon *addon);
/* Borrowed from the state. */
struct site summary_state_site(const struct summary_state *state);

/* Starts a job on a free place (not JOB_RUNNING); `spec` is the rendered one. */
struct job_order {
    enum feature feature;
    bool withdraw;
    bool again; /* something was deployed there before */
    const struct json *spec;
    const char *hash;
};
void job_start(struct summary_state *state, const struct job_order *order);

#endif
