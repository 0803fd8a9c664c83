/* Each fault of the transport, with a scripted client: what the server executed, what the
 * client heard and when. */
#include "tests/testlib/test.h"

#include "controller/base/mem.h"
#include "scenarios/engine/transport_sim.h"

#define CLUSTERS "/apis/lib.projectsveltos.io/v1beta1/namespaces/default/sveltosclusters"
#define WATCH CLUSTERS "?watch=true&resourceVersion=0"
#define START_MS INT64_C(1767225600000)
#define DEADLINE_MS 10000

struct client {
    struct timers timers;
    struct fakeapi *api;
    struct transport_sim *transport;
    const struct kube_transport *to;
    struct sim_fault_once fault;
    struct sim_fault_hook hook;
    struct buf heard;
    struct buf body;
    struct buf struck;
};

static void hear_head(void *ctx, uint64_t id, const struct kube_response_head *head)
{
    struct client *client = ctx;
    (void)id;
    buf_printf(&client->heard, "head %d after %d at +%d\n", head->status, (int)head->retry_after_s,
               (int)(client->timers.now_ms - START_MS));
}

static void hear_body(void *ctx, uint64_t id, struct str bytes)
{
    struct client *client = ctx;
    (void)id;
    buf_append(&client->body, bytes);
}

static void hear_end(void *ctx, uint64_t id, enum err result)
{
    struct client *client = ctx;
    (void)id;
    buf_printf(&client->heard, "end at +%d: %s\n", (int)(client->timers.now_ms - START_MS),
               err_name(result));
}

static void hear_crash(void *ctx)
{
    struct client *client = ctx;
    buf_append_text(&client->heard, "crash\n");
}

static void hear_fault(void *ctx, const struct sim_fault *fault,
                       const struct sim_passage *passage)
{
    struct client *client = ctx;
    sim_fault_print(fault, &client->struck);
    buf_printf(&client->struck, " %s %u\n", passage->is_delivery ? "delivery" : "request",
               passage->nth);
}

static void client_init(struct client *client, struct sim_fault fault, unsigned nth)
{
    *client = (struct client){.fault = {fault, nth}};
    client->hook = (struct sim_fault_hook){.ctx = &client->fault,
                                           .strikes = sim_fault_once_strikes};
    timers_init(&client->timers, START_MS);
    struct fakeapi_config api = {.timers = &client->timers, .seed = 1};
    client->api = fakeapi_create(&api);
    struct transport_config config = {
        .api = client->api,
        .timers = &client->timers,
        .seed = 1,
        .latency_ms = 10,
        .faults = &client->hook,
        .late_commit_ms = 3000,
        .receiver = {.ctx = client, .on_head = hear_head, .on_body = hear_body,
                     .on_end = hear_end, .on_crash = hear_crash, .on_fault = hear_fault},
    };
    client->transport = transport_sim_create(&config);
    client->to = transport_sim_interface(client->transport);
    buf_init(&client->heard, 1u << 20);
    buf_init(&client->body, 1u << 20);
    buf_init(&client->struck, 1u << 20);
}

static void client_release(struct client *client)
{
    transport_sim_free(client->transport);
    fakeapi_free(client->api);
    timers_release(&client->timers);
    buf_release(&client->heard);
    buf_release(&client->body);
    buf_release(&client->struck);
}

static void submit(struct client *client, uint64_t id, const char *method, const char *target,
                   const char *body)
{
    struct kube_request request = {
        .method = method,
        .target = str_from(target),
        .content_type = body != NULL ? "application/json" : NULL,
        .body = str_from(body),
        .timeout_ms = DEADLINE_MS,
        .stream = strstr(target, "watch=true") != NULL,
    };
    assert_err(client->to->submit(client->to->ctx, id, &request), ERR_NONE);
}

static void create(struct client *client, uint64_t id, const char *name)
{
    char *body = str_format("{\"apiVersion\":\"lib.projectsveltos.io/v1beta1\","
                            "\"kind\":\"SveltosCluster\",\"metadata\":{\"name\":\"%s\"}}",
                            name);
    submit(client, id, "POST", CLUSTERS, body);
    mem_free(body);
}

static void create_unheard(struct client *client, uint64_t id, const char *name)
{
    create(client, id, name);
    client->to->cancel(client->to->ctx, id);
}

static void reach(void *ctx)
{
    (void)ctx;
}

static void run_to(struct client *client, int64_t ms)
{
    (void)timers_add(&client->timers, START_MS + ms, reach, NULL);
    while (timers_next_ms(&client->timers) <= START_MS + ms)
        (void)timers_run_next(&client->timers);
}

