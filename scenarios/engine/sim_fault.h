/*
 * What can go wrong between the controller and the API server, beside a crash alone: one
 * closed set, for scenario files, for sweeps and for the command line.
 *
 * A fault strikes a request of the controller, or a delivery of watched events to it.
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_SIM_FAULT_H
#define PROMOTER_SCENARIOS_ENGINE_SIM_FAULT_H

#include "scenarios/engine/sim.h"

enum sim_fault_kind {
    SIM_FAULT_NONE,
    SIM_FAULT_CRASH,        /* the controller dies at `point` of the request */
    SIM_FAULT_LOSE_ANSWER,  /* executed; ends with ERR_OUTCOME_UNKNOWN */
    SIM_FAULT_LOSE_REQUEST, /* never executed; ends with ERR_UNREACHABLE */
    SIM_FAULT_ANSWER,       /* never executed; the answer is `status` */
    SIM_FAULT_TIME_OUT,     /* silence until the deadline; executed as `point` says */
    SIM_FAULT_STALE_READ,   /* a list or a get answered from a state `events` writes old */
    SIM_FAULT_SECOND,       /* a second controller starts while the first runs, for hold_ms */
    SIM_FAULT_GONE,         /* compaction: in the place of the events comes 410, and the end */
    SIM_FAULT_CUT_WATCH,    /* the stream ends before the events */
    SIM_FAULT_TEAR_WATCH,   /* the stream breaks in the middle of them */
    SIM_FAULT_STALE_WATCH,  /* these events and all later ones of the stream wait for hold_ms */
    SIM_FAULT_LAG_WATCH,    /* for hold_ms the stream is `events` events behind */
};

struct sim_fault {
    enum sim_fault_kind kind;
    /* Of a crash: BEFORE_SEND ... LATE_COMMIT. Of a time-out: BEFORE_SEND never executed,
     * AFTER_COMMIT executed in time, LATE_COMMIT sim_config.late_commit_ms late. */
    enum sim_crash_point point;
    int status;            /* 403, 409, 429, 500, 503 or 504 */
    int64_t retry_after_s; /* of an answer; -1: none */
    int64_t hold_ms;       /* of a stale or lagging watch, and of a second controller */
    unsigned events;       /* how far a stale read or a lagging watch is behind; from 1 */
    bool first_stays;      /* of two controllers: the second dies, else the first */
};

/* True for those that strike a delivery, false for those that strike a request. */
bool sim_fault_is_of_watch(enum sim_fault_kind kind);

/* Something that passes by and can be struck. */
struct sim_passage {
    bool is_delivery;
    unsigned nth;       /* of all requests or of all deliveries of the run, from 1 */
    const char *method;
    struct str target;  /* of a delivery: its watch */
};

/* Asked once at each passage: true, *ret_fault strikes it. A delivery that was held back passes
 * by again. A sweep forks in it. */
struct sim_fault_hook {
    void *ctx;
    bool (*strikes)(void *ctx, const struct sim_passage *passage, struct sim_fault *ret_fault);
};

/* How a sweep names faults, and `promosim run --fault`: "lose-answer:3" is of the third request,
 * "gone:4" of the fourth delivery. */
struct sim_fault_name {
    const char *name;
    struct sim_fault fault;
    bool writes_only; /* means nothing, or nothing else, to a read */
    bool reads_only;  /* means nothing to a write */
};
#define SIM_FAULT_NAME_COUNT 20u
extern const struct sim_fault_name SIM_FAULT_NAMES[SIM_FAULT_NAME_COUNT];
/* Crash points are not among the names. False: none of these. */
bool sim_fault_parse(struct str text, struct sim_fault *ret_fault, unsigned *ret_nth);

/* One fault at one passage: the ctx of a hook with sim_fault_once_strikes. */
struct sim_fault_once {
    struct sim_fault fault;
    unsigned nth;
};
bool sim_fault_once_strikes(void *ctx, const struct sim_passage *passage,
                            struct sim_fault *ret_fault);

/* The body of an answer that a fault makes up: a Status. Appended. */
void sim_fault_print_status(int status, struct buf *out);
/* "time-out committed-late", "answer 429": for the trace. Appended. */
void sim_fault_print(const struct sim_fault *fault, struct buf *out);

#endif
