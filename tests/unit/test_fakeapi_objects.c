#include "tests/testlib/server.h"

#define SET_BODY(meta, rest)                                                                    \
    "{\"apiVersion\":\"lib.projectsveltos.io/v1beta1\",\"kind\":\"ClusterSet\",\"metadata\":{"  \
    meta "}" rest "}"

static char *uid_of(struct server *server, const char *name)
{
    (void)server_add_set(server, name, "{}");
    return str_dup(server_text(server, "metadata.uid"));
}

static void uid_depends_on_seed_name_and_life_only(void **state)
{
    (void)state;
    struct server one;
    struct server two;
    struct server other_seed;
    server_start(&one, 7, 0);
    server_start(&two, 7, 0);
    server_start(&other_seed, 8, 0);
    char *first = uid_of(&one, "a");
    mem_free(uid_of(&two, "before"));
    char *same = uid_of(&two, "a");
    char *different = uid_of(&other_seed, "a");
    assert_string_equal(first, same);
    assert_string_not_equal(first, different);
    assert_int_equal(server_delete_set(&one, "a"), 200);
    char *second_life = uid_of(&one, "a");
    assert_string_not_equal(first, second_life);
    mem_free(first);
    mem_free(same);
    mem_free(different);
    mem_free(second_life);
    server_stop(&one);
    server_stop(&two);
    server_stop(&other_seed);
}

static void generated_names_depend_on_seed_and_prefix_only(void **state)
{
    (void)state;
    char names[2][64];
    for (int i = 0; i < 2; i++) {
        struct server server;
        server_start(&server, 3, 0);
        if (i == 1)
            (void)server_send(&server, "POST", SETS, NULL,
                              SET_BODY("\"generateName\":\"other-\"", ""));
        assert_int_equal(server_send(&server, "POST", SETS, NULL,
                                     SET_BODY("\"generateName\":\"g-\"", "")), 201);
        (void)snprintf(names[i], sizeof(names[i]), "%.*s",
                       STR_ARGS(server_text(&server, "metadata.name")));
        assert_int_equal(strlen(names[i]), 7);
        assert_int_equal(server_send(&server, "POST", SETS, NULL,
                                     SET_BODY("\"generateName\":\"g-\"", "")), 201);
        assert_false(str_is(server_text(&server, "metadata.name"), names[i]));
        server_stop(&server);
    }
    assert_string_equal(names[0], names[1]);
}

static void stored_members_are_sorted(void **state)
{
    (void)state;
    struct server server;
    server_start(&server, 1, 0);
    assert_int_equal(server_send(&server, "POST", SETS, NULL,
                                 "{\"spec\":{\"maxReplicas\":1},\"metadata\":{\"name\":\"z\","
                                 "\"labels\":{\"b\":\"1\",\"a\":\"2\"}},\"kind\":\"ClusterSet\","
                                 "\"apiVersion\":\"lib.projectsveltos.io/v1beta1\"}"), 201);
    assert_int_equal(server_get(&server, SETS "/z"), 200);
    char *text = json_print_text(server.body);
    struct json *sorted = json_clone(server.body);
    json_sort(sorted);
    char *sorted_text = json_print_text(sorted);
    assert_string_equal(text, sorted_text);
    mem_free(text);
    mem_free(sorted_text);
    json_free(sorted);
    server_stop(&server);
}

static void objects_need_their_namespace(void **state)
{
    (void)state;
    struct server server;
    server_start(&server, 1, 0);
    static const char body[] = "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\","
                               "\"metadata\":{\"name\":\"c\"},\"data\":{\"k\":\"v\"}}";
    assert_int_equal(server_send(&server, "POST", "/api/v1/namespaces/new/configmaps", NULL, body),
                     404);
    assert_str(server_text(&server, "message"), "namespaces \"new\" not found");
    assert_int_equal(server_send(&server, "POST", "/api/v1/namespaces", NULL,
                                 "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\","
                                 "\"metadata\":{\"name\":\"new\"}}"), 201);
    assert_str(server_text(&server, "status.phase"), "Active");
    assert_int_equal(server_send(&server, "POST", "/api/v1/namespaces/new/configmaps", NULL, body),
                     201);
    assert_int_equal(server_get(&server, "/api/v1/namespaces/new/configmaps/c"), 200);
    assert_str(server_text(&server, "data.k"), "v");
    assert_null(json_at(server.body, "metadata.generation"));
    server_stop(&server);
}

