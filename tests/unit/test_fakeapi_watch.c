#include "tests/testlib/server.h"

static const char *event_text(char space[64], const char *type, const char *name, int replicas,
                              uint64_t version)
{
    (void)snprintf(space, 64, "%s %s %d@%" PRIu64, type, name, replicas, version);
    return space;
}

#define assert_event(server, watch, type, name, replicas, version)                              \
    do {                                                                                        \
        char got_[256];                                                                         \
        char want_[64];                                                                         \
        assert_string_equal(server_event(server, watch, got_),                                  \
                            event_text(want_, type, name, replicas, version));                  \
    } while (0)
#define assert_no_event(server, watch)                                                          \
    do {                                                                                        \
        char got_[256];                                                                         \
        assert_string_equal(server_event(server, watch, got_), "-");                            \
    } while (0)

static void count_call(void *ctx)
{
    (*(unsigned *)ctx)++;
}

static char *watch_target(const char *parameters, uint64_t version)
{
    return str_format(SETS "?watch=1&resourceVersion=%" PRIu64 "%s", version, parameters);
}

static struct fakeapi_watch *watch_from(struct server *server, const char *parameters,
                                        uint64_t version)
{
    char *target = watch_target(parameters, version);
    struct fakeapi_watch *watch = server_watch(server, target);
    mem_free(target);
    return watch;
}

static void watch_starts_with_what_is_there_when_no_version_is_given(void **state)
{
    (void)state;
    struct server server;
    server_start(&server, 1, 0);
    uint64_t b = server_add_set(&server, "b", "{}");
    uint64_t a = server_add_set(&server, "a", "{}");
    struct fakeapi_watch *watch = server_watch(&server, SETS "?watch=true");
    uint64_t c = server_add_set(&server, "c", "{}");
    assert_event(&server, watch, "ADDED", "a", 1, a);
    assert_event(&server, watch, "ADDED", "b", 1, b);
    assert_event(&server, watch, "ADDED", "c", 1, c);
    assert_no_event(&server, watch);
    fakeapi_watch_close(watch);
    server_stop(&server);
}

static void watch_from_a_version_misses_and_repeats_nothing(void **state)
{
    (void)state;
    struct server server;
    server_start(&server, 1, 0);
    uint64_t a = server_add_set(&server, "a", "{}");
    assert_int_equal(server_patch_set(&server, "a", "{\"spec\":{\"maxReplicas\":2}}"), 200);
    uint64_t changed = server_version(&server);
    struct fakeapi_watch *watch = watch_from(&server, "", a);
    assert_int_equal(server_patch_set(&server, "a", "{\"spec\":{\"maxReplicas\":2}}"), 200);
    assert_int_equal(server_delete_set(&server, "a"), 200);
    assert_event(&server, watch, "MODIFIED", "a", 2, changed);
    assert_event(&server, watch, "DELETED", "a", 2, fakeapi_resource_version(server.api));
    assert_no_event(&server, watch);
    fakeapi_watch_close(watch);
    server_stop(&server);
}

/* Recorded in watch/06: leaving a selection shows the old object under the new version. */
static void watch_with_a_selector_sees_objects_come_and_go(void **state)
{
    (void)state;
    struct server server;
    server_start(&server, 1, 0);
    uint64_t a = server_add_set(&server, "a", "{}");
    struct fakeapi_watch *watch = watch_from(&server, "&labelSelector=k%3Dv", a);
    (void)server_patch_set(&server, "a", "{\"metadata\":{\"labels\":{\"k\":\"v\"}}}");
    uint64_t enters = server_version(&server);
    (void)server_patch_set(&server, "a",
                           "{\"metadata\":{\"labels\":null},\"spec\":{\"maxReplicas\":5}}");
    uint64_t leaves = server_version(&server);
    (void)server_patch_set(&server, "a", "{\"spec\":{\"maxReplicas\":6}}");
    assert_event(&server, watch, "ADDED", "a", 1, enters);
    assert_event(&server, watch, "DELETED", "a", 1, leaves);
    assert_no_event(&server, watch);
    fakeapi_watch_close(watch);
    server_stop(&server);
}

static void watch_tells_once_per_edge_and_only_what_it_shows(void **state)
{
    (void)state;
    struct server server;
    server_start(&server, 1, 0);
    unsigned calls = 0;
    uint64_t a = server_add_set(&server, "a", "{}");
    struct fakeapi_watch *watch = watch_from(&server, "&labelSelector=k", a);
    fakeapi_watch_notify(watch, count_call, &calls);
    (void)server_add_set(&server, "unread", "{\"k\":\"v\"}");
    assert_int_equal(calls, 0); /* no read has found nothing yet */
    char space[256];
    (void)server_event(&server, watch, space);
    assert_no_event(&server, watch);
    (void)server_add_set(&server, "outside", "{}");
    assert_int_equal(calls, 0);
    (void)server_add_set(&server, "inside", "{\"k\":\"v\"}");
    (void)server_add_set(&server, "another", "{\"k\":\"v\"}");
    assert_int_equal(calls, 1);
    (void)server_event(&server, watch, space);
    (void)server_event(&server, watch, space);
    assert_no_event(&server, watch);
    (void)server_delete_set(&server, "inside");
    assert_int_equal(calls, 2);
    fakeapi_watch_close(watch);
    server_stop(&server);
}

