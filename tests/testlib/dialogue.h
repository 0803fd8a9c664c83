/*
 * The controller alone, talked to by hand: a transport that keeps every request until the test
 * answers it, with whatever a server, a proxy or a broken line may say. Requests are found by a
 * part of "METHOD TARGET".
 */
#ifndef PROMOTER_TESTS_TESTLIB_DIALOGUE_H
#define PROMOTER_TESTS_TESTLIB_DIALOGUE_H

#include "controller/base/mem.h"
#include "controller/core/controller_state.h"
#include "controller/core/names.h"
#include "tests/testlib/test.h"

#define DIALOGUE_ASKED_MAX 256
#define DIALOGUE_START_MS INT64_C(1767225600000) /* 2026-01-01T00:00:00Z */

/* A request without answer; a zeroed one is a free place. */
struct asked {
    uint64_t id;
    char *line; /* owned: "METHOD TARGET" */
    char *body; /* owned */
    bool begun; /* its answer, a watch's */
};

struct dialogue {
    struct kube_transport transport;
    struct controller *controller;
    struct asked asked[DIALOGUE_ASKED_MAX];
    size_t submitted;
    bool refusing; /* the transport accepts nothing */
    bool silent;   /* the server does not begin to answer watches */
    struct ktime now;
};

static inline enum err dialogue_submit(void *ctx, uint64_t id, const struct kube_request *request)
{
    struct dialogue *dialogue = ctx;
    if (dialogue->refusing)
        return ERR_UNREACHABLE;
    for (size_t i = 0; i < DIALOGUE_ASKED_MAX; i++) {
        if (dialogue->asked[i].line != NULL)
            continue;
        dialogue->asked[i] = (struct asked){
            id, str_format("%s %.*s", request->method, STR_ARGS(request->target)),
            str_dup(str_is_empty(request->body) ? STR("") : request->body), false};
        dialogue->submitted++;
        return ERR_NONE;
    }
    return ERR_LIMIT;
}

static inline void asked_release(struct asked *asked)
{
    mem_free(asked->line);
    mem_free(asked->body);
    *asked = (struct asked){0};
}

static inline void dialogue_cancel(void *ctx, uint64_t id)
{
    struct dialogue *dialogue = ctx;
    for (size_t i = 0; i < DIALOGUE_ASKED_MAX; i++) {
        if (dialogue->asked[i].line != NULL && dialogue->asked[i].id == id)
            asked_release(&dialogue->asked[i]);
    }
}

/* The oldest request like this; NULL: there is none. */
static inline struct asked *dialogue_find(struct dialogue *dialogue, const char *part)
{
    struct asked *found = NULL;
    for (size_t i = 0; i < DIALOGUE_ASKED_MAX; i++) {
        struct asked *asked = &dialogue->asked[i];
        if (asked->line != NULL && str_contains(str_from(asked->line), str_from(part)) &&
            (found == NULL || asked->id < found->id))
            found = asked;
    }
    return found;
}

static inline struct asked *dialogue_await(struct dialogue *dialogue, const char *part)
{
    struct asked *found = dialogue_find(dialogue, part);
    if (found == NULL)
        fail_msg("found no request like \"%s\"", part);
    return found;
}

static inline void begin_watches(struct dialogue *dialogue)
{
    struct kube_response_head head = {200, -1};
    for (size_t i = 0; i < DIALOGUE_ASKED_MAX && !dialogue->silent; i++) {
        struct asked *asked = &dialogue->asked[i];
        if (asked->begun || !str_contains(str_from(asked->line), STR("watch=true")))
            continue;
        asked->begun = true;
        controller_on_head(dialogue->controller, asked->id, &head, dialogue->now);
    }
}

static inline void dialogue_step(struct dialogue *dialogue)
{
    while (controller_step(dialogue->controller, dialogue->now, 100) > 0)
        continue;
    begin_watches(dialogue);
}

static inline void dialogue_pass(struct dialogue *dialogue, int64_t ms)
{
    dialogue->now.mono_ms += ms;
    dialogue->now.wall_ms += ms;
    dialogue_step(dialogue);
}

/* Ends a request that got no answer, or got a whole one. */
static inline void dialogue_end(struct dialogue *dialogue, const char *part, enum err result)
{
    struct asked *asked = dialogue_await(dialogue, part);
    uint64_t id = asked->id;
    asked_release(asked);
    controller_on_end(dialogue->controller, id, result, dialogue->now);
    dialogue_step(dialogue);
}

static inline void dialogue_answer_asking(struct dialogue *dialogue, const char *part, int status,
                                          int64_t retry_after_s, struct str body)
{
    struct kube_response_head head = {status, retry_after_s};
    uint64_t id = dialogue_await(dialogue, part)->id;
    controller_on_head(dialogue->controller, id, &head, dialogue->now);
    controller_on_body(dialogue->controller, id, body, dialogue->now);
    dialogue_end(dialogue, part, ERR_NONE);
}

static inline void dialogue_answer(struct dialogue *dialogue, const char *part, int status,
                                   const char *body)
{
    dialogue_answer_asking(dialogue, part, status, -1, str_from(body));
}

/* A line on the watch of a resource: "clusterpromotions", ... */
static inline void dialogue_event(struct dialogue *dialogue, const char *plural, const char *type,
                                  const char *object)
{
    char *part = str_format("/%s?watch=true", plural);
    char *line = str_format("{\"type\":\"%s\",\"object\":%s}\n", type, object);
    uint64_t id = dialogue_await(dialogue, part)->id;
    controller_on_body(dialogue->controller, id, str_from(line), dialogue->now);
    mem_free(part);
    mem_free(line);
    dialogue_step(dialogue);
}

#define DIALOGUE_LIST(items) "{\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[" items "]}"

/* Lists are answered: these promotions, and nothing else. */
static inline void dialogue_init(struct dialogue *dialogue, const char *promotions)
{
    static const char *const others[] = {"/clusterprofiles?", "/clustersummaries?",
                                         "/sveltosclusters?", "/clusters?"};
    *dialogue = (struct dialogue){
        .transport = {dialogue, dialogue_submit, dialogue_cancel},
        .now = {0, DIALOGUE_START_MS},
    };
    struct controller_config config = {.seed = 1};
    dialogue->controller = controller_create(&config, &dialogue->transport, NULL);
    controller_start(dialogue->controller, dialogue->now);
    for (size_t i = 0; i < ARRAY_COUNT(others); i++)
        dialogue_answer(dialogue, others[i], 200, DIALOGUE_LIST(""));
    char *list = str_format(DIALOGUE_LIST("%s"), promotions);
    dialogue_answer(dialogue, "/clusterpromotions?", 200, list);
    mem_free(list);
}

static inline void dialogue_release(struct dialogue *dialogue)
{
    controller_free(dialogue->controller);
    for (size_t i = 0; i < DIALOGUE_ASKED_MAX; i++)
        assert_null(dialogue->asked[i].line); /* cancelled, all of them */
}

#endif
