/* List in pages, watch, relist: the store follows whatever the server does. */
#include "controller/core/reflector.h"

#include "controller/base/mem.h"
#include "controller/core/limits.h"
#include "tests/testlib/test.h"

struct fixture {
    struct store store;
    struct store_listener listener;
    struct rng rng;
    struct reflector reflector;
    struct ktime now;
    unsigned changes;
    char target[512];
};

static void count_change(void *ctx, const struct object *before, const struct object *after)
{
    struct fixture *fixture = ctx;
    assert_true(before != NULL || after != NULL);
    fixture->changes++;
}

static void init(struct fixture *fixture)
{
    *fixture = (struct fixture){.now = {0, 0}};
    fixture->listener = (struct store_listener){fixture, count_change};
    store_init(&fixture->store);
    rng_init(&fixture->rng, 1);
    reflector_init(&fixture->reflector, KUBE_SVELTOS_CLUSTERS, &fixture->store, &fixture->listener,
                   &fixture->rng, NULL);
}

static void release(struct fixture *fixture)
{
    reflector_release(&fixture->reflector);
    store_release(&fixture->store);
}

/* Lets the reflector send its next request and answers it. */
static void exchange(struct fixture *fixture, int status, const char *body)
{
    struct kube_request request;
    struct kube_response_head head = {status, -1};
    struct buf target;
    buf_init(&target, sizeof(fixture->target) - 1);
    fixture->now.mono_ms = reflector_next_mono_ms(&fixture->reflector);
    reflector_request(&fixture->reflector, 1, fixture->now, &target, &request);
    memcpy(fixture->target, target.data, target.len + 1);
    buf_release(&target);
    fixture->now.mono_ms += 2000;
    reflector_on_head(&fixture->reflector, &head);
    assert_true(reflector_on_body(&fixture->reflector, str_from(body)));
    reflector_on_end(&fixture->reflector, ERR_NONE, fixture->now);
}

static bool has(const struct fixture *fixture, const char *key)
{
    return store_get(&fixture->store, KUBE_SVELTOS_CLUSTERS, str_from(key)) != NULL;
}

static bool asked(const struct fixture *fixture, const char *part)
{
    return str_contains(str_from(fixture->target), str_from(part));
}

#define CLUSTER(name, version)                                                                  \
    "{\"metadata\":{\"name\":\"" name "\",\"namespace\":\"ns\",\"uid\":\"u-" name               \
    "\",\"resourceVersion\":\"" version "\"}}"
#define LIST(version, token, items)                                                             \
    "{\"kind\":\"List\",\"metadata\":{\"resourceVersion\":\"" version "\",\"continue\":\"" token \
    "\"},\"items\":[" items "]}"
#define EVENT(type, object) "{\"type\":\"" type "\",\"object\":" object "}\n"

static void pages_are_joined_and_what_no_page_held_is_swept(void **state)
{
    struct fixture f;
    (void)state;
    init(&f);
    exchange(&f, 200, LIST("5", "", CLUSTER("a", "1") "," CLUSTER("b", "2")));
    assert_true(f.reflector.synced && has(&f, "ns/a") && has(&f, "ns/b"));
    exchange(&f, 200, EVENT("ERROR", "{\"kind\":\"Status\",\"code\":410,\"reason\":\"Expired\"}"));
    assert_true(asked(&f, "watch=true") && asked(&f, "resourceVersion=5"));
    exchange(&f, 200, LIST("9", "page-2", CLUSTER("b", "8")));
    assert_false(asked(&f, "watch=true"));
    assert_true(has(&f, "ns/a")); /* not before the last page */
    exchange(&f, 200, LIST("9", "", CLUSTER("c", "9")));
    assert_true(asked(&f, "continue=page-2"));
    assert_true(!has(&f, "ns/a") && has(&f, "ns/b") && has(&f, "ns/c"));
    release(&f);
}

static void a_watch_changes_the_store_and_goes_on_from_its_last_version(void **state)
{
    struct fixture f;
    (void)state;
    init(&f);
    exchange(&f, 200, LIST("5", "", CLUSTER("a", "1")));
    exchange(&f, 200, EVENT("ADDED", CLUSTER("b", "6")) EVENT("DELETED", CLUSTER("a", "7"))
                          EVENT("BOOKMARK", "{\"metadata\":{\"resourceVersion\":\"12\"}}"));
    assert_true(!has(&f, "ns/a") && has(&f, "ns/b"));
    exchange(&f, 200, "");
    assert_true(asked(&f, "resourceVersion=12"));
    release(&f);
}

