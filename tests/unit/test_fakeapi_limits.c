/* What is too much is an answer, in the library as over a socket. */
#include "tests/testlib/server.h"

#define MAPS "/api/v1/namespaces/default/configmaps"

static void a_target_has_a_limit(void **state)
{
    struct server server;
    char target[FAKEAPI_TARGET_BYTES_MAX + 2];
    (void)state;
    server_start(&server, 1, 0);
    memset(target, 'a', sizeof(target));
    memcpy(target, MAPS "?x=", strlen(MAPS "?x="));
    target[FAKEAPI_TARGET_BYTES_MAX] = '\0';
    assert_int_equal(server_get(&server, target), 200);
    target[FAKEAPI_TARGET_BYTES_MAX] = 'a';
    target[FAKEAPI_TARGET_BYTES_MAX + 1] = '\0';
    assert_int_equal(server_get(&server, target), 414);
    server_stop(&server);
}

static void a_query_has_a_limit(void **state)
{
    struct server server;
    struct buf target;
    (void)state;
    server_start(&server, 1, 0);
    buf_init(&target, 4096);
    buf_append_text(&target, MAPS "?limit=1");
    for (int i = 0; i < 63; i++)
        buf_printf(&target, "&p%d=x", i);
    char *text = str_dup(buf_str(&target));
    assert_int_equal(server_get(&server, text), 200);
    mem_free(text);
    buf_append_text(&target, "&one=more");
    text = str_dup(buf_str(&target));
    assert_int_equal(server_get(&server, text), 400);
    mem_free(text);
    buf_release(&target);
    server_stop(&server);
}

static void a_body_has_a_limit(void **state)
{
    struct server server;
    size_t size = FAKEAPI_BODY_BYTES_MAX + 1;
    char *body = mem_alloc(size + 1);
    (void)state;
    server_start(&server, 1, 0);
    memset(body, ' ', size);
    assert_int_equal(server_send(&server, "POST", MAPS, "application/json", body), 413);
    mem_free(body);
    server_stop(&server);
}

static void an_answer_that_is_too_large_says_so(void **state)
{
    struct server server;
    size_t size = 1000000; /* of a configmap: 68 of them are more than an answer holds */
    char *data = mem_alloc(size + 1);
    (void)state;
    server_start(&server, 1, 0);
    memset(data, 'x', size);
    for (int i = 0; i < 68; i++) {
        char *body = str_format("{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{"
                                "\"name\":\"m%d\"},\"data\":{\"a\":\"%s\"}}", i, data);
        assert_int_equal(server_send(&server, "POST", MAPS, "application/json", body), 201);
        mem_free(body);
    }
    assert_int_equal(server_get(&server, MAPS), 500);
    assert_str(server_text(&server, "message"),
               "the answer is larger than 67108864 bytes: ask for pages, with limit");
    assert_int_equal(server_get(&server, MAPS "?limit=3"), 200);
    mem_free(data);
    server_stop(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_target_has_a_limit),
        cmocka_unit_test(a_query_has_a_limit),
        cmocka_unit_test(a_body_has_a_limit),
        cmocka_unit_test(an_answer_that_is_too_large_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
