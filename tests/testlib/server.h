/*
 * A fake API on virtual time and short ways to talk to it, for the tests of its rooms.
 */
#ifndef PROMOTER_TESTS_TESTLIB_SERVER_H
#define PROMOTER_TESTS_TESTLIB_SERVER_H

#include "controller/base/mem.h"
#include "fakeapi/fakeapi.h"
#include "tests/testlib/test.h"

#define SETS "/apis/lib.projectsveltos.io/v1beta1/clustersets"
#define CLUSTERS "/apis/lib.projectsveltos.io/v1beta1/namespaces/default/sveltosclusters"
#define ALL_CLUSTERS "/apis/lib.projectsveltos.io/v1beta1/sveltosclusters"
#define MERGE "application/merge-patch+json"
#define JSON_PATCH "application/json-patch+json"
#define APPLY "application/apply-patch+yaml"
#define SERVER_START_MS INT64_C(1767225600000) /* 2026-01-01T00:00:00Z */

struct server {
    struct timers timers;
    struct fakeapi *api;
    struct json *body;           /* of the last answer; NULL for a stream */
    struct fakeapi_watch *watch; /* of the last answer; the test closes it */
    struct json *warnings;
    struct buf line; /* of the last read of a watch */
};

static inline void server_start(struct server *server, uint64_t seed, size_t history_max)
{
    *server = (struct server){0};
    timers_init(&server->timers, SERVER_START_MS);
    buf_init(&server->line, 1u << 20);
    server->api = fakeapi_create(&(struct fakeapi_config){
        .timers = &server->timers, .seed = seed, .history_max = history_max});
}

static inline void server_stop(struct server *server)
{
    json_free(server->body);
    json_free(server->warnings);
    fakeapi_free(server->api);
    buf_release(&server->line);
    timers_release(&server->timers);
}

/* Sends a request; the answer's parts are kept until the next one. */
static inline int server_send(struct server *server, const char *method, const char *target,
                              const char *content_type, const char *body)
{
    struct fakeapi_response response;
    struct fakeapi_request request = {
        .method = method,
        .target = str_from(target),
        .content_type = str_from(content_type),
        .user_agent = STR("tester/1.0"),
        .body = str_from(body),
    };
    fakeapi_handle(server->api, &request, &response);
    json_free(server->body);
    json_free(server->warnings);
    server->body = NULL;
    server->watch = response.watch;
    server->warnings = response.warnings;
    response.watch = NULL;
    response.warnings = NULL;
    if (response.body.len > 0 &&
        json_parse(buf_str(&response.body), NULL, &server->body, NULL) != ERR_NONE)
        server->body = json_string(buf_str(&response.body));
    int status = response.status;
    fakeapi_response_release(&response);
    return status;
}

static inline int server_get(struct server *server, const char *target)
{
    return server_send(server, "GET", target, NULL, NULL);
}

static inline struct str server_text(const struct server *server, const char *path)
{
    return json_text_at(server->body, path);
}

static inline uint64_t server_version(const struct server *server)
{
    uint64_t version = 0;
    (void)str_to_u64(server_text(server, "metadata.resourceVersion"), &version);
    return version;
}

/* Creates a ClusterSet with these labels ({} for none) and gives its version. */
static inline uint64_t server_add_set(struct server *server, const char *name, const char *labels)
{
    char body[512];
    (void)snprintf(body, sizeof(body),
                   "{\"apiVersion\":\"lib.projectsveltos.io/v1beta1\",\"kind\":\"ClusterSet\","
                   "\"metadata\":{\"name\":\"%s\",\"labels\":%s},\"spec\":{\"maxReplicas\":1}}",
                   name, labels);
    assert_int_equal(server_send(server, "POST", SETS, "application/json", body), 201);
    return server_version(server);
}

static inline int server_patch_set(struct server *server, const char *name, const char *patch)
{
    char target[256];
    (void)snprintf(target, sizeof(target), SETS "/%s", name);
    return server_send(server, "PATCH", target, MERGE, patch);
}

static inline int server_delete_set(struct server *server, const char *name)
{
    char target[256];
    (void)snprintf(target, sizeof(target), SETS "/%s", name);
    return server_send(server, "DELETE", target, NULL, NULL);
}

/* Opens a watch; the test closes it. */
static inline struct fakeapi_watch *server_watch(struct server *server, const char *target)
{
    assert_int_equal(server_get(server, target), 200);
    assert_non_null(server->watch);
    return server->watch;
}

/* The next event as "TYPE NAME maxReplicas@resourceVersion", or "-" when there is none. */
static inline const char *server_event(struct server *server, struct fakeapi_watch *watch,
                                       char space[256])
{
    buf_clear(&server->line);
    if (!fakeapi_watch_read(watch, &server->line))
        return "-";
    struct json *event = NULL;
    struct str text = buf_str(&server->line);
    assert_true(text.len > 0 && text.data[text.len - 1] == '\n');
    assert_err(json_parse(text, NULL, &event, NULL), ERR_NONE);
    int64_t replicas = 0;
    (void)json_int_of(json_at(event, "object.spec.maxReplicas"), &replicas);
    (void)snprintf(space, 256, "%.*s %.*s %" PRId64 "@%.*s", STR_ARGS(json_text_at(event, "type")),
                   STR_ARGS(json_text_at(event, "object.metadata.name")), replicas,
                   STR_ARGS(json_text_at(event, "object.metadata.resourceVersion")));
    json_free(event);
    return space;
}

#endif
