/*
 * The controller's insides, shared by its four rooms: controller.c (life, time, the
 * transport's calls), reconcile.c (key -> view -> decision -> one request), answer.c (what
 * became of the request) and tell.c (Events, told when there is nothing else to write).
 *
 * A key's way:
 *
 *   workqueue --take--> reconcile --wait/done--> workqueue_done
 *                           |
 *                       one request
 *                           v
 *      in flight --refused, try later--> workqueue_done, later again
 *         |    \
 *         |     lost race, outcome unknown --> look (one GET) --+
 *         | success                                             |
 *         v                                                     v
 *      gated: the key waits until the store shows what was written or looked at
 *         |
 *         v
 *      workqueue_done, and at once again
 */
#ifndef PROMOTER_CORE_CONTROLLER_STATE_H
#define PROMOTER_CORE_CONTROLLER_STATE_H

#include "controller/core/controller.h"
#include "controller/core/limits.h"
#include "controller/core/promotion_write.h"
#include "controller/core/reflector.h"
#include "controller/core/told.h"
#include "controller/core/workqueue.h"

enum gate_kind {
    GATE_NONE,
    GATE_VERSION, /* the store, or its reflector, has reached a resourceVersion */
    GATE_GONE,    /* the object with that uid has left the store; at once when there is no uid */
};

/* The read-your-writes gate (P9). */
struct gate {
    enum gate_kind kind;
    enum kube_resource resource;
    char *key;     /* owned */
    char *version; /* owned */
    char *uid;     /* owned */
};

/* How often a profile was applied, or a sentence told in the place of another's, lately: somebody
 * may undo it each time (P2, D26). */
struct repeat_count {
    unsigned count;
    int64_t last_mono_ms;
};

/* When a promotion was written, the last times: a ring. */
struct write_pace {
    int64_t mono_ms[SENTENCE_AFTER_WRITES(STAGES_MAX)];
    size_t count; /* all writes so far */
};

/* Which clusters two stages select, and of what that was found: it costs a match for each stage
 * and cluster. */
struct overlap {
    int64_t generation;
    uint64_t clusters_version; /* 0: never looked */
    char *text;                /* owned */
};

/* What is remembered about one promotion while this process lives. */
struct work {
    char *name;                /* owned */
    uint64_t request_id;       /* in flight; 0: none */
    struct gate gate;
    int64_t write_not_before_ms; /* mono; after an unknown outcome (P8) */
    unsigned failures;         /* of writes, in a row */
    char *refusal;             /* owned; NULL: none */
    int64_t refused_until_ms;  /* wall; 0: no refusal */
    int64_t refused_generation;
    bool absence_verified;
    struct map applies;        /* name of a profile -> struct repeat_count */
    struct repeat_count says;
    char *said;                /* owned; the sentence that the last write told; NULL: none */
    struct map told;           /* name of an Event -> struct told */
    unsigned tell_failures;    /* in a row */
    int64_t tell_not_before_ms; /* mono */
    struct overlap overlap;
    struct write_pace pace;
    /* the last decision, for `explain` */
    bool decided;
    enum promotion_reason reason;
    int64_t wakeup_ms;
    char text[DECISION_TEXT_BYTES];
};

enum request_kind {
    REQUEST_WRITE,
    REQUEST_LOOK,
    REQUEST_LIST_PROFILES,
    REQUEST_EVENT_CREATE,
    REQUEST_EVENT_LOOK,
    REQUEST_EVENT_COUNT,
};

/* A request of a key, until its answer is whole. */
struct in_flight {
    uint64_t id;
    enum request_kind kind;
    bool status; /* a write of the status subresource */
    struct work *work;
    enum kube_resource resource;
    char *key;  /* owned; the object's */
    char *uid;  /* owned; empty: it does not exist yet */
    int64_t submitted_mono_ms;
    int http_status;
    int64_t retry_after_s;
    struct buf body;
};

struct controller {
    struct controller_config config;
    const struct kube_transport *transport;
    struct log *log;
    struct rng rng;
    struct store store;
    struct store_listener listener;
    struct reflector reflectors[KUBE_RESOURCE_COUNT];
    struct workqueue queue;
    struct map works;            /* name -> struct work */
    struct in_flight *in_flight[REQUESTS_IN_FLIGHT_MAX];
    uint64_t next_id;
    size_t gated_count;          /* works whose gate is closed */
    int64_t started_mono_ms;
    uint64_t clusters_version;   /* of all clusters in the store; from 1 */
    int64_t tell_not_before_ms;  /* mono; after Events were forbidden */
    struct arena arena;
};

/* controller.c */
struct work *controller_work(struct controller *controller, struct str name);
void controller_forget_work(struct controller *controller, struct work *work);
/* False: the transport or our own limit refused; nothing was submitted. */
bool controller_submit(struct controller *controller, struct in_flight *request,
                       const struct kube_request *kube_request, struct ktime now);

/* reconcile.c */
void reconcile(struct controller *controller, struct str name, struct ktime now);

/* tell.c */
/* Takes over what is worth an Event in this look, and tells the first one that was not told:
 * true, the key is processing until its answer. False: nothing is to be told now. */
bool tell(struct controller *controller, struct work *work, const struct promotion_sight *sight,
          const struct decision *decision, struct ktime now);
void tell_handle(struct controller *controller, struct in_flight *request, enum err err,
                 const struct errmsg *msg, struct ktime now);

/* answer.c */
void answer_handle(struct controller *controller, struct in_flight *request, enum err result,
                   struct ktime now);
/* Lets go all keys whose gate the store has opened. */
void gates_check(struct controller *controller, struct ktime now);
void gate_release(struct gate *gate);
void in_flight_free(struct in_flight *request);
/* How long to wait after `failures` failures in a row: 1 s doubling to 60 s, with jitter. */
int64_t backoff_ms(struct controller *controller, unsigned failures);

#endif
