/*
 * One run: a virtual clock, the fake API with the world behind it, and the whole
 * production controller in front of it, in one process and one thread.
 *
 * The event queue is `struct timers`: the world's actors, the fake API's own
 * timers, the transport's deliveries, the controller's wake-ups and the script
 * all stand in it, and ties keep their order. Wall time starts at start_ms; mono
 * time is wall time minus start_ms unless a fault moves the controller's clock.
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_SIM_H
#define PROMOTER_SCENARIOS_ENGINE_SIM_H

#include "controller/core/controller.h"
#include "fakeapi/fakeapi.h"
#include "fakeapi/sveltos/world.h"

/* Where the controller is killed and started again from nothing. */
enum sim_crash_point {
    SIM_CRASH_NONE,
    SIM_CRASH_BEFORE_SEND,   /* the n-th request is never sent */
    SIM_CRASH_AFTER_COMMIT,  /* committed, the answer lost */
    SIM_CRASH_AFTER_ANSWER,  /* the answer was handled */
    SIM_CRASH_LATE_COMMIT,   /* restarted first; commits sim_config.late_commit_ms later */
    SIM_CRASH_AT_DELIVERY,   /* instead of the n-th delivery of watch bytes */
    SIM_CRASH_AT_TIMER,      /* instead of the controller's n-th own wake-up */
};

/* Asked at every point that passes by, once; true: the controller dies there. A sweep forks
 * in it, so that the way up to a point is gone only once. */
struct sim_crash_hook {
    void *ctx;
    bool (*dies)(void *ctx, enum sim_crash_point point, unsigned nth);
};

struct sim_crash {
    enum sim_crash_point point;
    unsigned nth; /* counts from 1 */
    const struct sim_crash_hook *hook; /* borrowed; NULL: only the point above */
};

/* "before-send:3", "after-commit:3", "after-answer:3", "late-commit:3", "delivery:3",
 * "timer:3", "none": the argument of `promosim run --crash`. False: none of these. */
bool sim_crash_parse(struct str text, struct sim_crash *ret_crash);
void sim_crash_print(struct sim_crash crash, struct buf *out);

struct sim_fault_hook; /* sim_fault.h */

struct sim_config {
    uint64_t seed;
    const struct fakeapi_catalogue *catalogue; /* borrowed; NULL: the API makes its own */
    int64_t start_ms;               /* wall clock */
    size_t history_max, audit_max;  /* of the API: fakeapi_config */
    uint64_t first_version;         /* the same */
    bool expires_events;            /* the same; expectations look at Events, so they stay */
    const struct world_rule *rules; /* borrowed */
    size_t rule_count;
    int64_t latency_ms;             /* each way between controller and API; 0 keeps times exact */
    struct sim_crash crash;
    const struct sim_fault_hook *faults; /* borrowed; NULL: the crash alone */
    int64_t late_commit_ms;         /* below the 5 s of `?timeout=5s` */
};

/* How often each kind of crash point passed by: what a sweep enumerates. */
struct sim_counts {
    unsigned requests;   /* of the controller */
    unsigned writes;     /* of the controller that changed something; Events aside */
    unsigned deliveries; /* of watch bytes to the controller */
    unsigned timers;     /* the controller's own wake-ups */
};

struct sim;

struct sim *sim_create(const struct sim_config *config); /* nothing has happened yet */
void sim_free(struct sim *sim);
struct fakeapi *sim_api(struct sim *sim);
struct timers *sim_timers(struct sim *sim);
struct world *sim_world(struct sim *sim);
/* A request by a user of the cluster, now; answers the status. The response is
 * released by the caller; NULL drops it. */
int sim_user_request(struct sim *sim, const char *method, struct str target,
                     const char *content_type, struct str body,
                     struct fakeapi_response *ret_response);
void sim_start_world(struct sim *sim);
void sim_start_controller(struct sim *sim);
/* free + create + start, in zero virtual time. */
void sim_restart_controller(struct sim *sim);
/* Runs all that is due up to and including wall_ms. ERR_LIMIT: more than SIM_EVENTS_PER_INSTANT_MAX
 * events within one millisecond (a livelock), told in the message. */
NODISCARD enum err sim_run_until(struct sim *sim, int64_t wall_ms, struct errmsg *msg);
int64_t sim_now_ms(const struct sim *sim);
int64_t sim_start_ms(const struct sim *sim);
struct sim_counts sim_counts(const struct sim *sim);
bool sim_crashed(const struct sim *sim); /* a crash that was asked for has happened */
const struct controller *sim_controller(const struct sim *sim);

/* The trace: one line for each request, delivery, restart, deployment. Its hash
 * is the run's identity: the same seed gives the same hash [D1]. */
uint64_t sim_trace_hash(const struct sim *sim);
/* Also writes the lines to `out` (borrowed; NULL: only hash). Set before starting. */
void sim_trace_to(struct sim *sim, struct buf *out);

/* What the checkers judge by (checkers.h), up to now; borrowed until the next event.
 * quiet_from_ms is KTIME_NEVER: the caller sets it when a quiet phase is to be judged. */
struct evidence;
void sim_evidence(const struct sim *sim, struct evidence *ret_evidence);

#define SIM_EVENTS_PER_INSTANT_MAX 1000000u

#endif
