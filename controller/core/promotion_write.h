/*
 * Turns a decision into the one request that carries it out, with its precondition
 * [S5]. The table of forms is "The write protocol" in decisions.md.
 */
#ifndef PROMOTER_CORE_PROMOTION_WRITE_H
#define PROMOTER_CORE_PROMOTION_WRITE_H

#include "controller/core/promotion_view.h"
#include "controller/k8s/transport.h"

/* The object that a request is about. */
struct write_target {
    enum kube_resource resource;
    struct str name; /* borrowed from `name_buf` of the request */
    struct str uid;  /* empty: it does not exist yet; borrowed from the store */
    bool status;     /* the status subresource */
};

struct write_request {
    struct buf target;
    struct buf body;
    struct buf name;
    struct kube_request request; /* points into the buffers */
    struct write_target about;
};

/* Builds the request for a DECISION_WRITE. */
void promotion_write_build(const struct promotion_sight *sight, const struct decision *decision,
                           struct ktime now, struct write_request *ret_request);
void write_request_release(struct write_request *request);

/* The look of a DECISION_LOOK: a consistent list of the promotion's profiles when it is being
 * deleted, else a consistent read of the summary that is unconfirmed. */
void promotion_look_build(const struct promotion_sight *sight, struct write_request *ret_request);

#endif