static void a_burst_of_events_larger_than_any_line_is_read_whole(void **state)
{
    struct fixture f;
    struct buf burst;
    (void)state;
    init(&f);
    exchange(&f, 200, LIST("5", "", CLUSTER("a", "1")));
    buf_init(&burst, 16u << 20);
    for (unsigned i = 0; i < 60000; i++)
        buf_append_text(&burst, EVENT("MODIFIED", CLUSTER("a", "6")));
    buf_append_text(&burst, EVENT("ADDED", CLUSTER("z", "7")));
    exchange(&f, 200, burst.data);
    assert_true(burst.len > 5000000 && has(&f, "ns/z"));
    buf_release(&burst);
    release(&f);
}

static void an_item_with_a_value_fault_does_not_hide_the_others(void **state)
{
    struct fixture f;
    (void)state;
    init(&f);
    exchange(&f, 200, LIST("5", "", CLUSTER("a", "1") ",{\"x\":1,\"x\":2}," CLUSTER("c", "3")));
    assert_true(f.reflector.synced && has(&f, "ns/a") && has(&f, "ns/c"));
    exchange(&f, 200, EVENT("ADDED", CLUSTER("d", "6")) EVENT("ADDED", "{\"x\":1,\"x\":2}")
                          EVENT("ADDED", CLUSTER("e", "7")));
    assert_true(has(&f, "ns/d") && has(&f, "ns/e"));
    exchange(&f, 200, "");
    assert_true(asked(&f, "watch=true") && asked(&f, "resourceVersion=7"));
    release(&f);
}

static void failures_back_off_and_begin_again_with_a_list(void **state)
{
    struct fixture f;
    int64_t before;
    (void)state;
    init(&f);
    before = f.now.mono_ms;
    exchange(&f, 503, "");
    assert_false(f.reflector.synced);
    assert_true(reflector_next_mono_ms(&f.reflector) >= before + 800);
    for (unsigned i = 0; i < 10; i++)
        exchange(&f, 500, "");
    assert_true(reflector_next_mono_ms(&f.reflector) <= f.now.mono_ms + 60000);
    exchange(&f, 200, LIST("5", "", CLUSTER("a", "1")));
    assert_true(f.reflector.synced);
    release(&f);
}

static void who_may_not_list_asks_every_ten_minutes_in_the_end(void **state)
{
    static const int answers[] = {401, 403};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(answers); i++) {
        struct fixture f;
        init(&f);
        exchange(&f, answers[i], "");
        assert_true(reflector_next_mono_ms(&f.reflector) <= f.now.mono_ms + 3200);
        for (unsigned tries = 0; tries < 12; tries++)
            exchange(&f, answers[i], "");
        assert_true(reflector_next_mono_ms(&f.reflector) >= f.now.mono_ms + 300000);
        assert_true(reflector_next_mono_ms(&f.reflector) <= f.now.mono_ms + 600000);
        exchange(&f, 200, LIST("5", "", CLUSTER("a", "1")));
        exchange(&f, 500, "");
        assert_true(reflector_next_mono_ms(&f.reflector) <= f.now.mono_ms + 3200);
        release(&f);
    }
}

static void a_resource_that_is_not_served_is_empty_and_looked_for_again(void **state)
{
    struct fixture f;
    (void)state;
    init(&f);
    f.reflector.resource = KUBE_CAPI_CLUSTERS;
    exchange(&f, 404, "404 page not found\n");
    assert_true(f.reflector.synced);
    assert_int_equal(reflector_next_mono_ms(&f.reflector), f.now.mono_ms + 600000);
    exchange(&f, 200, LIST("5", "", CLUSTER("a", "1")));
    assert_non_null(store_get(&f.store, KUBE_CAPI_CLUSTERS, STR("ns/a")));
    release(&f);
}