/* Registry strategies: a Lease must name its version, a ConfigMap need not. */
static void blind_updates_are_a_matter_of_the_kind(void **state)
{
    (void)state;
    static const struct {
        const char *path, *body;
        int status;
    } rows[] = {
        {"/apis/coordination.k8s.io/v1/namespaces/default/leases",
         "{\"apiVersion\":\"coordination.k8s.io/v1\",\"kind\":\"Lease\","
         "\"metadata\":{\"name\":\"x\"},\"spec\":{\"holderIdentity\":\"%d\"}}", 422},
        {"/api/v1/namespaces/default/configmaps",
         "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"x\"},"
         "\"data\":{\"n\":\"%d\"}}", 200},
    };
    struct server server;
    server_start(&server, 1, 0);
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        char *target = str_format("%s/x", rows[i].path);
        assert_int_equal(server_send(&server, "POST", rows[i].path, NULL, rows[i].body), 201);
        char *changed = str_dup(str_from(rows[i].body));
        *strchr(changed, '%') = '7';
        assert_int_equal(server_send(&server, "PUT", target, NULL, changed), rows[i].status);
        mem_free(changed);
        mem_free(target);
    }
    server_stop(&server);
}

static void unknown_paths_are_no_pages(void **state)
{
    (void)state;
    static const char *const targets[] = {
        "", "/", "/api", "/api/v1", "/api/v2/configmaps", "/apis/nothing/v1/things",
        "/api/v1//configmaps", "/api/v1/../v1/configmaps", "/api/v1/%zz", "/%", "nonsense",
        SETS "x", "/apis/lib.projectsveltos.io/v1/clustersets", CLUSTERS "/../x",
        "/apis/lib.projectsveltos.io/v1beta1/namespaces/default/clustersets",
        "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s/t",
    };
    struct server server;
    server_start(&server, 1, 0);
    for (size_t i = 0; i < ARRAY_COUNT(targets); i++) {
        assert_int_equal(server_get(&server, targets[i]), 404);
        assert_str(json_string_of(server.body), "404 page not found\n");
    }
    server_stop(&server);
}

static void definitions_take_effect_with_their_write(void **state)
{
    (void)state;
    static const char definitions[] = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    static const char things[] = "/apis/t.example.org/v1/things";
    static const char thing[] = "{\"apiVersion\":\"t.example.org/v1\",\"kind\":\"Thing\","
                                "\"metadata\":{\"name\":\"%s\"},\"spec\":{\"n\":1,\"m\":2}}";
    struct server server;
    char body[256];
    char target[160];
    server_start(&server, 1, 0);
    assert_int_equal(server_get(&server, things), 404);
    assert_int_equal(
        server_send(&server, "POST", definitions, NULL,
                    "{\"apiVersion\":\"apiextensions.k8s.io/v1\","
                    "\"kind\":\"CustomResourceDefinition\","
                    "\"metadata\":{\"name\":\"things.t.example.org\"},"
                    "\"spec\":{\"group\":\"t.example.org\",\"scope\":\"Cluster\","
                    "\"names\":{\"kind\":\"Thing\",\"plural\":\"things\"},\"versions\":[{"
                    "\"name\":\"v1\",\"served\":true,\"storage\":true,\"schema\":{"
                    "\"openAPIV3Schema\":{\"type\":\"object\",\"properties\":{\"spec\":{"
                    "\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"integer\"}}}}}}}]}}"),
        201);
    (void)snprintf(body, sizeof(body), thing, "one");
    assert_int_equal(server_send(&server, "POST", things, NULL, body), 201);
    assert_json(json_get(server.body, "spec"), "{\"n\":1}");
    (void)snprintf(target, sizeof(target), "%s/things.t.example.org", definitions);
    assert_int_equal(
        server_send(&server, "PATCH", target, JSON_PATCH,
                    "[{\"op\":\"add\",\"path\":\"/spec/versions/0/schema/openAPIV3Schema/properties"
                    "/spec/properties/m\",\"value\":{\"type\":\"integer\"}}]"), 200);
    (void)snprintf(body, sizeof(body), thing, "two");
    assert_int_equal(server_send(&server, "POST", things, NULL, body), 201);
    assert_json(json_get(server.body, "spec"), "{\"m\":2,\"n\":1}");
    assert_int_equal(server_send(&server, "DELETE", target, NULL, NULL), 200);
    assert_int_equal(server_get(&server, things), 404);
    server_stop(&server);
}

