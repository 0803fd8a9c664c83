/*
 * The simulation's insides, shared by its two rooms: sim.c (the run, the world, the clock) and
 * sim_replica.c (the controllers: as a rule one, for a while two).
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_SIM_ROOMS_H
#define PROMOTER_SCENARIOS_ENGINE_SIM_ROOMS_H

#include "controller/core/zone.h"
#include "scenarios/engine/trace.h"
#include "scenarios/engine/transport_sim.h"

#define SIM_REPLICAS_MAX 8u /* in one run; at most two at a time */

/* One controller with its own connection to the server. */
struct replica {
    struct sim *sim;
    unsigned number;
    struct transport_sim *transport;
    struct controller *controller; /* NULL: it is over */
    struct log log;                /* goes to the trace */
    uint64_t wakeup_timer;
    int64_t wakeup_ms; /* when the armed timer is due */
};

/* A second controller that is to start, or runs beside the first until `end_timer`. */
struct overlap {
    uint64_t timer;    /* the start's, then the end's; 0: there is none */
    bool runs;
    bool first_stays;
    int64_t for_ms;
};

struct sim {
    struct sim_config config;
    struct zone_source zones;
    struct timers timers;
    struct fakeapi *api;
    struct world *world;
    struct transport_records records;
    struct replica replicas[SIM_REPLICAS_MAX];
    size_t replica_count;
    size_t active; /* the one that runs when only one does */
    struct overlap overlap;
    struct trace trace;
    int64_t *wakeups_ms;
    size_t wakeup_count;
    size_t wakeup_capacity;
    size_t deployments_traced;
    unsigned writes;
};

/* Adds one that does not run yet. */
struct replica *sim_replica_add(struct sim *sim);
void sim_replica_begin(struct replica *replica, int64_t handover_wait_ms);
void sim_replica_restart(struct replica *replica);
void sim_replica_release(struct replica *replica);

#endif
