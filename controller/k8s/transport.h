/*
 * The seam between the controller and everything outside it: HTTP-shaped
 * requests down, head, body and end of answers up. Two implementations: libcurl
 * on a real cluster, the simulator's fake in this process.
 *
 *   T1  submit never calls back before it returns.
 *   T2  every accepted id ends exactly once, unless cancelled first.
 *   T3  body bytes may be split anywhere.
 *   T4  after cancel nothing more is delivered for that id.
 */
#ifndef PROMOTER_K8S_TRANSPORT_H
#define PROMOTER_K8S_TRANSPORT_H

#include "controller/base/err.h"
#include "controller/base/str.h"

struct kube_request {
    const char *method;       /* "GET", "POST", "PATCH", "DELETE" */
    struct str target;        /* path and query, percent-encoded */
    const char *content_type; /* NULL when there is no body */
    struct str body;
    int64_t timeout_ms;       /* from submit to the end; then the transport ends it with
                                 ERR_OUTCOME_UNKNOWN, or ERR_UNREACHABLE if never sent */
    bool stream;              /* a watch: body bytes are wanted as they come */
};

struct kube_transport {
    void *ctx;
    /* `request` is borrowed for the call. ERR_LIMIT, ERR_UNREACHABLE: not accepted, nothing
     * follows. */
    enum err (*submit)(void *ctx, uint64_t id, const struct kube_request *request);
    void (*cancel)(void *ctx, uint64_t id);
};

/* What comes up, in this order: head once, body any number of times, end once.
 * An end without a head means that no answer came. retry_after_s is -1 when the answer has none. */
struct kube_response_head {
    int status;
    int64_t retry_after_s;
};

#endif