/* Bytes that are no text come from anyone: every answer is JSON all the same. */
static void foreign_bytes_never_break_an_answer(void **state)
{
    (void)state;
    static const struct {
        const char *method, *target, *type, *body;
    } rows[] = {
        {"GET", SETS "/%ff", NULL, NULL},
        {"GET", SETS "/a%00b", NULL, NULL},
        {"GET", SETS "?labelSelector=%ff", NULL, NULL},
        {"GET", SETS "?labelSelector=a%00", NULL, NULL},
        {"GET", SETS "?fieldSelector=\xff\xff", NULL, NULL},
        {"GET", SETS "?continue=%c3", NULL, NULL},
        {"GET", SETS "?resourceVersion=%80", NULL, NULL},
        {"DELETE", SETS "?labelSelector=%c3%28", NULL, NULL},
        {"DELETE", SETS "/a?propagationPolicy=%fe", NULL, NULL},
        {"POST", SETS "?dryRun=%ff", NULL, "{}"},
        {"POST", SETS, NULL, "{\"a\":\"\xff\"}"},
        {"POST", SETS, NULL,
         "{\"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
         "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\":1}"},
        {"PATCH", SETS "/a?fieldManager=%ff", MERGE, "{\xff"},
        {"PATCH", SETS "/a?fieldManager=%ff&force=1", APPLY, "\xff"},
    };
    struct server server;
    server_start(&server, 1, 0);
    (void)server_add_set(&server, "a", "{}");
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        int status = server_send(&server, rows[i].method, rows[i].target, rows[i].type,
                                 rows[i].body);
        assert_in_range(status, 400, 499);
        bool page = json_is(server.body, JSON_STRING);
        if (page && !str_is(json_string_of(server.body), "404 page not found\n"))
            print_error("%s %s\n", rows[i].method, rows[i].target);
        assert_true(!page || str_is(json_string_of(server.body), "404 page not found\n"));
    }
    assert_int_equal(server_patch_set(&server, "a?fieldManager=%ffx",
                                      "{\"metadata\":{\"labels\":{\"a\":\"b\"}}}"), 200);
    assert_int_equal(server_get(&server, SETS "/a"), 200);
    server_stop(&server);
}

static void conversation_of_one_object(struct server *server)
{
    uint64_t a = server_add_set(server, "a", "{}");
    (void)server_patch_set(server, "a", "{\"spec\":{\"maxReplicas\":1}}");
    assert_int_equal(server_version(server), a);
    (void)server_patch_set(server, "a", "{\"metadata\":{\"finalizers\":[\"example.com/f\"]}}");
    (void)server_send(server, "PATCH", SETS "/a/status", MERGE,
                      "{\"status\":{\"selectedClusterRefs\":[]}}");
    (void)server_send(server, "PATCH", SETS "/a?dryRun=All", MERGE,
                      "{\"spec\":{\"maxReplicas\":9}}");
    (void)server_delete_set(server, "a");
    (void)server_get(server, SETS);
    (void)server_patch_set(server, "a", "{\"metadata\":{\"finalizers\":null}}");
    (void)server_delete_set(server, "a");
}

static void count_entries(void *ctx, size_t audit_index)
{
    size_t *next = ctx;
    assert_int_equal(audit_index, *next);
    (*next)++;
}

