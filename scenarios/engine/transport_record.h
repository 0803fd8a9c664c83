/*
 * What the controllers sent, request by request, and what each had been told when it did: the
 * judges hold nothing against a controller that it could not know.
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_TRANSPORT_RECORD_H
#define PROMOTER_SCENARIOS_ENGINE_TRANSPORT_RECORD_H

#include "controller/k8s/transport.h"
#include "scenarios/engine/sim.h"

#define TRANSPORT_USER_AGENT "promoter/0.1.0" /* of each replica: "promoter/0.1.0 (replica 1)" */
#define TRANSPORT_USER_AGENT_BYTES 48u

/* How far a process is told of each kind that it watches: all records of the audit log before
 * this index. 0: it has not even listed them. */
#define TOLD_KIND_COUNT 5u
struct told {
    size_t until[TOLD_KIND_COUNT];
};
/* By the resource in a request's path, or by the kind in an audit record; TOLD_KIND_COUNT: none
 * of those that a controller watches. */
unsigned told_index_of_target(struct str target);
unsigned told_index_of_kind(struct str kind);

/* One request, for S4 and for the sweep. */
struct transport_record {
    const char *method;    /* static */
    char *target;          /* owned by the records, as the body */
    const char *content_type; /* static; NULL: no body */
    char *body;               /* of writes; NULL otherwise */
    bool is_write;
    unsigned replica;      /* of the controllers that run at a time: from 0 */
    unsigned incarnation;  /* how often that one had been restarted: from 0 */
    int64_t submitted_ms;
    int64_t ended_ms;      /* answered, cancelled or died with its controller; or KTIME_NEVER */
    /* One counter for both, since with no latency all happens within a millisecond. */
    uint64_t submitted_order, ended_order; /* ended_order UINT64_MAX: in flight */
    bool answered;         /* ended by an answer: neither cancelled nor timed out nor died */
    size_t audit_index;    /* of its execution; SIZE_MAX: never executed, or not yet */
    struct told told;      /* when it was submitted */
};

/* Of one run; all replicas share it. */
struct transport_records {
    struct transport_record *items; /* in order of submission */
    size_t count;
    size_t capacity;
    uint64_t next_order;
    struct sim_counts counts;
};

/* Returns the index. The request is copied. */
size_t transport_records_add(struct transport_records *records, const struct kube_request *request,
                             const struct transport_record *base);
/* The second time it does nothing. */
void transport_records_end(struct transport_records *records, size_t index, int64_t at_ms);
void transport_records_release(struct transport_records *records);

#endif
