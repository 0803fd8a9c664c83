/*
 * A Kubernetes API server in this process: requests in, answers and watch
 * streams out, time from a queue of timers. The HTTP daemon and the simulator
 * use the same calls. Shares no semantics with the controller: it parses paths,
 * selectors and patches by itself.
 *
 * The truth about its behaviour are recorded answers of a real server
 * (tests/conformance), above any text here.
 */
#ifndef PROMOTER_FAKEAPI_FAKEAPI_H
#define PROMOTER_FAKEAPI_FAKEAPI_H

#include "controller/base/buf.h"
#include "controller/base/json.h"
#include "controller/base/timers.h"

#define FAKEAPI_BODY_BYTES_MAX (3u << 20)    /* as a real API server: 3145728 */
#define FAKEAPI_ANSWER_BYTES_MAX (64u << 20)
#define FAKEAPI_TARGET_BYTES_MAX 8192u /* more is 414; in a query at most 64 parameters, else 400 */
#define FAKEAPI_CACHE_CONTROL "no-cache, private" /* of every answer */

struct fakeapi;
struct fakeapi_watch;

/* The group's own CRDs, read and compiled: nearly all of what a start costs. Servers may share
 * one, which then has to outlive them. */
struct fakeapi_catalogue;
struct fakeapi_catalogue *fakeapi_catalogue_create(void);
void fakeapi_catalogue_free(struct fakeapi_catalogue *catalogue); /* NULL is fine */

struct fakeapi_config {
    struct timers *timers;  /* borrowed: the clock, watch time-outs, bookmarks */
    uint64_t seed;          /* of uids and generated names */
    /* Events that are kept for watches before compaction: of each kind at most so many (0:
     * 100,000), and of all kinds together as many as take so many bytes (0: 256 MiB), the states of
     * objects included that only they keep alive; the newest event is always kept. */
    size_t history_max;
    size_t history_bytes_max;
    size_t audit_max; /* newest entries that are kept, if they take less than 64 MiB; 0: all */
    /* Versions start behind it: what a client saw of an earlier server is too old for this one.
     * Below 2^53. */
    uint64_t first_version;
    /* The server itself deletes what loses its last owner, and serves the finalizers of foreground
     * and orphaning deletion; else a client does (fakeapi/sveltos/gc.h). */
    bool collects_garbage;
    bool expires_events; /* an hour after their last write; else they stay */
    const struct fakeapi_catalogue *catalogue; /* borrowed; NULL: the server makes its own */
};

/* Starts with the group's own CRDs (fakeapi/crds, built in) and the namespaces
 * default, kube-system, kube-public and kube-node-lease. */
struct fakeapi *fakeapi_create(const struct fakeapi_config *config);
void fakeapi_free(struct fakeapi *api);

struct fakeapi_request {
    const char *method;
    struct str target;        /* path and query as on the wire */
    struct str content_type;  /* STR_NONE: header absent */
    struct str accept;        /* STR_NONE: header absent */
    struct str user_agent;
    struct str body;
};

struct fakeapi_response {
    int status;
    const char *content_type;     /* static */
    struct buf body;              /* owned: empty for a watch */
    struct json *warnings;        /* owned array: the texts of Warning headers; NULL: none */
    bool forbids_sniffing;        /* X-Content-Type-Options: nosniff */
    struct fakeapi_watch *watch;  /* owned: the answer is a stream; NULL otherwise */
    int64_t retry_after_s;        /* -1: none */
};

/* Appends the path of the collection that serves a kind, such as "/api/v1/namespaces/a/secrets".
 * False: it is not served. */
bool fakeapi_collection_path(const struct fakeapi *api, struct str api_version, struct str kind,
                             struct str name_space, struct buf *out);

/* Executes one request now. Always gives an answer; fakeapi_response_release frees it. */
void fakeapi_handle(struct fakeapi *api, const struct fakeapi_request *request,
                    struct fakeapi_response *ret_response);
void fakeapi_response_release(struct fakeapi_response *response); /* a watch too, unless taken */

/* A watch is a cursor into the server's event history: it never buffers.
 * `on_ready(ctx)` is called once whenever something becomes readable (events, the
 * end) after a read had found nothing; it must not read or close within the call,
 * but schedule that. */
void fakeapi_watch_notify(struct fakeapi_watch *watch, void (*on_ready)(void *ctx), void *ctx);
/* Appends the next event line ({"type":...,"object":...}\n). False when there is none now. */
bool fakeapi_watch_read(struct fakeapi_watch *watch, struct buf *out);
/* True when the server has ended the stream and all events were read. */
bool fakeapi_watch_ended(const struct fakeapi_watch *watch);
void fakeapi_watch_close(struct fakeapi_watch *watch); /* frees; NULL is fine */

/* The resourceVersion of the newest write. */
uint64_t fakeapi_resource_version(const struct fakeapi *api);
/* Forgets all events up to now: watches from before answer 410 (a fault). */
void fakeapi_compact(struct fakeapi *api);

/*
 * The audit log: every request in order, with what it changed. Checkers and
 * tests read it, never the store.
 */
struct fakeapi_audit {
    /* A deletecollection is one entry per object that it changed, or one when it changed none. */
    int64_t at_ms;
    const char *method;        /* static */
    struct str target;
    struct str user_agent;
    int status;
    /* The object that a write named; empty for lists, watches and unknown paths. */
    struct str kind, name_space, name, subresource;
    bool changed;              /* the store changed: not a no-op, a dry run or an error */
    bool created, deleted;     /* the object came into being; it left the store */
    uint64_t resource_version; /* after the request */
    const struct json *before; /* borrowed from the log; NULL: did not exist */
    const struct json *after;  /* NULL: does not exist any more */
};
size_t fakeapi_audit_count(const struct fakeapi *api); /* of all requests so far */
/* NULL: it is not kept any more. Borrowed until the next request. */
const struct fakeapi_audit *fakeapi_audit_at(const struct fakeapi *api, size_t index);
/* Called after each request has been logged; at most one observer. The index is its own. */
void fakeapi_observe(struct fakeapi *api, void (*on_request)(void *ctx, size_t audit_index),
                     void *ctx);

#endif
