/*
 * Playing a scenario: set up, run until everything that it speaks of has happened
 * and the controller has been at rest for as long as it asks, then judge.
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_RUN_H
#define PROMOTER_SCENARIOS_ENGINE_RUN_H

#include "scenarios/engine/scenario.h"

/* A scenario that is not at rest this long after its last step and deadline never will be. */
#define RUN_REST_LIMIT_MS (INT64_C(90) * 24 * 3600 * 1000)

/* More than any story has needed by a factor of a hundred. */
#define RUN_REQUESTS_MAX 300000u

/* A request that commits late does so this long after the restart: within `?timeout=5s`. */
#define RUN_LATE_COMMIT_MS 3000

/* A new process that finds something to do does it within this time. */
#define RUN_LOST_KEYS_MS 60000

struct run_options {
    uint64_t seed;
    struct sim_crash crash;
    const struct sim_fault_hook *faults; /* borrowed; NULL: none beside the scenario's own */
    bool undisturbed;        /* the scenario's own faults do not strike */
    int64_t rest_limit_ms;   /* instead of RUN_REST_LIMIT_MS; 0: that */
    int64_t quiesce_max_ms;  /* a shorter rest is enough (a sweep); 0: the scenario's */
    bool stops;              /* the play ends at stop_ms, whatever is still to happen, ... */
    int64_t stop_ms;         /* ... since the start */
    bool lost_keys;          /* [L2] at the end a new process must find nothing to do */
    struct buf *trace;       /* borrowed; NULL: only its hash */
};

struct run_result {
    struct failures failures;
    int64_t virtual_ms;
    unsigned writes, requests; /* of the controller */
    uint64_t trace_hash;
    char *timeline; /* owned */
};

/* Creates a simulation with the scenario's fleet, manifests and world, and starts the controller
 * (or plans to); no time has passed. ERR_INVALID: a manifest was refused, told with its line;
 * *ret_sim is given away then too. */
NODISCARD enum err scenario_set_up(const struct scenario *scenario,
                                   const struct run_options *options, struct sim **ret_sim,
                                   struct errmsg *msg);

/* Plays without judging; the simulation, which is over, is given away also when the run failed
 * after it was created, else *ret_sim is NULL. ERR_INVALID: a manifest or a step was refused, or
 * a fault of the scenario never struck; ERR_LIMIT: a livelock, or no rest within
 * RUN_REST_LIMIT_MS. The scenario must outlive the simulation. */
NODISCARD enum err scenario_play(const struct scenario *scenario, const struct run_options *options,
                                 struct sim **ret_sim, struct errmsg *msg);

/* Plays and judges. ERR_NONE: look at the failures. ERR_INVALID: the scenario itself is
 * wrong (the message has the line). *ret_result is always to be released. */
NODISCARD enum err scenario_run(const struct scenario *scenario, const struct run_options *options,
                                struct run_result *ret_result, struct errmsg *msg);
void run_result_release(struct run_result *result);

#endif
