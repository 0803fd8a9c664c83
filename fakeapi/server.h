/*
 * What the rooms of the server share: the server itself and one request on its
 * way through it.
 */
#ifndef PROMOTER_FAKEAPI_SERVER_H
#define PROMOTER_FAKEAPI_SERVER_H

#include "controller/base/json_seal.h"
#include "controller/base/rng.h"

#include "fakeapi/fakeapi.h"
#include "fakeapi/query.h"
#include "fakeapi/resource.h"

#define HISTORY_MAX_DEFAULT 100000u
#define HISTORY_BYTES_MAX_DEFAULT (256u << 20)
#define AUDIT_BYTES_MAX (64u << 20)

struct audit_log {
    struct audit_block **blocks; /* addresses of entries stay */
    size_t block_count;
    size_t block_capacity;
    size_t first; /* entries before it are forgotten */
    size_t count; /* entries so far, forgotten ones too */
    size_t kept_max; /* 0: all */
    size_t bytes;    /* of what is kept; beyond AUDIT_BYTES_MAX entries go, but for kept_max 0 */
    void (*on_request)(void *ctx, size_t audit_index);
    void *ctx;
};

struct fakeapi {
    struct timers *timers;
    uint64_t seed;
    size_t history_max;
    size_t history_bytes_max;
    struct text_cache texts;
    uint64_t resource_version; /* of the newest write */
    struct json_pool *pool; /* owned: what objects have in common */
    struct fakeapi_catalogue *own_catalogue; /* NULL when it is shared */
    struct resource_table resources;
    struct resource *namespaces;
    struct resource *definitions;
    struct audit_log audit;
    struct collector *collector; /* owned; NULL: garbage is a client's business */
    struct event_expiry *event_expiry; /* owned; NULL: Events stay */
    struct rng watch_rng;              /* default lengths of watches */
    struct fakeapi_watch *unmarked;    /* watches that the next write gives a bookmark timer */
};

enum verb { VERB_NONE, VERB_GET, VERB_LIST, VERB_WATCH, VERB_CREATE, VERB_UPDATE, VERB_PATCH,
            VERB_DELETE, VERB_DELETE_COLLECTION };

/* How the client wants objects shown: Accept: application/json;as=KIND;g=meta.k8s.io;v=v1. */
enum rendition_kind { RENDITION_WHOLE, RENDITION_PARTIAL, RENDITION_PARTIAL_LIST,
                      RENDITION_TABLE };
enum row_object { ROW_OBJECT_METADATA, ROW_OBJECT_WHOLE, ROW_OBJECT_NONE };
struct rendition {
    enum rendition_kind kind;
    bool is_beta;               /* v=v1beta1 */
    enum row_object row_object; /* what a Table's row shows beside its cells */
    bool columns_told;          /* an earlier event of the watch has named them */
};

struct call {
    struct fakeapi *api;
    const struct fakeapi_request *request;
    struct fakeapi_response *response;
    enum verb verb;
    const char *method; /* static */
    char *path;         /* owned, decoded; the texts below point into it */
    struct query query;
    struct resource *resource;
    struct str name_space; /* "" when the resource has none or all are meant */
    struct str name;       /* "" for a collection */
    struct str subresource; /* "", "status" or "scale" */
    struct rendition rendition;
    struct record *live; /* counted; see call_live */
    /* For the audit log. */
    struct record *before; /* counted */
    struct record *after;  /* counted */
    struct str audit_name; /* of an object that got its name here; borrowed from `after` */
    bool changed;
    bool logged; /* the entries are written already */
};

/* Objects. */

/* Takes `object` over (complete but for its resourceVersion; sorted, in the storage version's
 * form) and stores it as the newest version; watches are told. The record is borrowed. */
struct record *server_put(struct fakeapi *api, struct resource *resource, struct slot *slot,
                          struct json *object);
/* Removes what the slot holds; DELETED shows it as it was stored. */
void server_remove(struct fakeapi *api, struct resource *resource, struct slot *slot);
/* A uid for the slot's next life. */
struct json *server_uid(const struct fakeapi *api, const struct resource *resource,
                        struct str name_space, struct str name, unsigned created_count);
/* The present time as a JSON string. */
struct json *server_time(const struct fakeapi *api);

/* The verbs. Each answers in call->response. */
void verb_get(struct call *call);
void verb_list(struct call *call);
void verb_watch(struct call *call);
void verb_create(struct call *call);
void verb_update(struct call *call);
void verb_patch(struct call *call);
void verb_delete(struct call *call);
void verb_delete_collection(struct call *call);

/* Finds resource, names, subresource and verb. False: it has answered (404, 405, 400). */
bool route_call(struct call *call);

/* The object that the call names; NULL: there is none. */
struct slot *call_slot(const struct call *call);
struct record *call_record(const struct call *call);
/* The same in the form of the version that the call speaks to; borrowed from the call. */
struct record *call_live(struct call *call);
bool call_is_status(const struct call *call);
/* Remembers for the audit log what the call found and left. */
void call_found(struct call *call, struct record *before);
void call_left(struct call *call, struct record *after);

void audit_append(struct call *call);
void audit_release(struct audit_log *log);

#endif
