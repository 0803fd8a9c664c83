/*
 * The sweeps. Of crashes: plays a story undisturbed; at each point at which the controller can die,
 * a copy of the process goes on in which it does. Compared are [D2] the final state of all
 * objects, the effective writes of the controller per object, and the times of all transitions
 * but for the hand-over wait (P8). No disturbed run may break an invariant either.
 * Of faults: the same with each of SIM_FAULT_NAMES at each request and each delivery. What
 * breaks on the way costs time and writes, so that only the final state and the invariants
 * are compared.
 *
 * The story is a callback, so that scenario files and unit tests sweep alike.
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_SWEEP_H
#define PROMOTER_SCENARIOS_ENGINE_SWEEP_H

#include "scenarios/engine/sim_fault.h"

/* How long after its last change a story is still played in a sweep. */
#define SWEEP_QUIET_MS (INT64_C(3600) * 1000)
/* A transition may come this much later: P8's five seconds and one second of rounding. */
#define SWEEP_SHIFT_MAX_MS INT64_C(6000)
/* Sveltos looks every ten seconds whether a withdrawal is through (facts 6.5). A deletion
 * begun later falls on another beat: its end may move by that much, either way. */
#define SWEEP_WITHDRAWAL_BEAT_MS INT64_C(10000)

/* The same with faults: a watch that nobody answers is noticed after an hour and 30 s. */
#define SWEEP_FAULTS_QUIET_MS (INT64_C(3) * 3600 * 1000)

/* What happens to one run. */
struct sweep_disturbance {
    struct sim_crash crash;
    const struct sim_fault_hook *faults; /* NULL: none */
};

struct sweep_story {
    const char *name; /* the scenario's */
    const char *path; /* for the command that reproduces a difference */
    uint64_t seed;
    void *ctx;
    /* Plays the story from its start to its end with sim_config.crash and .faults as they are
     * given, whose hooks fork: in the child the same call goes on, disturbed. Its quiet phase
     * may be cut to SWEEP_QUIET_MS, or SWEEP_FAULTS_QUIET_MS. The sim is freed by the caller.
     * Anything but ERR_NONE (a livelock, a refused object) counts as a difference and is told.
     * Expectations of the scenario are not judged here. */
    enum err (*play)(void *ctx, const struct sweep_disturbance *disturbance,
                     struct sim **ret_sim, struct errmsg *msg);
};

struct sweep_options {
    unsigned jobs;       /* processes; 0: 2 */
    unsigned points_max; /* per story, spread evenly; 0: all */
    bool faults;         /* not crashes */
    FILE *out;
};

struct sweep_result {
    size_t points;          /* explored */
    size_t points_total;    /* that there are: greater when capped */
    size_t differences;     /* points that differ */
    size_t failed_stories;  /* whose undisturbed run failed */
};

/* Prints each difference and, last, "N crash points of M scenarios, D differences"; with
 * faults, "N fault points ...". */
void sweep_run(const struct sweep_story *stories, size_t story_count,
               const struct sweep_options *options, struct sweep_result *ret_result);

#endif
