/*
 * One server with a clock, the values captured from its answers and its open watches: what the
 * steps of a conversation work on.
 */
#ifndef PROMOTER_TESTS_CONFORMANCE_SESSION_H
#define PROMOTER_TESTS_CONFORMANCE_SESSION_H

#include "controller/base/map.h"
#include "fakeapi/fakeapi.h"
#include "tests/conformance/wire.h"

/* A stream of events, or an answer in its place whose lines count as events. */
struct stream {
    struct fakeapi_watch *watch;   /* owned; NULL once it was no watch or has ended */
    struct wire_stream *far_watch; /* the same, of a wire */
    struct buf rest;               /* of a wire: the beginning of a line */
    struct json *events;           /* owned array: arrived, not taken yet */
};

struct session {
    struct timers timers;
    struct fakeapi *api;
    struct json *captured; /* object: values by name */
    struct map streams;    /* struct stream by name */
    struct wire *wire;     /* owned; NULL: requests are calls */
    struct wire_answer answer; /* the last one of the wire */
};

void session_init(struct session *session);
void session_release(struct session *session);
/* From now on requests go by HTTP; `tls_folder` as for wire_create. */
void session_use_wire(struct session *session, const char *tls_folder);
/* Moves the clock, running all that falls due. */
void session_wait(struct session *session, int64_t wait_ms);

/* Performs the request that `step` describes; placeholders are filled. False when one was never
 * captured: then `msg` says which, and there is no response. */
bool session_request(struct session *session, struct json *step,
                     struct fakeapi_response *ret_response, struct errmsg *msg);
/* The body as JSON if it says it is ({"<not json>": text} if it is not), else as a text. Owned. */
struct json *session_body(const struct fakeapi_response *response);
/* The header's value as a client sees it, or null; owned. */
struct json *session_header(const struct session *session,
                            const struct fakeapi_response *response, struct str name);

/* Keeps the response's watch, or its body's lines, under `name`. */
void session_open(struct session *session, struct str name, struct fakeapi_response *response);
/* Takes `count` events of types that `ignore` (an array, may be NULL) does not list; all until
 * the end for -1. Waits up to `seconds` of virtual time. An owned array; NULL: no such stream. */
struct json *session_take(struct session *session, struct str name, int64_t count,
                          int64_t seconds, const struct json *ignore);

#endif