/* When the server executed the create, since the start; -1: never. */
static int created_at(const struct client *client)
{
    for (size_t i = 0; i < fakeapi_audit_count(client->api); i++) {
        if (fakeapi_audit_at(client->api, i)->created)
            return (int)(fakeapi_audit_at(client->api, i)->at_ms - START_MS);
    }
    return -1;
}

/* With 10 ms on the way and a deadline of 10 s. */
static const struct {
    const char *name;
    int created_at;
    bool answered;
    const char *heard;
} requests[] = {
    {"lose-answer", 10, false, "end at +20: outcome unknown\n"},
    {"lose-request", -1, false, "end at +10: unreachable\n"},
    {"answer-409", -1, true, "head 409 after -1 at +20\nend at +20: no error\n"},
    {"answer-429", -1, true, "head 429 after 5 at +20\nend at +20: no error\n"},
    {"answer-500", -1, true, "head 500 after -1 at +20\nend at +20: no error\n"},
    {"answer-503", -1, true, "head 503 after -1 at +20\nend at +20: no error\n"},
    {"answer-504", -1, true, "head 504 after -1 at +20\nend at +20: no error\n"},
    {"time-out", -1, false, "end at +10000: outcome unknown\n"},
    {"time-out-committed", 10, false, "end at +10000: outcome unknown\n"},
    {"time-out-late", 3010, false, "end at +10000: outcome unknown\n"},
};

static void each_fault_of_a_request_is_what_its_name_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(requests); i++) {
        struct client client;
        struct sim_fault fault;
        unsigned nth = 0;
        size_t count = 0;
        char *name = str_format("%s:1", requests[i].name);
        assert_true(sim_fault_parse(str_from(name), &fault, &nth));
        client_init(&client, fault, nth);
        create(&client, 1, "a");
        run_to(&client, 60000);
        assert_str(buf_str(&client.heard), requests[i].heard);
        assert_int_equal(created_at(&client), requests[i].created_at);
        const struct transport_record *records = transport_sim_records(client.transport, &count);
        assert_int_equal(records[0].answered, requests[i].answered);
        assert_true(records[0].ended_order != UINT64_MAX);
        assert_int_equal(records[0].audit_index == SIZE_MAX, requests[i].created_at < 0);
        create(&client, 2, "b"); /* the next one is not struck */
        run_to(&client, 61000);
        assert_true(str_contains(buf_str(&client.heard), STR("head 201 after -1 at +60020\n")));
        mem_free(name);
        client_release(&client);
    }
}

static void an_answer_that_is_made_up_is_a_status(void **state)
{
    static const int statuses[] = {409, 410, 429, 500, 503, 504};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(statuses); i++) {
        struct json *status = NULL;
        struct buf text;
        buf_init(&text, 10000);
        sim_fault_print_status(statuses[i], &text);
        assert_err(json_parse(buf_str(&text), NULL, &status, NULL), ERR_NONE);
        assert_str(json_text_at(status, "kind"), "Status");
        assert_str(json_text_at(status, "status"), "Failure");
        assert_false(str_is_empty(json_text_at(status, "reason")));
        json_free(status);
        buf_release(&text);
    }
}

/* Two events of one instant, then one: what of them reaches the client. */
static const struct {
    struct sim_fault fault;
    const char *heard; /* after the head of the watch */
    const char *struck;
    bool first, last, error; /* whole lines in the body */
} deliveries[] = {
    {{.kind = SIM_FAULT_GONE}, "end at +70: no error\n", "gone delivery 1\n", false, false, true},
    {{.kind = SIM_FAULT_CUT_WATCH}, "end at +70: no error\n", "cut-watch delivery 1\n", false,
     false, false},
    {{.kind = SIM_FAULT_TEAR_WATCH}, "end at +70: outcome unknown\n", "tear-watch delivery 1\n",
     true, false, false},
    {{.kind = SIM_FAULT_STALE_WATCH, .hold_ms = 500}, "", "stale-watch 500ms delivery 1\n", true,
     true, false},
};

static void each_fault_of_a_watch_is_what_its_name_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(deliveries); i++) {
        struct client client;
        client_init(&client, deliveries[i].fault, 1);
        submit(&client, 1, "GET", WATCH, NULL);
        run_to(&client, 50);
        buf_clear(&client.heard);
        create_unheard(&client, 2, "a");
        create_unheard(&client, 3, "a-second-one");
        run_to(&client, 500);
        bool stale = deliveries[i].fault.kind == SIM_FAULT_STALE_WATCH;
        if (stale)
            assert_str(buf_str(&client.body), "");
        create_unheard(&client, 4, "last");
        run_to(&client, 569);
        assert_true(!stale || client.body.len == 0);
        run_to(&client, 1000);
        struct str body = buf_str(&client.body);
        assert_str(buf_str(&client.heard), deliveries[i].heard);
        assert_str(buf_str(&client.struck), deliveries[i].struck);
        assert_int_equal(str_contains(body, STR("\"name\":\"a\"")), deliveries[i].first);
        assert_int_equal(str_contains(body, STR("\"name\":\"last\"")), deliveries[i].last);
        assert_int_equal(str_contains(body, STR("{\"type\":\"ERROR\",\"object\":{\"kind\":"
                                                "\"Status\"")),
                         deliveries[i].error);
        if (deliveries[i].fault.kind == SIM_FAULT_TEAR_WATCH)
            assert_false(str_ends_with(body, STR("\n")));
        client_release(&client);
    }
}

