/*
 * Keeps the store equal to one resource on the API server: list in pages, watch
 * from there, list again when the watch cannot go on.
 *
 *               +--------- 410, broken item stream, a page lost ---------+
 *               v                                                        |
 *   IDLE --> LISTING --last page--> WATCHING --end of stream--> WATCHING |
 *     ^         |                       |                                |
 *     +- retry -+---- failure ----> WAITING <---- failure ---------------+
 *
 * Failures are waited for as by client-go; refusals (401, 403) up to ten minutes (P12).
 * It does no I/O: it says which request it wants next and takes the answer.
 * Source: client-go tools/cache/reflector. Deviation: no WatchList yet.
 */
#ifndef PROMOTER_CORE_REFLECTOR_H
#define PROMOTER_CORE_REFLECTOR_H

#include "controller/base/ktime.h"
#include "controller/base/log.h"
#include "controller/base/rng.h"
#include "controller/core/store.h"
#include "controller/k8s/transport.h"
#include "controller/k8s/watch_decoder.h"

struct reflector {
    enum kube_resource resource;
    struct store *store;
    const struct store_listener *listener;
    struct rng *rng;
    struct log *log;
    bool synced;             /* one whole list was seen */
    bool listing;            /* the next request is a list */
    uint64_t request_id;     /* in flight; 0: none */
    bool lists;              /* the request in flight is a list */
    int64_t started_mono_ms; /* when it was submitted */
    int64_t retry_mono_ms;   /* when the next request may go out */
    unsigned failures;       /* in a row */
    uint64_t epoch;          /* number of the present list */
    char *resource_version;  /* owned; to watch from; NULL: none */
    char *continue_token;    /* owned; of the next page; NULL: the first */
    int http_status;
    struct buf body;         /* of a list page or an error */
    struct watch_decoder decoder;
};

void reflector_init(struct reflector *reflector, enum kube_resource resource, struct store *store,
                    const struct store_listener *listener, struct rng *rng, struct log *log);
void reflector_release(struct reflector *reflector);

/* When the next request wants to go out, or the one in flight is to be given up, on the mono
 * clock; KTIME_NEVER: whenever that ends. */
int64_t reflector_next_mono_ms(const struct reflector *reflector);
/* Fills `target` and the request, to be submitted with `id`. */
void reflector_request(struct reflector *reflector, uint64_t id, struct ktime now,
                       struct buf *target, struct kube_request *ret_request);
/* The transport did not take the request. */
void reflector_not_accepted(struct reflector *reflector, struct ktime now);

void reflector_on_head(struct reflector *reflector, const struct kube_response_head *head);
/* False: the stream is unusable; the caller cancels the request and calls on_end. */
bool reflector_on_body(struct reflector *reflector, struct str bytes);
void reflector_on_end(struct reflector *reflector, enum err result, struct ktime now);

#endif
