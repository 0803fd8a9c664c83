/* Nothing that a client does makes the server's memory grow without bound. */
#include "tests/testlib/server.h"

#include "fakeapi/text_cache.h"

#define MAPS "/api/v1/namespaces/default/configmaps"
#define SECRETS "/api/v1/namespaces/default/secrets"

static void start_small(struct server *server, const struct fakeapi_config *limits)
{
    struct fakeapi_config config = *limits;
    *server = (struct server){0};
    timers_init(&server->timers, SERVER_START_MS);
    buf_init(&server->line, 4u << 20);
    config.timers = &server->timers;
    config.seed = 1;
    server->api = fakeapi_create(&config);
}

/* Creates or changes an object whose text has about so many bytes; gives its version. */
static uint64_t put_large(struct server *server, const char *collection, const char *kind,
                          const char *name, size_t bytes, char fill)
{
    char *data = mem_alloc(bytes + 1);
    memset(data, fill, bytes);
    char *target = str_format("%s/%s", collection, name);
    char *body = str_format("{\"apiVersion\":\"v1\",\"kind\":\"%s\",\"metadata\":{\"name\":\"%s\"},"
                            "\"%s\":{\"a\":\"%s\"}}", kind, name,
                            strcmp(kind, "Secret") == 0 ? "stringData" : "data", data);
    int status = server_send(server, "PUT", target, "application/json", body);
    if (status == 404)
        status = server_send(server, "POST", collection, "application/json", body);
    assert_true(status == 200 || status == 201);
    mem_free(data);
    mem_free(target);
    mem_free(body);
    return server_version(server);
}

/* Whether what has happened since the version is still known. */
static bool history_reaches(struct server *server, const char *collection, uint64_t version)
{
    char *target = str_format("%s?watch=1&resourceVersion=%" PRIu64, collection, version);
    int status = server_get(server, target);
    bool reaches = false;
    if (server->watch != NULL) {
        buf_clear(&server->line);
        reaches = fakeapi_watch_read(server->watch, &server->line) &&
                  !str_contains(buf_str(&server->line), STR("\"type\":\"ERROR\""));
        fakeapi_watch_close(server->watch);
        server->watch = NULL;
    }
    assert_true(status == 200 || status == 410);
    mem_free(target);
    return reaches;
}

static void the_history_is_bounded_by_bytes_over_all_kinds(void **state)
{
    struct server server;
    uint64_t versions[30];
    (void)state;
    start_small(&server, &(struct fakeapi_config){.history_bytes_max = 600000});
    uint64_t secret = put_large(&server, SECRETS, "Secret", "s", 100000, 'a');
    (void)put_large(&server, SECRETS, "Secret", "s", 100000, 'b');
    assert_true(history_reaches(&server, SECRETS, secret));
    for (size_t i = 0; i < ARRAY_COUNT(versions); i++)
        versions[i] = put_large(&server, MAPS, "ConfigMap", "m", 100000, (char)('a' + i % 2));
    /* Five states of 100 kB are kept; older events are gone, of other kinds, too. */
    assert_true(history_reaches(&server, MAPS, versions[26]));
    assert_false(history_reaches(&server, MAPS, versions[10]));
    assert_false(history_reaches(&server, SECRETS, secret));
    /* What is larger than the limit still is told. */
    uint64_t before = put_large(&server, MAPS, "ConfigMap", "m", 1000000, 'x');
    (void)put_large(&server, MAPS, "ConfigMap", "m", 1000000, 'y');
    assert_true(history_reaches(&server, MAPS, before));
    server_stop(&server);
}

#define PROMOTIONS "/apis/config.projectsveltos.io/v1beta1/clusterpromotions"

/* Puts what was answered last with values of so many bytes; gives its version. */
static uint64_t put_promotion(struct server *server, size_t bytes, char fill)
{
    char *data = mem_alloc(bytes + 1);
    memset(data, fill, bytes);
    json_set(json_item(json_at(server->body, "spec.profileSpec.helmCharts"), 0), "values",
             json_text(data));
    char *body = json_print_text(server->body);
    assert_int_equal(server_send(server, "PUT", PROMOTIONS "/p", "application/json", body), 200);
    mem_free(data);
    mem_free(body);
    return server_version(server);
}