/* Else the next watch from the old version would bring what was to be missed. */
static void what_is_gone_is_not_brought_by_the_next_watch(void **state)
{
    struct client client;
    (void)state;
    client_init(&client, (struct sim_fault){.kind = SIM_FAULT_GONE}, 1);
    char *watch = str_format("%s?watch=true&resourceVersion=%" PRIu64, CLUSTERS,
                             fakeapi_resource_version(client.api));
    submit(&client, 1, "GET", watch, NULL);
    run_to(&client, 50);
    create_unheard(&client, 2, "a");
    run_to(&client, 500);
    buf_clear(&client.body);
    submit(&client, 3, "GET", watch, NULL);
    run_to(&client, 1000);
    assert_true(str_contains(buf_str(&client.body), STR("\"code\":410")));
    assert_false(str_contains(buf_str(&client.body), STR("\"name\":\"a\"")));
    mem_free(watch);
    client_release(&client);
}

static void several_crashes_strike_one_after_the_other(void **state)
{
    struct client client;
    struct sim_fault late = {.kind = SIM_FAULT_CRASH, .point = SIM_CRASH_LATE_COMMIT};
    (void)state;
    client_init(&client, late, 1);
    create(&client, 1, "a");
    assert_true(transport_sim_is_dead(client.transport));
    transport_sim_revive(client.transport);
    run_to(&client, 1000);
    client.fault.nth = 2;
    create(&client, 2, "b");
    transport_sim_revive(client.transport);
    run_to(&client, 2999);
    assert_int_equal(created_at(&client), -1);
    run_to(&client, 3000);
    assert_int_equal(created_at(&client), 3000);
    assert_int_equal(fakeapi_audit_count(client.api), 1);
    run_to(&client, 4000);
    assert_int_equal(fakeapi_audit_count(client.api), 2);
    client.fault = (struct sim_fault_once){
        {.kind = SIM_FAULT_CRASH, .point = SIM_CRASH_AFTER_ANSWER}, 3};
    create(&client, 3, "c");
    run_to(&client, 5000);
    assert_str(buf_str(&client.heard), "head 201 after -1 at +4020\nend at +4020: no error\n"
                                       "crash\n");
    client_release(&client);
}

static void fault_names_are_unique_and_nothing_else_is_read(void **state)
{
    static const char *const bad[] = {"",       "gone",   "gone:",          "gone:0",
                                      "none:1", "gone:x", "answer:1",       "answer-418:1",
                                      ":1",     "gone:4294967296", "crash-controller:1"};
    struct sim_fault fault;
    unsigned nth = 0;
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
        assert_false(sim_fault_parse(str_from(bad[i]), &fault, &nth));
    for (size_t i = 0; i < SIM_FAULT_NAME_COUNT; i++) {
        char *text = str_format("%s:4294967295", SIM_FAULT_NAMES[i].name);
        assert_true(sim_fault_parse(str_from(text), &fault, &nth));
        assert_int_equal(nth, UINT_MAX);
        assert_int_equal(fault.kind, SIM_FAULT_NAMES[i].fault.kind);
        assert_int_equal(fault.status, SIM_FAULT_NAMES[i].fault.status);
        mem_free(text);
    }
}

static void nothing_is_left_in_memory(void **state)
{
    (void)state;
    size_t blocks = mem_live_blocks();
    for (size_t i = 0; i < SIM_FAULT_NAME_COUNT; i++) {
        struct client client;
        client_init(&client, SIM_FAULT_NAMES[i].fault, 1);
        submit(&client, 1, "GET", WATCH, NULL);
        create(&client, 2, "a");
        run_to(&client, 30);
        client_release(&client);
        assert_int_equal(mem_live_blocks(), blocks);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fault_of_a_request_is_what_its_name_says),
        cmocka_unit_test(an_answer_that_is_made_up_is_a_status),
        cmocka_unit_test(each_fault_of_a_watch_is_what_its_name_says),
        cmocka_unit_test(what_is_gone_is_not_brought_by_the_next_watch),
        cmocka_unit_test(several_crashes_strike_one_after_the_other),
        cmocka_unit_test(fault_names_are_unique_and_nothing_else_is_read),
        cmocka_unit_test(nothing_is_left_in_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
