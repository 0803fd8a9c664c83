/*
 * The ClusterPromotion controller as a pure machine: answers of the API server
 * and the time go in, requests come out. It owns no clock, socket or thread.
 * Truth lives in the API server: controller_free and controller_create are the
 * crash and the restart.
 */
#ifndef PROMOTER_CORE_CONTROLLER_H
#define PROMOTER_CORE_CONTROLLER_H

#include "controller/base/ktime.h"
#include "controller/base/log.h"
#include "controller/k8s/transport.h"

struct controller;
struct zone_source;

struct controller_config {
    uint64_t seed;             /* of the backoff jitter, the only randomness */
    /* How long the first write waits for requests of a predecessor that may still
     * commit (P8): 0 when the lease had been released in order or never held. */
    int64_t handover_wait_ms;
    bool skip_empty_stages;    /* --empty-stage=skip (D4) */
    struct str capi_onboard_annotation; /* --capi-onboard-annotation of Sveltos (D1); borrowed */
    const struct zone_source *zones; /* borrowed; of promotion windows; NULL: UTC only */
};

/* The transport and the log are borrowed and must outlive the controller. */
struct controller *controller_create(const struct controller_config *config,
                                     const struct kube_transport *transport, struct log *log);
void controller_free(struct controller *controller); /* cancels what is in flight; NULL is fine */

/* Submits the first lists. */
void controller_start(struct controller *controller, struct ktime now);
/* Runs due timers and at most `budget` queued keys; returns how many keys it ran. */
unsigned controller_step(struct controller *controller, struct ktime now, unsigned budget);
/* When controller_step wants to be called again, on the mono clock: `now.mono_ms`
 * when keys are queued, KTIME_NEVER when nothing is planned. */
int64_t controller_next_wakeup_ms(const struct controller *controller, struct ktime now);

/* The transport's answers. `result` of an end: ERR_NONE when the answer is whole;
 * ERR_UNREACHABLE when the request certainly was not executed; ERR_OUTCOME_UNKNOWN otherwise. */
void controller_on_head(struct controller *controller, uint64_t id,
                        const struct kube_response_head *head, struct ktime now);
void controller_on_body(struct controller *controller, uint64_t id, struct str bytes,
                        struct ktime now);
void controller_on_end(struct controller *controller, uint64_t id, enum err result,
                       struct ktime now);

/* What it remembers about a promotion that the API server does not know: with it promotion_explain
 * (explanation.h) says what the controller would. Borrowed until the next step. */
struct promotion_memory;
struct promotion_memory controller_memory(const struct controller *controller,
                                          struct str promotion);

/* What the controller last decided about a promotion, for traces and previews. */
struct controller_explanation {
    struct str promotion; /* name */
    const char *reason;   /* of the closed set, such as "Delayed" */
    struct str text;      /* the sentence, without its time */
    int64_t wakeup_wall_ms; /* KTIME_NEVER when it waits for an event */
};
/* False when no decision about it was made yet. Borrowed until the next step. */
bool controller_explain(const struct controller *controller, struct str promotion,
                        struct controller_explanation *ret_explanation);

#endif
