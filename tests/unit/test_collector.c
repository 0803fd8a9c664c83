/* The server's own garbage collector: configmaps that own each other. */
#include "tests/testlib/server.h"

#define MAPS "/api/v1/namespaces/default/configmaps"

static void start(struct server *server)
{
    *server = (struct server){0};
    timers_init(&server->timers, SERVER_START_MS);
    buf_init(&server->line, 1u << 20);
    server->api = fakeapi_create(&(struct fakeapi_config){
        .timers = &server->timers, .seed = 1, .collects_garbage = true});
}

/* Adds to `refs` one that names the object. */
static void refer(struct server *server, const char *name, bool blocks, struct buf *refs)
{
    char *target = str_format(MAPS "/%s", name);
    assert_int_equal(server_get(server, target), 200);
    buf_printf(refs, "%s{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"name\":\"%s\",\"uid\":"
                     "\"%.*s\",\"blockOwnerDeletion\":%s}", refs->len > 0 ? "," : "", name,
               STR_ARGS(server_text(server, "metadata.uid")), blocks ? "true" : "false");
    mem_free(target);
}

/* Creates a configmap with owners ("a b"), blocking ones behind '!', and perhaps a finalizer. */
static void add(struct server *server, const char *name, const char *owners, bool held)
{
    struct buf refs;
    struct str rest = str_from(owners);
    buf_init(&refs, 4096);
    while (rest.len > 0) {
        struct str owner = str_split_next(&rest, ' ');
        bool blocks = owner.data[0] == '!';
        char *plain = str_dup(str_slice(owner, blocks ? 1 : 0, owner.len));
        refer(server, plain, blocks, &refs);
        mem_free(plain);
    }
    char *body = str_format("{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":"
                            "\"%s\",\"finalizers\":[%s],\"ownerReferences\":[%.*s]}}",
                            name, held ? "\"example.org/hold\"" : "", STR_ARGS(buf_str(&refs)));
    assert_int_equal(server_send(server, "POST", MAPS, "application/json", body), 201);
    mem_free(body);
    buf_release(&refs);
}

static void delete(struct server *server, const char *name, const char *policy)
{
    char *target = str_format(MAPS "/%s?propagationPolicy=%s", name, policy);
    assert_int_equal(server_send(server, "DELETE", target, NULL, NULL), 200);
    mem_free(target);
}

static void release(struct server *server, const char *name)
{
    char *target = str_format(MAPS "/%s", name);
    assert_int_equal(
        server_send(server, "PATCH", target, MERGE, "{\"metadata\":{\"finalizers\":null}}"), 200);
    mem_free(target);
}

/* The names that are left, "-" behind those that wait for their end. */
static void assert_left(struct server *server, const char *expected)
{
    struct buf text;
    buf_init(&text, 4096);
    assert_int_equal(server_get(server, MAPS), 200);
    JSON_EACH(item, json_get(server->body, "items"))
        buf_printf(&text, "%s%.*s%s", text.len > 0 ? " " : "",
                   STR_ARGS(json_text_at(item, "metadata.name")),
                   json_at(item, "metadata.deletionTimestamp") != NULL ? "-" : "");
    assert_str(buf_str(&text), expected);
    buf_release(&text);
}

static void what_loses_its_last_owner_goes(void **state)
{
    struct server server;
    (void)state;
    start(&server);
    add(&server, "a", "", false);
    add(&server, "b", "", false);
    add(&server, "both", "a b", false);
    add(&server, "mine", "a", false);
    add(&server, "deep", "mine", false);
    add(&server, "held", "deep", true);
    delete(&server, "a", "Background");
    assert_left(&server, "b both held-");
    assert_int_equal(server_get(&server, MAPS "/both"), 200);
    assert_int_equal(json_count(json_at(server.body, "metadata.ownerReferences")), 1);
    release(&server, "held");
    delete(&server, "b", "Background");
    assert_left(&server, "");
    server_stop(&server);
}

static void an_owner_in_the_foreground_waits_for_those_that_block_it(void **state)
{
    struct server server;
    (void)state;
    start(&server);
    add(&server, "a", "", false);
    add(&server, "loose", "a", true);
    add(&server, "tight", "!a", true);
    delete(&server, "a", "Foreground");
    assert_left(&server, "a- loose- tight-");
    release(&server, "tight");
    assert_left(&server, "loose-");
    release(&server, "loose");
    add(&server, "b", "", false);
    delete(&server, "b", "Foreground");
    assert_left(&server, "");
    server_stop(&server);
}

static void orphans_stay_without_the_owner(void **state)
{
    struct server server;
    (void)state;
    start(&server);
    add(&server, "a", "", false);
    add(&server, "x", "a", false);
    add(&server, "y", "!a", false);
    delete(&server, "a", "Orphan");
    assert_left(&server, "x y");
    assert_int_equal(server_get(&server, MAPS "/x"), 200);
    assert_null(json_at(server.body, "metadata.ownerReferences"));
    server_stop(&server);
}

/* Somebody names an owner that is not there (yet). */
static void an_owner_that_never_was_is_no_reason(void **state)
{
    struct server server;
    (void)state;
    start(&server);
    assert_int_equal(
        server_send(&server, "POST", MAPS, "application/json",
                    "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"x\","
                    "\"ownerReferences\":[{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\","
                    "\"name\":\"none\",\"uid\":\"none\"}]}}"), 201);
    assert_int_equal(server_send(&server, "PATCH", MAPS "/x", MERGE,
                                 "{\"metadata\":{\"labels\":{\"a\":\"b\"}}}"), 200);
    add(&server, "other", "", false);
    delete(&server, "other", "Background");
    assert_left(&server, "x");
    server_stop(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_loses_its_last_owner_goes),
        cmocka_unit_test(an_owner_in_the_foreground_waits_for_those_that_block_it),
        cmocka_unit_test(orphans_stay_without_the_owner),
        cmocka_unit_test(an_owner_that_never_was_is_no_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
