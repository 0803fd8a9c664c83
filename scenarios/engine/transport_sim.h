/*
 * The controller's transport, inside one process: requests execute on the fake API
 * after a virtual latency, answers come back after another one, in pieces. Obeys T1..T4
 * of controller/k8s/transport.h, and knows the points at which a controller can die and
 * what else can go wrong on the way (sim_fault.h).
 *
 * The transport itself never calls into a dead controller: when a crash point is
 * hit it goes dead (drops all) and asks for the restart through `on_crash`.
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_TRANSPORT_SIM_H
#define PROMOTER_SCENARIOS_ENGINE_TRANSPORT_SIM_H

#include "controller/base/timers.h"
#include "controller/k8s/transport.h"
#include "fakeapi/fakeapi.h"
#include "scenarios/engine/sim_fault.h"
#include "scenarios/engine/transport_record.h"

#define TRANSPORT_IN_FLIGHT_MAX 256u /* the controller keeps itself to 64 */

/* Where what arrives goes: the controller's three calls, or a test's. */
struct transport_receiver {
    void *ctx;
    void (*on_head)(void *ctx, uint64_t id, const struct kube_response_head *head);
    void (*on_body)(void *ctx, uint64_t id, struct str bytes);
    void (*on_end)(void *ctx, uint64_t id, enum err result);
    /* All pieces of one delivery are handed over: where bytes were split makes no difference
     * to what is done about them. NULL is fine. */
    void (*on_pause)(void *ctx);
    /* The controller died here: never called from within submit or cancel. */
    void (*on_crash)(void *ctx);
    /* A line for the trace: "delivery", ...; NULL is fine. */
    void (*on_delivery)(void *ctx, struct str target, size_t bytes);
    /* A fault strikes; also from within submit. NULL is fine. */
    void (*on_fault)(void *ctx, const struct sim_fault *fault, const struct sim_passage *passage);
};

struct transport_config {
    struct fakeapi *api;   /* borrowed */
    struct timers *timers; /* borrowed */
    uint64_t seed;
    int64_t latency_ms;    /* each way */
    struct sim_crash crash;
    const struct sim_fault_hook *faults; /* borrowed; NULL: none */
    int64_t late_commit_ms;
    struct transport_records *records; /* borrowed, of all replicas; NULL: it keeps its own */
    unsigned replica;      /* which controller of the run this is: from 0 */
    struct transport_receiver receiver;
};

struct transport_sim;

struct transport_sim *transport_sim_create(const struct transport_config *config);
void transport_sim_free(struct transport_sim *transport);
/* What the controller is created with; valid as long as the transport. */
const struct kube_transport *transport_sim_interface(struct transport_sim *transport);

/* True from the moment of a crash until transport_sim_revive: submits are swallowed. */
bool transport_sim_is_dead(const struct transport_sim *transport);
/* The controller dies now, whatever its configuration says. */
void transport_sim_kill(struct transport_sim *transport);
/* Forgets all that was in flight; the next submit belongs to a new process. Requests
 * that commit late are executed late_commit_ms from now. */
void transport_sim_revive(struct transport_sim *transport);
/* To be asked before each own wake-up of the controller: true when it dies instead. */
bool transport_sim_timer_kills(struct transport_sim *transport);

/* Where it is to die or, after a hook said so, where it died. */
struct sim_crash transport_sim_crash(const struct transport_sim *transport);
bool transport_sim_crashed(const struct transport_sim *transport);
struct sim_counts transport_sim_counts(const struct transport_sim *transport);
/* In order of submission. */
const struct transport_record *transport_sim_records(const struct transport_sim *transport,
                                                     size_t *ret_count);

#endif