static void audit_log_tells_what_each_request_changed(void **state)
{
    (void)state;
    static const struct {
        const char *method, *name, *subresource;
        int status;
        bool changed, created, deleted, before, after;
    } rows[] = {
        {"POST", "a", "", 201, true, true, false, false, true},
        {"PATCH", "a", "", 200, false, false, false, true, true},
        {"PATCH", "a", "", 200, true, false, false, true, true},
        {"PATCH", "a", "status", 200, true, false, false, true, true},
        {"PATCH", "a", "", 200, false, false, false, true, true},
        {"DELETE", "a", "", 200, true, false, false, true, true},
        {"GET", "", "", 200, false, false, false, false, false},
        {"PATCH", "a", "", 200, true, false, true, true, false},
        {"DELETE", "a", "", 404, false, false, false, false, false},
    };
    struct server server;
    size_t seen = 0;
    server_start(&server, 1, 0);
    fakeapi_observe(server.api, count_entries, &seen);
    conversation_of_one_object(&server);
    assert_int_equal(fakeapi_audit_count(server.api), ARRAY_COUNT(rows));
    assert_int_equal(seen, ARRAY_COUNT(rows));
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        const struct fakeapi_audit *entry = fakeapi_audit_at(server.api, i);
        assert_string_equal(entry->method, rows[i].method);
        assert_str(entry->name, rows[i].name);
        assert_str(entry->subresource, rows[i].subresource);
        assert_int_equal(entry->status, rows[i].status);
        assert_int_equal(entry->changed, rows[i].changed);
        assert_int_equal(entry->created, rows[i].created);
        assert_int_equal(entry->deleted, rows[i].deleted);
        assert_int_equal(entry->before != NULL, rows[i].before);
        assert_int_equal(entry->after != NULL, rows[i].after);
        assert_str(entry->user_agent, "tester/1.0");
    }
    assert_str(fakeapi_audit_at(server.api, 0)->kind, "ClusterSet");
    server_stop(&server);
}

static void collection_delete_is_one_audit_entry_per_object(void **state)
{
    (void)state;
    struct server server;
    server_start(&server, 1, 0);
    (void)server_add_set(&server, "a", "{\"x\":\"y\"}");
    (void)server_add_set(&server, "b", "{}");
    (void)server_add_set(&server, "c", "{\"x\":\"y\"}");
    size_t first = fakeapi_audit_count(server.api);
    assert_int_equal(server_send(&server, "DELETE", SETS "?labelSelector=x", NULL, NULL), 200);
    assert_int_equal(json_count(json_get(server.body, "items")), 2);
    assert_int_equal(fakeapi_audit_count(server.api), first + 2);
    assert_str(fakeapi_audit_at(server.api, first)->name, "a");
    assert_str(fakeapi_audit_at(server.api, first + 1)->name, "c");
    assert_true(fakeapi_audit_at(server.api, first + 1)->deleted);
    server_stop(&server);
}

static void propagation_policies_leave_the_collectors_finalizers(void **state)
{
    (void)state;
    static const struct {
        const char *options, *finalizers;
    } rows[] = {
        {"{\"propagationPolicy\":\"Foreground\"}", "[\"foregroundDeletion\"]"},
        {"{\"propagationPolicy\":\"Orphan\"}", "[\"orphan\"]"},
        {"{\"orphanDependents\":true}", "[\"orphan\"]"},
    };
    struct server server;
    server_start(&server, 1, 0);
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        char name[8];
        char target[128];
        (void)snprintf(name, sizeof(name), "s%zu", i);
        (void)snprintf(target, sizeof(target), SETS "/%s", name);
        (void)server_add_set(&server, name, "{}");
        assert_int_equal(server_send(&server, "DELETE", target, NULL, rows[i].options), 200);
        assert_json(json_at(server.body, "metadata.finalizers"), rows[i].finalizers);
        assert_str(server_text(&server, "metadata.deletionTimestamp"), "2026-01-01T00:00:00Z");
        assert_int_equal(server_patch_set(&server, name, "{\"metadata\":{\"finalizers\":null}}"),
                         200);
        assert_int_equal(server_get(&server, target), 404);
    }
    server_stop(&server);
}