static void custom_objects_count_with_what_they_bring(void **state)
{
    static const char promotion[] =
        "{\"apiVersion\":\"config.projectsveltos.io/v1beta1\",\"kind\":\"ClusterPromotion\","
        "\"metadata\":{\"name\":\"p\"},\"spec\":{\"profileSpec\":{\"helmCharts\":[{"
        "\"repositoryURL\":\"https://e.org\",\"repositoryName\":\"r\",\"chartName\":\"c\","
        "\"chartVersion\":\"v1\",\"releaseName\":\"r\",\"releaseNamespace\":\"n\"}]},"
        "\"stages\":[{\"name\":\"s\",\"clusterSelector\":{},"
        "\"trigger\":{\"manual\":{\"approved\":false}}}]}}";
    struct server server;
    uint64_t versions[30];
    (void)state;
    start_small(&server, &(struct fakeapi_config){.history_bytes_max = 600000});
    assert_int_equal(server_send(&server, "POST", PROMOTIONS, "application/json", promotion), 201);
    for (size_t i = 0; i < ARRAY_COUNT(versions); i++)
        versions[i] = put_promotion(&server, 100000, (char)('a' + i % 26));
    assert_true(history_reaches(&server, PROMOTIONS, versions[26]));
    assert_false(history_reaches(&server, PROMOTIONS, versions[10]));
    server_stop(&server);
}

static void the_audit_log_is_bounded_by_bytes(void **state)
{
    struct server server;
    (void)state;
    start_small(&server, &(struct fakeapi_config){.audit_max = 1000});
    for (size_t i = 0; i < 60; i++)
        (void)put_large(&server, MAPS, "ConfigMap", "m", 1000000, (char)('a' + i % 2));
    size_t count = fakeapi_audit_count(server.api);
    assert_null(fakeapi_audit_at(server.api, 0));
    assert_non_null(fakeapi_audit_at(server.api, count - 1));
    assert_non_null(fakeapi_audit_at(server.api, count - 10));
    assert_null(fakeapi_audit_at(server.api, count - 50));
    server_stop(&server);
}

static void the_audit_log_keeps_as_many_as_it_was_told(void **state)
{
    struct server server;
    (void)state;
    start_small(&server, &(struct fakeapi_config){.audit_max = 300});
    for (size_t i = 0; i < 1000; i++)
        (void)server_get(&server, MAPS);
    assert_null(fakeapi_audit_at(server.api, 699));
    assert_non_null(fakeapi_audit_at(server.api, 700));
    assert_int_equal(fakeapi_audit_count(server.api), 1000);
    server_stop(&server);
}

static void add_and_delete(struct server *server, size_t index)
{
    char name[32];
    snprintf(name, sizeof(name), "set-%zu", index);
    (void)server_add_set(server, name, "{}");
    assert_int_equal(server_delete_set(server, name), 200);
}

static void names_that_are_gone_are_forgotten(void **state)
{
    struct server server;
    (void)state;
    start_small(&server, &(struct fakeapi_config){.history_max = 10, .audit_max = 10});
    for (size_t i = 0; i < 6000; i++)
        add_and_delete(&server, i);
    size_t blocks = mem_live_blocks();
    for (size_t i = 6000; i < 12000; i++)
        add_and_delete(&server, i);
    assert_true(mem_live_blocks() < blocks + 3000); /* the pool's contents vary */
    server_stop(&server);
}

static void a_name_that_was_forgotten_gets_another_uid(void **state)
{
    struct server server;
    char first[40];
    (void)state;
    start_small(&server, &(struct fakeapi_config){.history_max = 10, .audit_max = 10});
    (void)server_add_set(&server, "a", "{}");
    snprintf(first, sizeof(first), "%.*s", STR_ARGS(server_text(&server, "metadata.uid")));
    assert_int_equal(server_delete_set(&server, "a"), 200);
    for (size_t i = 0; i < 200; i++)
        add_and_delete(&server, i);
    (void)server_add_set(&server, "a", "{}");
    assert_string_not_equal(json_string_of(json_at(server.body, "metadata.uid")).data, first);
    server_stop(&server);
}

