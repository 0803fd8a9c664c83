#include "tests/testlib/server.h"

/* Names of the last list's items, divided by blanks. */
static const char *names_of(const struct server *server, char space[512])
{
    int len = 0;
    space[0] = '\0';
    JSON_EACH(item, json_get(server->body, "items")) {
        struct str name = json_text_at(item, "metadata.name");
        len += snprintf(space + len, 512 - (size_t)len, "%s%.*s", len > 0 ? " " : "",
                        STR_ARGS(name));
    }
    return space;
}

static void list_target(struct server *server, const char *parameters, const char *want)
{
    char space[512];
    char *target = str_format(SETS "?%s", parameters);
    assert_int_equal(server_get(server, target), 200);
    if (strcmp(names_of(server, space), want) != 0)
        print_error("%s\n", target);
    assert_string_equal(names_of(server, space), want);
    mem_free(target);
}

static void list_is_in_the_order_of_names_whatever_the_order_of_creation(void **state)
{
    (void)state;
    static const char *const names[] = {"m", "c", "x", "a", "q", "b.1", "b", "b-0"};
    struct server server;
    server_start(&server, 1, 0);
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        (void)server_add_set(&server, names[i], "{}");
        if (i == 3)
            list_target(&server, "", "a c m x");
    }
    list_target(&server, "", "a b b-0 b.1 c m q x");
    (void)server_delete_set(&server, "c");
    list_target(&server, "", "a b b-0 b.1 m q x");
    server_stop(&server);
}

static void next_page(struct server *server, const char *limit, const char *want)
{
    char *parameters = str_format("limit=%s&continue=%.*s", limit,
                                  STR_ARGS(server_text(server, "metadata.continue")));
    list_target(server, parameters, want);
    mem_free(parameters);
}

/* Recorded in list/02: what happens between two pages is not seen. */
static void pages_show_one_moment(void **state)
{
    (void)state;
    struct server server;
    server_start(&server, 1, 0);
    for (char c = 'a'; c <= 'e'; c++)
        (void)server_add_set(&server, (char[]){c, '\0'}, "{}");
    uint64_t version = fakeapi_resource_version(server.api);
    list_target(&server, "limit=2", "a b");
    int64_t remaining = 0;
    assert_true(json_int_of(json_at(server.body, "metadata.remainingItemCount"), &remaining));
    assert_int_equal(remaining, 3);
    struct json *first = server.body;
    server.body = NULL;
    (void)server_add_set(&server, "bb", "{}");
    (void)server_delete_set(&server, "c");
    (void)server_patch_set(&server, "d", "{\"spec\":{\"maxReplicas\":9}}");
    json_free(server.body);
    server.body = first;
    next_page(&server, "2", "c d");
    assert_int_equal(server_version(&server), version);
    int64_t replicas = 0;
    assert_true(json_int_of(json_at(json_item(json_get(server.body, "items"), 1),
                                    "spec.maxReplicas"), &replicas));
    assert_int_equal(replicas, 1);
    next_page(&server, "2", "e");
    assert_str(server_text(&server, "metadata.continue"), "");
    list_target(&server, "", "a b bb d e");
    server_stop(&server);
}

static void page_after_a_compaction_is_410(void **state)
{
    (void)state;
    struct server server;
    server_start(&server, 1, 0);
    (void)server_add_set(&server, "a", "{}");
    (void)server_add_set(&server, "b", "{}");
    list_target(&server, "limit=1", "a");
    char *target = str_format(SETS "?limit=1&continue=%.*s",
                              STR_ARGS(server_text(&server, "metadata.continue")));
    assert_int_equal(server_get(&server, target), 200);
    (void)server_add_set(&server, "c", "{}");
    fakeapi_compact(server.api);
    assert_int_equal(server_get(&server, target), 410);
    assert_str(server_text(&server, "reason"), "Expired");
    mem_free(target);
    server_stop(&server);
}

static void list_over_namespaces_continues_across_them(void **state)
{
    (void)state;
    static const char *const places[] = {"kube-system", "default"};
    struct server server;
    server_start(&server, 1, 0);
    for (int i = 0; i < 4; i++) {
        char target[160];
        char body[256];
        (void)snprintf(target, sizeof(target),
                       "/apis/lib.projectsveltos.io/v1beta1/namespaces/%s/sveltosclusters",
                       places[i % 2]);
        (void)snprintf(body, sizeof(body),
                       "{\"apiVersion\":\"lib.projectsveltos.io/v1beta1\","
                       "\"kind\":\"SveltosCluster\",\"metadata\":{\"name\":\"c%d\"}}", i);
        assert_int_equal(server_send(&server, "POST", target, NULL, body), 201);
    }
    char space[512];
    assert_int_equal(server_get(&server, ALL_CLUSTERS "?limit=3"), 200);
    assert_string_equal(names_of(&server, space), "c1 c3 c0");
    char *target = str_format(ALL_CLUSTERS "?limit=3&continue=%.*s",
                              STR_ARGS(server_text(&server, "metadata.continue")));
    assert_int_equal(server_get(&server, target), 200);
    assert_string_equal(names_of(&server, space), "c2");
    assert_int_equal(server_get(&server, CLUSTERS), 200);
    assert_string_equal(names_of(&server, space), "c1 c3");
    mem_free(target);
    server_stop(&server);
}

