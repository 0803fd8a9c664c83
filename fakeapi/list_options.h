/*
 * The parameters of lists, watches and deletecollection.
 */
#ifndef PROMOTER_FAKEAPI_LIST_OPTIONS_H
#define PROMOTER_FAKEAPI_LIST_OPTIONS_H

#include "fakeapi/selector.h"
#include "fakeapi/server.h"

struct list_options {
    struct selector selector;
    int64_t limit;     /* 0 or less: none */
    int64_t timeout_s; /* 0: not given */
    struct str continue_token;
    struct str version_text;
    struct str match;
    bool bookmarks;
    bool says_initial_events; /* sendInitialEvents was given */
    bool initial_events;
};

/* False: it has answered (400, 422). Release in either case. */
bool list_options_read(struct call *call, bool watch, struct list_options *ret_options);
void list_options_release(struct list_options *options);

/* Go's ParseUint. False: what it says is appended, such as
 * `resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax`. */
bool parse_version(struct str text, uint64_t *ret_version, struct buf *message);
/* 504: a version that is yet to come. */
void answer_too_large(struct call *call, uint64_t version);
struct json *too_large_status(const struct fakeapi *api, uint64_t version);

#endif