/* The event that kept the name alive is forgotten by the very write that uses it again. */
static void a_name_that_comes_back_as_it_is_forgotten_is_found(void **state)
{
    (void)state;
    for (size_t history_max = 1; history_max < 6; history_max++) {
        struct server server;
        start_small(&server, &(struct fakeapi_config){.history_max = history_max});
        for (size_t others = 0; others < 6; others++) {
            (void)server_add_set(&server, "a", "{}");
            assert_int_equal(server_delete_set(&server, "a"), 200);
            for (size_t i = 0; i < others; i++) {
                char name[32];
                snprintf(name, sizeof(name), "other-%zu-%zu", others, i);
                (void)server_add_set(&server, name, "{}");
            }
            (void)server_add_set(&server, "a", "{}");
            assert_int_equal(server_get(&server, SETS "/a"), 200);
            assert_int_equal(server_delete_set(&server, "a"), 200);
            assert_int_equal(server_get(&server, SETS "/a"), 404);
        }
        server_stop(&server);
    }
}

/* The server's answer to a name that is to be generated. */
static void add_generated(struct server *server, size_t prefix, char ret_name[64])
{
    char *body = str_format("{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{"
                            "\"generateName\":\"p%zu-\"}}", prefix);
    assert_int_equal(server_send(server, "POST", MAPS, "application/json", body), 201);
    snprintf(ret_name, 64, "%.*s", STR_ARGS(server_text(server, "metadata.name")));
    mem_free(body);
    char *target = str_format(MAPS "/%s", ret_name);
    assert_int_equal(server_send(server, "DELETE", target, NULL, NULL), 200);
    mem_free(target);
}

static void prefixes_of_generated_names_are_forgotten_but_names_do_not_return(void **state)
{
    struct server server;
    char first[64];
    char name[64];
    (void)state;
    start_small(&server, &(struct fakeapi_config){.history_max = 10, .audit_max = 10});
    add_generated(&server, 0, first);
    for (size_t i = 1; i < 4000; i++)
        add_generated(&server, i, name);
    size_t blocks = mem_live_blocks();
    for (size_t i = 4000; i < 8000; i++)
        add_generated(&server, i, name);
    assert_true(mem_live_blocks() < blocks + 4000);
    add_generated(&server, 0, name);
    assert_string_not_equal(name, first);
    server_stop(&server);
}

static void texts_give_way_to_those_that_were_used_later(void **state)
{
    enum { COUNT = 40 };
    struct text_cache cache = {0};
    struct cached_text *texts[COUNT] = {NULL};
    struct json *object = json_object();
    char *data = mem_alloc(1000001);
    (void)state;
    memset(data, 'x', 1000000);
    json_set(object, "a", json_text(data));
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(text_cache_get(&cache, object, NULL, &texts[i]).len, 1000000 + 8);
        (void)text_cache_get(&cache, object, NULL, &texts[0]); /* used all the time */
        assert_true(cache.bytes <= TEXT_CACHE_BYTES_MAX);
    }
    assert_non_null(texts[0]);
    assert_null(texts[1]);
    assert_null(texts[COUNT - 17]);
    assert_non_null(texts[COUNT - 10]);
    cached_text_free(texts[COUNT - 1]);
    assert_null(texts[COUNT - 1]);
    text_cache_clear(&cache);
    assert_int_equal(cache.bytes, 0);
    json_free(object);
    mem_free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_history_is_bounded_by_bytes_over_all_kinds),
        cmocka_unit_test(custom_objects_count_with_what_they_bring),
        cmocka_unit_test(the_audit_log_is_bounded_by_bytes),
        cmocka_unit_test(the_audit_log_keeps_as_many_as_it_was_told),
        cmocka_unit_test(names_that_are_gone_are_forgotten),
        cmocka_unit_test(a_name_that_was_forgotten_gets_another_uid),
        cmocka_unit_test(a_name_that_comes_back_as_it_is_forgotten_is_found),
        cmocka_unit_test(prefixes_of_generated_names_are_forgotten_but_names_do_not_return),
        cmocka_unit_test(texts_give_way_to_those_that_were_used_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
