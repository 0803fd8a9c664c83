/* What a server that lags would have said: lists and objects with their newest changes taken
 * back, and nothing else. */
#include "scenarios/engine/transport_rooms.h"

#include "controller/base/mem.h"
#include "tests/testlib/test.h"

#define CLUSTERS "/apis/lib.projectsveltos.io/v1beta1/namespaces/default/sveltosclusters"
#define PROFILES "/apis/config.projectsveltos.io/v1beta1/clusterprofiles"
#define START_MS INT64_C(1767225600000)

struct server {
    struct timers timers;
    struct fakeapi *api;
};

static int ask(struct server *server, const char *method, const char *target, const char *type,
               const char *body, struct fakeapi_response *ret_response)
{
    struct fakeapi_request request = {.method = method,
                                      .target = str_from(target),
                                      .content_type = str_from(type),
                                      .user_agent = STR("test"),
                                      .body = str_from(body)};
    fakeapi_handle(server->api, &request, ret_response);
    return ret_response->status;
}

static void change(struct server *server, const char *method, const char *target,
                   const char *type, const char *body)
{
    struct fakeapi_response response;
    int status = ask(server, method, target, type, body, &response);
    assert_true(status == 200 || status == 201);
    fakeapi_response_release(&response);
}

static void create(struct server *server, const char *name)
{
    char *body = str_format("{\"apiVersion\":\"lib.projectsveltos.io/v1beta1\","
                            "\"kind\":\"SveltosCluster\",\"metadata\":{\"name\":\"%s\"}}",
                            name);
    change(server, "POST", CLUSTERS, "application/json", body);
    mem_free(body);
}

/* In the order of the audit log: a is made, b is made, a is labelled, a profile is made, b goes,
 * c is made. */
static void server_init(struct server *server)
{
    timers_init(&server->timers, START_MS);
    struct fakeapi_config config = {.timers = &server->timers, .seed = 1};
    server->api = fakeapi_create(&config);
    create(server, "a");
    create(server, "b");
    change(server, "PATCH", CLUSTERS "/a", "application/merge-patch+json",
           "{\"metadata\":{\"labels\":{\"env\":\"x\"}}}");
    change(server, "POST", PROFILES, "application/json",
           "{\"apiVersion\":\"config.projectsveltos.io/v1beta1\",\"kind\":\"ClusterProfile\","
           "\"metadata\":{\"name\":\"p\"}}");
    change(server, "DELETE", CLUSTERS "/b", NULL, NULL);
    create(server, "c");
}

static void server_release(struct server *server)
{
    fakeapi_free(server->api);
    timers_release(&server->timers);
}

/* "a+ b": the names in the answer, with a plus where there is a label. */
static void print_names(const struct json *list, char *ret_text, size_t size)
{
    size_t len = 0;
    ret_text[0] = '\0';
    JSON_EACH(item, json_get(list, "items"))
    {
        bool labelled = json_at(item, "metadata.labels") != NULL;
        len += (size_t)snprintf(ret_text + len, size - len, "%s%.*s%s", len > 0 ? " " : "",
                                STR_ARGS(json_text_at(item, "metadata.name")),
                                labelled ? "+" : "");
    }
}

static void a_list_is_as_old_as_it_is_told_to_be(void **state)
{
    static const struct {
        unsigned events;
        const char *names;
        size_t index; /* of the oldest change that is missing */
    } rows[] = {
        {1, "a+", 5}, {2, "a+ b", 4}, {3, "b a", 2}, {4, "a", 1}, {5, "", 0}, {100, "", 0},
    };
    struct server server;
    (void)state;
    server_init(&server);
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct fakeapi_response response;
        struct json *list = NULL;
        char names[64];
        uint64_t version = 0;
        assert_int_equal(ask(&server, "GET", CLUSTERS, NULL, NULL, &response), 200);
        size_t index = stale_read(server.api, rows[i].events, STR(CLUSTERS), &response);
        assert_err(json_parse(buf_str(&response.body), NULL, &list, NULL), ERR_NONE);
        print_names(list, names, sizeof(names));
        assert_string_equal(names, rows[i].names);
        assert_int_equal(index, rows[i].index);
        assert_true(str_to_u64(json_text_at(list, "metadata.resourceVersion"), &version));
        assert_int_equal(version, fakeapi_audit_at(server.api, index)->resource_version - 1);
        json_free(list);
        fakeapi_response_release(&response);
    }
    server_release(&server);
}

