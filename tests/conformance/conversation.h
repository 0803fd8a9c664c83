/*
 * A recorded conversation and its replay against the fake API in this process.
 *
 * A conversation is a JSON object {name, strict?, ordered?, steps, cleanup?}; a step is a request
 * {id, method, path, headers?, body? | raw?, ...}, a part of a watch {watch: open|collect|end,
 * name, ...} or {sleep: SECONDS}, and holds in `expect` what a real server answered, with
 * everything that varies replaced by a placeholder. Time is virtual: sleeping and waiting move it.
 */
#ifndef PROMOTER_TESTS_CONFORMANCE_CONVERSATION_H
#define PROMOTER_TESTS_CONFORMANCE_CONVERSATION_H

#include "tests/conformance/normalise.h"

/* How a conversation went. */
struct conversation_result {
    unsigned compared;        /* steps with an expectation */
    unsigned held;            /* those that were answered as expected */
    struct json *differences; /* owned: [{id, lines: [text]}] of the others */
};

/* How the requests reach the server. */
enum conversation_way {
    CONVERSATION_BY_CALL,
    CONVERSATION_BY_HTTP,
    CONVERSATION_BY_HTTPS,
};

struct conversation_config {
    const struct normaliser *normaliser; /* borrowed */
    enum conversation_way way;
    const char *tls_folder; /* for HTTPS: wire.h */
};

/* Replays on a fresh server. `conversation` is borrowed. */
void conversation_replay(struct json *conversation, const struct conversation_config *config,
                         struct conversation_result *ret_result);
void conversation_result_release(struct conversation_result *result);

#endif