static void assert_expired(struct server *server, struct fakeapi_watch *watch)
{
    buf_clear(&server->line);
    assert_true(fakeapi_watch_read(watch, &server->line));
    struct json *event = NULL;
    assert_err(json_parse(buf_str(&server->line), NULL, &event, NULL), ERR_NONE);
    assert_str(json_text_at(event, "type"), "ERROR");
    assert_str(json_text_at(event, "object.reason"), "Expired");
    int64_t code = 0;
    assert_true(json_int_of(json_at(event, "object.code"), &code));
    assert_int_equal(code, 410);
    json_free(event);
    assert_no_event(server, watch);
    assert_true(fakeapi_watch_ended(watch));
}

static void watch_from_before_a_compaction_is_answered_410_as_an_event(void **state)
{
    (void)state;
    struct server server;
    server_start(&server, 1, 0);
    uint64_t a = server_add_set(&server, "a", "{}");
    (void)server_add_set(&server, "b", "{}");
    fakeapi_compact(server.api);
    struct fakeapi_watch *watch = watch_from(&server, "", a);
    assert_expired(&server, watch);
    fakeapi_watch_close(watch);
    watch = watch_from(&server, "", fakeapi_resource_version(server.api));
    assert_no_event(&server, watch);
    assert_false(fakeapi_watch_ended(watch));
    fakeapi_watch_close(watch);
    server_stop(&server);
}

static void watch_that_reads_too_slowly_is_ended_with_410(void **state)
{
    (void)state;
    struct server server;
    server_start(&server, 1, 4);
    uint64_t a = server_add_set(&server, "a", "{}");
    struct fakeapi_watch *watch = watch_from(&server, "", a);
    for (int i = 0; i < 6; i++) {
        char patch[64];
        (void)snprintf(patch, sizeof(patch), "{\"spec\":{\"maxReplicas\":%d}}", 10 + i);
        assert_int_equal(server_patch_set(&server, "a", patch), 200);
    }
    assert_expired(&server, watch);
    fakeapi_watch_close(watch);
    server_stop(&server);
}

static void watch_ends_after_its_timeout_and_keeps_what_came_before(void **state)
{
    (void)state;
    struct server server;
    server_start(&server, 1, 0);
    unsigned calls = 0;
    uint64_t a = server_add_set(&server, "a", "{}");
    struct fakeapi_watch *watch = watch_from(&server, "&timeoutSeconds=7", a);
    fakeapi_watch_notify(watch, count_call, &calls);
    assert_no_event(&server, watch);
    assert_int_equal(timers_next_ms(&server.timers), SERVER_START_MS + 7000);
    uint64_t b = server_add_set(&server, "b", "{}");
    assert_true(timers_run_next(&server.timers));
    assert_false(fakeapi_watch_ended(watch));
    (void)server_add_set(&server, "late", "{}");
    assert_event(&server, watch, "ADDED", "b", 1, b);
    assert_no_event(&server, watch);
    assert_true(fakeapi_watch_ended(watch));
    assert_int_equal(calls, 1);
    fakeapi_watch_close(watch);
    assert_int_equal(timers_next_ms(&server.timers), KTIME_NEVER);
    server_stop(&server);
}

static int64_t default_length_ms(uint64_t seed)
{
    struct server server;
    server_start(&server, seed, 0);
    struct fakeapi_watch *watch = server_watch(&server, SETS "?watch=1");
    int64_t length_ms = timers_next_ms(&server.timers) - SERVER_START_MS;
    fakeapi_watch_close(watch);
    server_stop(&server);
    return length_ms;
}

static void watch_without_a_timeout_lasts_a_seeded_half_to_full_hour(void **state)
{
    (void)state;
    bool differs = false;
    int64_t first_ms = default_length_ms(1);
    for (uint64_t seed = 1; seed < 20; seed++) {
        int64_t length_ms = default_length_ms(seed);
        assert_in_range(length_ms, 1800000, 3600000);
        assert_int_equal(length_ms, default_length_ms(seed));
        differs = differs || length_ms != first_ms;
    }
    assert_true(differs);
}