/* Recorded in list/07 and list/09. */
static void selectors_choose(void **state)
{
    (void)state;
    static const struct {
        const char *parameters, *names;
    } rows[] = {
        {"labelSelector=", "a b c d"},
        {"labelSelector=tier", "a b c"},
        {"labelSelector=%21tier", "d"},
        {"labelSelector=tier%3Dgold", "a b"},
        {"labelSelector=tier%3D%3Dgold", "a b"},
        {"labelSelector=tier%21%3Dgold", "c d"},
        {"labelSelector=tier+in+%28gold,silver%29", "a b c"},
        {"labelSelector=tier+notin+%28gold%29", "c d"},
        {"labelSelector=env+in+%28,prod%29", "a c"},
        {"labelSelector=env%3D", "c"},
        {"labelSelector=tier,env%3Dprod", "a"},
        {"labelSelector=n%3E4", "b"},
        {"labelSelector=n%3C5", ""},
        {"labelSelector=in+in+%28in%29", ""},
        {"fieldSelector=metadata.name%3Db", "b"},
        {"fieldSelector=metadata.name%21%3Db", "a c d"},
        {"fieldSelector=,metadata.name%3Db,", "b"},
        {"fieldSelector=metadata.name%3Db&labelSelector=n", "b"},
    };
    struct server server;
    server_start(&server, 1, 0);
    (void)server_add_set(&server, "a", "{\"tier\":\"gold\",\"env\":\"prod\"}");
    (void)server_add_set(&server, "b", "{\"tier\":\"gold\",\"n\":\"5\"}");
    (void)server_add_set(&server, "c", "{\"tier\":\"silver\",\"env\":\"\"}");
    (void)server_add_set(&server, "d", "{}");
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
        list_target(&server, rows[i].parameters, rows[i].names);
    server_stop(&server);
}

/* Recorded in list/08, list/09 and watch/20. */
static void selectors_are_refused_in_the_servers_words(void **state)
{
    (void)state;
    static const struct {
        const char *parameters, *message;
    } rows[] = {
        {"labelSelector=a%3D%3D%3Db",
         "unable to parse requirement: found '=', expected: identifier"},
        {"labelSelector=a+in+%28b", "unable to parse requirement: found '', expected: ',' or ')'"},
        {"labelSelector=a+in+b", "unable to parse requirement: found 'b' expected: '('"},
        {"labelSelector=a%3Db%21", "found '!', expected: ',' or 'end of string'"},
        {"labelSelector=a%3Db,", "found '', expected: identifier after ','"},
        {"labelSelector=,a", "found ',', expected: !, identifier, or 'end of string'"},
        {"labelSelector=%21", "unable to parse requirement: found '', expected: identifier"},
        {"labelSelector=a+b",
         "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"},
        {"labelSelector=a%3Ex", "unable to parse requirement: values[0]: Invalid value: \"x\": "
                                "for 'Gt', 'Lt' operators, the value must be an integer"},
        {"fieldSelector=spec.x%3D1", "field label not supported: spec.x"},
        {"fieldSelector=metadata.namespace%3Dx", "field label not supported: metadata.namespace"},
        {"fieldSelector=abc", "invalid selector: 'abc'; can't understand 'abc'"},
        {"fieldSelector=metadata.name%3Da%5Cb",
         "invalid field selector: invalid escape sequence: \\b"},
        {"limit=abc", "strconv.ParseInt: parsing \"abc\": invalid syntax"},
        {"resourceVersion=abc", "invalid resource version: resourceVersion: Invalid value: "
                                "\"abc\": strconv.ParseUint: parsing \"abc\": invalid syntax"},
        {"continue=!!!", "invalid continue token: continue key is not valid: illegal base64 data "
                         "at input byte 0"},
    };
    struct server server;
    server_start(&server, 1, 0);
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        char *target = str_format(SETS "?%s", rows[i].parameters);
        assert_int_equal(server_get(&server, target), 400);
        assert_str(server_text(&server, "message"), rows[i].message);
        mem_free(target);
    }
    server_stop(&server);
}

static void selectors_of_any_length_are_bounded(void **state)
{
    (void)state;
    struct server server;
    struct buf target;
    server_start(&server, 1, 0);
    buf_init(&target, 1u << 20);
    for (int kind = 0; kind < 2; kind++) {
        buf_clear(&target);
        buf_printf(&target, SETS "?%s", kind == 0 ? "labelSelector=a" : "fieldSelector=");
        for (int i = 0; i < 80; i++)
            buf_append_text(&target, kind == 0 ? ",a" : "metadata.name%3Da,");
        assert_int_equal(server_get(&server, target.data), 400);
    }
    buf_release(&target);
    server_stop(&server);
}

static void list_of_an_older_version_is_exact(void **state)
{
    (void)state;
    struct server server;
    server_start(&server, 1, 0);
    (void)server_add_set(&server, "a", "{}");
    uint64_t version = server_add_set(&server, "b", "{}");
    (void)server_delete_set(&server, "a");
    (void)server_add_set(&server, "a", "{}");
    (void)server_delete_set(&server, "b");
    (void)server_add_set(&server, "c", "{}");
    char *parameters = str_format("resourceVersion=%" PRIu64 "&resourceVersionMatch=Exact",
                                  version);
    list_target(&server, parameters, "a b");
    assert_int_equal(server_version(&server), version);
    list_target(&server, "", "a c");
    mem_free(parameters);
    server_stop(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(list_is_in_the_order_of_names_whatever_the_order_of_creation),
        cmocka_unit_test(pages_show_one_moment),
        cmocka_unit_test(page_after_a_compaction_is_410),
        cmocka_unit_test(list_over_namespaces_continues_across_them),
        cmocka_unit_test(selectors_choose),
        cmocka_unit_test(selectors_are_refused_in_the_servers_words),
        cmocka_unit_test(selectors_of_any_length_are_bounded),
        cmocka_unit_test(list_of_an_older_version_is_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