/* Nothing works without it, so it is asked for as soon as one may. */
static void what_must_be_served_and_is_not_is_asked_for_again(void **state)
{
    struct fixture f;
    (void)state;
    init(&f);
    exchange(&f, 404, "404 page not found\n");
    assert_false(f.reflector.synced);
    assert_in_range(reflector_next_mono_ms(&f.reflector), f.now.mono_ms,
                    f.now.mono_ms + 2 * RELIST_BACKOFF_MS_MIN);
    release(&f);
}

static void what_goes_unseen_changes_nothing(void **state)
{
    struct fixture f;
    (void)state;
    init(&f);
    exchange(&f, 200, LIST("5", "", CLUSTER("a", "1")));
    exchange(&f, 200, EVENT("DELETED", CLUSTER("b", "6")) EVENT("DELETED", CLUSTER("a", "7")));
    assert_int_equal(f.changes, 2);
    assert_false(has(&f, "ns/a"));
    release(&f);
}

static void a_watch_of_what_is_served_no_more_begins_with_a_list_again(void **state)
{
    struct fixture f;
    (void)state;
    init(&f);
    exchange(&f, 200, LIST("5", "", CLUSTER("a", "1")));
    exchange(&f, 404, "404 page not found\n");
    assert_true(asked(&f, "watch=true"));
    exchange(&f, 200, LIST("9", "", CLUSTER("b", "9")));
    assert_false(asked(&f, "watch=true"));
    assert_true(!has(&f, "ns/a") && has(&f, "ns/b"));
    release(&f);
}

static void an_older_version_of_the_same_object_is_ignored(void **state)
{
    struct fixture f;
    (void)state;
    init(&f);
    exchange(&f, 200, LIST("10", "", CLUSTER("a", "10")));
    exchange(&f, 200, EVENT("MODIFIED", CLUSTER("a", "9")));
    const struct object *object = store_get(&f.store, KUBE_SVELTOS_CLUSTERS, STR("ns/a"));
    assert_str(object->meta.resource_version, "10");
    release(&f);
}

static void what_is_no_object_is_skipped(void **state)
{
    struct fixture f;
    (void)state;
    init(&f);
    exchange(&f, 200, LIST("5", "", "{\"metadata\":{}}," CLUSTER("a", "1")));
    assert_true(has(&f, "ns/a"));
    exchange(&f, 200, EVENT("ADDED", "{\"metadata\":{\"resourceVersion\":\"6\"}}")
                          EVENT("DELETED", "{\"metadata\":{\"resourceVersion\":\"7\"}}"));
    assert_int_equal(f.changes, 1);
    exchange(&f, 200, "");
    assert_true(asked(&f, "resourceVersion=7"));
    release(&f);
}

/* Else the next watch would begin nowhere. */
static void an_event_without_a_version_does_not_move_the_watch(void **state)
{
    struct fixture f;
    (void)state;
    init(&f);
    exchange(&f, 200, LIST("5", "", CLUSTER("a", "1")));
    exchange(&f, 200, EVENT("BOOKMARK", "{\"metadata\":{}}") EVENT("MODIFIED", "{}"));
    exchange(&f, 200, "");
    assert_true(asked(&f, "resourceVersion=5&"));
    release(&f);
}

static void a_list_without_a_version_is_no_list(void **state)
{
    struct fixture f;
    (void)state;
    init(&f);
    exchange(&f, 200, "{\"metadata\":{},\"items\":[" CLUSTER("a", "1") "]}");
    assert_false(f.reflector.synced);
    exchange(&f, 200, LIST("5", "", CLUSTER("a", "1")));
    assert_false(asked(&f, "watch=true"));
    assert_true(f.reflector.synced);
    release(&f);
}

static void an_error_of_a_watch_that_is_not_about_its_age_keeps_the_version(void **state)
{
    struct fixture f;
    (void)state;
    init(&f);
    exchange(&f, 200, LIST("5", "", CLUSTER("a", "1")));
    exchange(&f, 200, EVENT("ERROR", "{\"kind\":\"Status\",\"code\":500}"));
    exchange(&f, 200, "");
    assert_true(asked(&f, "watch=true") && asked(&f, "resourceVersion=5"));
    release(&f);
}