static void bookmark_comes_a_minute_after_a_write_anywhere_and_never_in_idle_time(void **state)
{
    (void)state;
    struct server server;
    server_start(&server, 1, 0);
    uint64_t a = server_add_set(&server, "a", "{}");
    struct fakeapi_watch *watch =
        watch_from(&server, "&allowWatchBookmarks=true&timeoutSeconds=86400", a);
    assert_no_event(&server, watch);
    assert_int_equal(timers_next_ms(&server.timers), SERVER_START_MS + 86400000);
    assert_int_equal(server_send(&server, "POST", CLUSTERS, "application/json",
                                 "{\"apiVersion\":\"lib.projectsveltos.io/v1beta1\","
                                 "\"kind\":\"SveltosCluster\",\"metadata\":{\"name\":\"x\"}}"),
                     201);
    assert_no_event(&server, watch);
    assert_int_equal(timers_next_ms(&server.timers), SERVER_START_MS + 60000);
    assert_true(timers_run_next(&server.timers));
    assert_event(&server, watch, "BOOKMARK", "", 0, fakeapi_resource_version(server.api));
    assert_no_event(&server, watch);
    assert_int_equal(timers_next_ms(&server.timers), SERVER_START_MS + 86400000);
    fakeapi_watch_close(watch);
    server_stop(&server);
}

static void bookmark_comes_after_events_too_and_not_twice_for_one_version(void **state)
{
    (void)state;
    struct server server;
    server_start(&server, 1, 0);
    uint64_t a = server_add_set(&server, "a", "{}");
    struct fakeapi_watch *watch = watch_from(&server, "&allowWatchBookmarks=1", a);
    assert_no_event(&server, watch);
    uint64_t b = server_add_set(&server, "b", "{}");
    assert_event(&server, watch, "ADDED", "b", 1, b);
    assert_true(timers_run_next(&server.timers));
    assert_event(&server, watch, "BOOKMARK", "", 0, b);
    assert_no_event(&server, watch);
    fakeapi_watch_close(watch);
    server_stop(&server);
}

static void initial_events_end_with_a_marked_bookmark(void **state)
{
    (void)state;
    struct server server;
    server_start(&server, 1, 0);
    uint64_t a = server_add_set(&server, "a", "{}");
    struct fakeapi_watch *watch = server_watch(
        &server, SETS "?watch=1&sendInitialEvents=true&allowWatchBookmarks=true"
                      "&resourceVersionMatch=NotOlderThan");
    assert_event(&server, watch, "ADDED", "a", 1, a);
    assert_event(&server, watch, "BOOKMARK", "", 0, a);
    assert_true(str_contains(buf_str(&server.line),
                             STR("\"k8s.io/initial-events-end\":\"true\"")));
    assert_no_event(&server, watch);
    fakeapi_watch_close(watch);
    server_stop(&server);
}

static void watch_outlives_its_server_as_ended(void **state)
{
    (void)state;
    struct server server;
    server_start(&server, 1, 0);
    (void)server_add_set(&server, "a", "{}");
    struct fakeapi_watch *open = server_watch(&server, SETS "?watch=1&timeoutSeconds=1");
    struct fakeapi_watch *over = server_watch(&server, SETS "?watch=1&timeoutSeconds=1");
    while (timers_run_next(&server.timers))
        ;
    server_stop(&server);
    struct buf line;
    buf_init(&line, 1000);
    assert_true(fakeapi_watch_ended(open));
    assert_false(fakeapi_watch_read(open, &line));
    fakeapi_watch_close(open);
    fakeapi_watch_close(over);
    fakeapi_watch_close(NULL);
    buf_release(&line);
}

/* Recorded in watch/18: all objects leave, then the stream ends without an error. */
static void deleting_a_definition_ends_its_watches(void **state)
{
    (void)state;
    struct server server;
    server_start(&server, 1, 0);
    uint64_t a = server_add_set(&server, "a", "{}");
    struct fakeapi_watch *watch = watch_from(&server, "", a);
    assert_no_event(&server, watch);
    assert_int_equal(
        server_send(&server, "DELETE",
                    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/"
                    "clustersets.lib.projectsveltos.io", NULL, NULL), 200);
    /* The definition goes after its objects. */
    assert_event(&server, watch, "DELETED", "a", 1, fakeapi_resource_version(server.api) - 1);
    assert_no_event(&server, watch);
    assert_true(fakeapi_watch_ended(watch));
    fakeapi_watch_close(watch);
    assert_int_equal(server_get(&server, SETS), 404);
    server_stop(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(watch_starts_with_what_is_there_when_no_version_is_given),
        cmocka_unit_test(watch_from_a_version_misses_and_repeats_nothing),
        cmocka_unit_test(watch_with_a_selector_sees_objects_come_and_go),
        cmocka_unit_test(watch_tells_once_per_edge_and_only_what_it_shows),
        cmocka_unit_test(watch_from_before_a_compaction_is_answered_410_as_an_event),
        cmocka_unit_test(watch_that_reads_too_slowly_is_ended_with_410),
        cmocka_unit_test(watch_ends_after_its_timeout_and_keeps_what_came_before),
        cmocka_unit_test(watch_without_a_timeout_lasts_a_seeded_half_to_full_hour),
        cmocka_unit_test(bookmark_comes_a_minute_after_a_write_anywhere_and_never_in_idle_time),
        cmocka_unit_test(bookmark_comes_after_events_too_and_not_twice_for_one_version),
        cmocka_unit_test(initial_events_end_with_a_marked_bookmark),
        cmocka_unit_test(watch_outlives_its_server_as_ended),
        cmocka_unit_test(deleting_a_definition_ends_its_watches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