/* Somebody who watches from there gets all that is missing, once. */
static void a_watch_from_a_stale_list_brings_what_is_missing(void **state)
{
    struct server server;
    struct fakeapi_response list;
    struct fakeapi_response watch;
    struct json *body = NULL;
    struct buf events;
    (void)state;
    server_init(&server);
    buf_init(&events, 1u << 20);
    assert_int_equal(ask(&server, "GET", CLUSTERS, NULL, NULL, &list), 200);
    (void)stale_read(server.api, 2, STR(CLUSTERS), &list);
    assert_err(json_parse(buf_str(&list.body), NULL, &body, NULL), ERR_NONE);
    char *target = str_format(CLUSTERS "?watch=true&resourceVersion=%.*s",
                              STR_ARGS(json_text_at(body, "metadata.resourceVersion")));
    assert_int_equal(ask(&server, "GET", target, NULL, NULL, &watch), 200);
    while (fakeapi_watch_read(watch.watch, &events))
        ;
    assert_true(str_contains(buf_str(&events), STR("\"type\":\"DELETED\"")));
    assert_true(str_contains(buf_str(&events), STR("\"type\":\"ADDED\"")));
    assert_false(str_contains(buf_str(&events), STR("\"type\":\"MODIFIED\"")));
    fakeapi_watch_close(watch.watch);
    watch.watch = NULL;
    fakeapi_response_release(&watch);
    fakeapi_response_release(&list);
    json_free(body);
    mem_free(target);
    buf_release(&events);
    server_release(&server);
}

static void an_object_is_as_it_was_before(void **state)
{
    static const struct {
        const char *name;
        unsigned events;
        bool labelled;
        size_t index; /* SIZE_MAX: the log's end, nothing is missing */
    } rows[] = {
        {"a", 2, true, SIZE_MAX},  /* it has not changed since */
        {"a", 3, false, 2},        /* before its label */
        {"a", 4, false, 1},
        {"c", 3, false, SIZE_MAX}, /* it was not there: an answer of 404 is not made up */
    };
    struct server server;
    (void)state;
    server_init(&server);
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct fakeapi_response response;
        struct json *object = NULL;
        char *target = str_format(CLUSTERS "/%s", rows[i].name);
        assert_int_equal(ask(&server, "GET", target, NULL, NULL, &response), 200);
        size_t index = rows[i].index;
        if (index == SIZE_MAX)
            index = fakeapi_audit_count(server.api);
        assert_int_equal(stale_read(server.api, rows[i].events, str_from(target), &response),
                         index);
        assert_err(json_parse(buf_str(&response.body), NULL, &object, NULL), ERR_NONE);
        assert_str(json_text_at(object, "metadata.name"), rows[i].name);
        assert_int_equal(json_at(object, "metadata.labels") != NULL, rows[i].labelled);
        json_free(object);
        mem_free(target);
        fakeapi_response_release(&response);
    }
    server_release(&server);
}

/* Chunks, errors, streams, and what nobody watches. */
static void what_cannot_be_put_back_stays(void **state)
{
    static const struct {
        const char *target;
        int status;
    } rows[] = {
        {CLUSTERS "?limit=1", 200},
        {CLUSTERS "/nobody", 404},
        {"/api/v1/namespaces", 200},
        {PROFILES "?watch=true", 200},
    };
    struct server server;
    (void)state;
    server_init(&server);
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct fakeapi_response response;
        assert_int_equal(ask(&server, "GET", rows[i].target, NULL, NULL, &response),
                         rows[i].status);
        char *before = str_dup(buf_str(&response.body));
        assert_int_equal(stale_read(server.api, 1, str_from(rows[i].target), &response),
                         fakeapi_audit_count(server.api));
        assert_str(buf_str(&response.body), before != NULL ? before : "");
        mem_free(before);
        fakeapi_watch_close(response.watch);
        response.watch = NULL;
        fakeapi_response_release(&response);
    }
    server_release(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_is_as_old_as_it_is_told_to_be),
        cmocka_unit_test(a_watch_from_a_stale_list_brings_what_is_missing),
        cmocka_unit_test(an_object_is_as_it_was_before),
        cmocka_unit_test(what_cannot_be_put_back_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