static void a_watch_that_is_refused_as_too_old_begins_with_a_list_again(void **state)
{
    struct fixture f;
    (void)state;
    init(&f);
    exchange(&f, 200, LIST("5", "", CLUSTER("a", "1")));
    exchange(&f, 410, "{\"kind\":\"Status\",\"code\":410,\"reason\":\"Expired\"}");
    assert_true(asked(&f, "watch=true"));
    exchange(&f, 200, LIST("9", "", ""));
    assert_false(asked(&f, "watch=true"));
    assert_false(has(&f, "ns/a"));
    release(&f);
}

/* Once may be chance; twice, and a server that closes all watches is given time. */
static void watches_that_end_as_soon_as_they_begin_back_off(void **state)
{
    struct fixture f;
    (void)state;
    init(&f);
    exchange(&f, 200, LIST("5", "", CLUSTER("a", "1")));
    for (unsigned i = 0; i < 3; i++) {
        static const struct kube_response_head head = {200, -1};
        struct kube_request request;
        struct buf target;
        buf_init(&target, 1024);
        f.now.mono_ms = reflector_next_mono_ms(&f.reflector);
        reflector_request(&f.reflector, 2, f.now, &target, &request);
        buf_release(&target);
        f.now.mono_ms += 1;
        reflector_on_head(&f.reflector, &head);
        reflector_on_end(&f.reflector, ERR_NONE, f.now);
        if (i == 0)
            assert_int_equal(reflector_next_mono_ms(&f.reflector), f.now.mono_ms);
        else
            assert_true(reflector_next_mono_ms(&f.reflector) >=
                        f.now.mono_ms + RELIST_BACKOFF_MS_MIN);
    }
    release(&f);
}

/* A line that never ends, and one that is no JSON. */
static void a_watch_that_cannot_be_read_is_hung_up(void **state)
{
    static const struct kube_response_head head = {200, -1};
    struct fixture f;
    struct buf line;
    struct kube_request request;
    struct buf target;
    (void)state;
    init(&f);
    exchange(&f, 200, LIST("5", "", CLUSTER("a", "1")));
    buf_init(&line, 16u << 20);
    buf_init(&target, 1024);
    while (line.len < 8u << 20)
        buf_append_text(&line, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    reflector_request(&f.reflector, 2, f.now, &target, &request);
    reflector_on_head(&f.reflector, &head);
    assert_false(reflector_on_body(&f.reflector, buf_str(&line)));
    buf_release(&target);
    buf_release(&line);
    release(&f);
}

static void memory_returns_to_its_baseline(void **state)
{
    size_t before = mem_live_blocks();
    pages_are_joined_and_what_no_page_held_is_swept(state);
    failures_back_off_and_begin_again_with_a_list(state);
    assert_int_equal(mem_live_blocks(), before); /* [H1] */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_are_joined_and_what_no_page_held_is_swept),
        cmocka_unit_test(a_watch_changes_the_store_and_goes_on_from_its_last_version),
        cmocka_unit_test(a_burst_of_events_larger_than_any_line_is_read_whole),
        cmocka_unit_test(an_item_with_a_value_fault_does_not_hide_the_others),
        cmocka_unit_test(failures_back_off_and_begin_again_with_a_list),
        cmocka_unit_test(who_may_not_list_asks_every_ten_minutes_in_the_end),
        cmocka_unit_test(a_resource_that_is_not_served_is_empty_and_looked_for_again),
        cmocka_unit_test(what_must_be_served_and_is_not_is_asked_for_again),
        cmocka_unit_test(what_goes_unseen_changes_nothing),
        cmocka_unit_test(a_watch_of_what_is_served_no_more_begins_with_a_list_again),
        cmocka_unit_test(an_older_version_of_the_same_object_is_ignored),
        cmocka_unit_test(what_is_no_object_is_skipped),
        cmocka_unit_test(an_event_without_a_version_does_not_move_the_watch),
        cmocka_unit_test(a_list_without_a_version_is_no_list),
        cmocka_unit_test(an_error_of_a_watch_that_is_not_about_its_age_keeps_the_version),
        cmocka_unit_test(a_watch_that_is_refused_as_too_old_begins_with_a_list_again),
        cmocka_unit_test(watches_that_end_as_soon_as_they_begin_back_off),
        cmocka_unit_test(a_watch_that_cannot_be_read_is_hung_up),
        cmocka_unit_test(memory_returns_to_its_baseline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