static void preconditions_of_a_delete_are_held(void **state)
{
    (void)state;
    struct server server;
    server_start(&server, 1, 0);
    uint64_t version = server_add_set(&server, "a", "{}");
    char *stale = str_format("{\"preconditions\":{\"resourceVersion\":\"%" PRIu64 "\"}}",
                             version - 1);
    char *current = str_format("{\"preconditions\":{\"uid\":\"%.*s\",\"resourceVersion\":\"%" PRIu64
                               "\"}}", STR_ARGS(server_text(&server, "metadata.uid")), version);
    assert_int_equal(server_send(&server, "DELETE", SETS "/a", NULL, stale), 409);
    assert_str(server_text(&server, "reason"), "Conflict");
    assert_int_equal(server_send(&server, "DELETE", SETS "/a", NULL, current), 200);
    mem_free(stale);
    mem_free(current);
    server_stop(&server);
}

static void bodies_that_are_too_large_are_413(void **state)
{
    (void)state;
    struct server server;
    server_start(&server, 1, 0);
    struct buf body;
    buf_init(&body, 8u << 20);
    buf_append_text(&body, "{\"a\":\"");
    while (body.len <= FAKEAPI_BODY_BYTES_MAX)
        buf_append_text(&body, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    buf_append_text(&body, "\"}");
    assert_int_equal(server_send(&server, "POST", SETS, NULL, body.data), 413);
    buf_release(&body);
    server_stop(&server);
}

static void apply_creates_then_changes_then_writes_nothing(void **state)
{
    (void)state;
    struct server server;
    server_start(&server, 1, 0);
    static const char target[] = SETS "/p?fieldManager=me&force=true";
    static const char one[] = SET_BODY("\"name\":\"p\"", ",\"spec\":{\"maxReplicas\":1}");
    static const char two[] = SET_BODY("\"name\":\"p\"", ",\"spec\":{\"maxReplicas\":2}");
    assert_int_equal(server_send(&server, "PATCH", target, APPLY, one), 201);
    assert_int_equal(server_send(&server, "PATCH", target, APPLY, two), 200);
    uint64_t version = server_version(&server);
    server.timers.now_ms += 5000;
    assert_int_equal(server_send(&server, "PATCH", target, APPLY, two), 200);
    assert_int_equal(server_version(&server), version);
    size_t last = fakeapi_audit_count(server.api) - 1;
    assert_false(fakeapi_audit_at(server.api, last)->changed);
    assert_true(fakeapi_audit_at(server.api, last - 1)->changed);
    server_stop(&server);
}

static void memory_at_rest_returns_to_its_baseline(void **state)
{
    (void)state;
    size_t blocks = mem_live_blocks();
    for (int i = 0; i < 2; i++) {
        struct server server;
        server_start(&server, 1, 3);
        conversation_of_one_object(&server);
        struct fakeapi_watch *watch = server_watch(&server, SETS "?watch=1");
        (void)server_add_set(&server, "w", "{}");
        fakeapi_watch_close(watch);
        server_stop(&server);
        assert_int_equal(mem_live_blocks(), blocks);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uid_depends_on_seed_name_and_life_only),
        cmocka_unit_test(generated_names_depend_on_seed_and_prefix_only),
        cmocka_unit_test(stored_members_are_sorted),
        cmocka_unit_test(objects_need_their_namespace),
        cmocka_unit_test(blind_updates_are_a_matter_of_the_kind),
        cmocka_unit_test(unknown_paths_are_no_pages),
        cmocka_unit_test(definitions_take_effect_with_their_write),
        cmocka_unit_test(foreign_bytes_never_break_an_answer),
        cmocka_unit_test(audit_log_tells_what_each_request_changed),
        cmocka_unit_test(collection_delete_is_one_audit_entry_per_object),
        cmocka_unit_test(propagation_policies_leave_the_collectors_finalizers),
        cmocka_unit_test(preconditions_of_a_delete_are_held),
        cmocka_unit_test(bodies_that_are_too_large_are_413),
        cmocka_unit_test(apply_creates_then_changes_then_writes_nothing),
        cmocka_unit_test(memory_at_rest_returns_to_its_baseline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
