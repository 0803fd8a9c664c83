/* The transport's contract T1..T4 and each of its crash points, with a scripted client. */
#include "tests/testlib/test.h"

#include "controller/base/mem.h"
#include "scenarios/engine/transport_sim.h"

#define CLUSTERS "/apis/lib.projectsveltos.io/v1beta1/namespaces/default/sveltosclusters"
#define WATCH CLUSTERS "?watch=true&resourceVersion=0"
#define START_MS INT64_C(1767225600000)

struct client {
    struct timers timers;
    struct fakeapi *api;
    struct transport_sim *transport;
    const struct kube_transport *to;
    struct buf heard; /* one line per call */
    struct buf body;
    unsigned heads, bodies, ends, crashes;
    int last_status;
    enum err last_result;
    bool in_submit;
    uint64_t cancel_on_head; /* id */
};

static void hear_head(void *ctx, uint64_t id, const struct kube_response_head *head)
{
    struct client *client = ctx;
    assert_false(client->in_submit); /* T1 */
    client->heads++;
    client->last_status = head->status;
    buf_printf(&client->heard, "head %d of %d at +%d\n", head->status, (int)id,
               (int)(client->timers.now_ms - START_MS));
    if (id == client->cancel_on_head)
        client->to->cancel(client->to->ctx, id);
}

static void hear_body(void *ctx, uint64_t id, struct str bytes)
{
    struct client *client = ctx;
    (void)id;
    assert_false(client->in_submit);
    client->bodies++;
    buf_append(&client->body, bytes);
}

static void hear_end(void *ctx, uint64_t id, enum err result)
{
    struct client *client = ctx;
    assert_false(client->in_submit);
    client->ends++;
    client->last_result = result;
    buf_printf(&client->heard, "end of %d at +%d: %s\n", (int)id,
               (int)(client->timers.now_ms - START_MS), err_name(result));
}

static void hear_crash(void *ctx)
{
    struct client *client = ctx;
    assert_false(client->in_submit);
    client->crashes++;
}

static void client_init(struct client *client, int64_t latency_ms, struct sim_crash crash,
                        uint64_t seed)
{
    *client = (struct client){.in_submit = false};
    timers_init(&client->timers, START_MS);
    struct fakeapi_config api = {.timers = &client->timers, .seed = 1};
    client->api = fakeapi_create(&api);
    struct transport_config config = {
        .api = client->api,
        .timers = &client->timers,
        .seed = seed,
        .latency_ms = latency_ms,
        .crash = crash,
        .late_commit_ms = 3000,
        .receiver = {.ctx = client, .on_head = hear_head, .on_body = hear_body,
                     .on_end = hear_end, .on_crash = hear_crash},
    };
    client->transport = transport_sim_create(&config);
    client->to = transport_sim_interface(client->transport);
    buf_init(&client->heard, 1u << 20);
    buf_init(&client->body, 1u << 20);
}

static void client_release(struct client *client)
{
    transport_sim_free(client->transport);
    fakeapi_free(client->api);
    timers_release(&client->timers);
    buf_release(&client->heard);
    buf_release(&client->body);
}

static enum err submit(struct client *client, uint64_t id, const char *method, const char *target,
                       const char *body, int64_t timeout_ms)
{
    struct kube_request request = {
        .method = method,
        .target = str_from(target),
        .content_type = body != NULL ? "application/json" : NULL,
        .body = str_from(body),
        .timeout_ms = timeout_ms,
        .stream = strstr(target, "watch=true") != NULL,
    };
    client->in_submit = true;
    enum err err = client->to->submit(client->to->ctx, id, &request);
    client->in_submit = false;
    return err;
}

static enum err create(struct client *client, uint64_t id, const char *name)
{
    char *body = str_format("{\"apiVersion\":\"lib.projectsveltos.io/v1beta1\","
                            "\"kind\":\"SveltosCluster\",\"metadata\":{\"name\":\"%s\"}}",
                            name);
    enum err err = submit(client, id, "POST", CLUSTERS, body, 0);
    mem_free(body);
    return err;
}

static void reach(void *ctx)
{
    (void)ctx;
}

/* Up to that offset from the start, where the clock then stands. */
static void run_to(struct client *client, int64_t ms)
{
    (void)timers_add(&client->timers, START_MS + ms, reach, NULL);
    while (timers_next_ms(&client->timers) <= START_MS + ms)
        (void)timers_run_next(&client->timers);
}

/* How many creates the server executed. */
static unsigned created(const struct client *client)
{
    unsigned count = 0;
    for (size_t i = 0; i < fakeapi_audit_count(client->api); i++)
        count += fakeapi_audit_at(client->api, i)->created ? 1 : 0;
    return count;
}

static const struct sim_crash NO_CRASH = {.point = SIM_CRASH_NONE};

static void an_answer_takes_two_latencies_and_ends_once(void **state)
{
    (void)state;
    struct client client;
    client_init(&client, 20, NO_CRASH, 1);
    assert_err(create(&client, 7, "a"), ERR_NONE);
    assert_int_equal(client.heads, 0);
    run_to(&client, 1000);
    assert_str(buf_str(&client.heard), "head 201 of 7 at +40\nend of 7 at +40: no error\n");
    assert_true(str_contains(buf_str(&client.body), STR("\"name\":\"a\"")));
    assert_int_equal(transport_sim_counts(client.transport).requests, 1);
    client_release(&client);
}

static void bodies_come_in_seeded_pieces_and_lose_nothing(void **state)
{
    (void)state;
    unsigned pieces_max = 0;
    struct buf whole;
    buf_init(&whole, 1u << 20);
    for (uint64_t seed = 1; seed <= 8; seed++) {
        struct client client;
        client_init(&client, 0, NO_CRASH, seed);
        (void)create(&client, 1, "a");
        run_to(&client, 0);
        client.bodies = 0;
        buf_clear(&client.body);
        (void)submit(&client, 2, "GET", CLUSTERS, NULL, 0);
        run_to(&client, 0);
        pieces_max = client.bodies > pieces_max ? client.bodies : pieces_max;
        if (seed == 1)
            buf_append(&whole, buf_str(&client.body));
        assert_str(buf_str(&client.body), whole.data);
        client_release(&client);
    }
    assert_true(pieces_max > 1);
    buf_release(&whole);
}

static void after_cancel_nothing_comes_but_a_sent_write_is_executed(void **state)
{
    (void)state;
    struct client client;
    client_init(&client, 10, NO_CRASH, 1);
    (void)create(&client, 1, "a");
    client.to->cancel(client.to->ctx, 1);
    (void)submit(&client, 2, "GET", CLUSTERS, NULL, 0);
    client.to->cancel(client.to->ctx, 2);
    client.cancel_on_head = 3;
    (void)submit(&client, 3, "GET", CLUSTERS, NULL, 0);
    run_to(&client, 1000);
    assert_str(buf_str(&client.heard), "head 200 of 3 at +20\n");
    assert_int_equal(client.ends, 0);
    assert_int_equal(created(&client), 1);
    client_release(&client);
}

static void a_deadline_ends_the_wait_with_an_unknown_outcome(void **state)
{
    (void)state;
    struct client client;
    client_init(&client, 10, NO_CRASH, 1);
    (void)create(&client, 1, "never-sent-in-time");
    client.to->cancel(client.to->ctx, 1);
    char body[] = "{\"apiVersion\":\"lib.projectsveltos.io/v1beta1\",\"kind\":\"SveltosCluster\","
                  "\"metadata\":{\"name\":\"b\"}}";
    (void)submit(&client, 2, "POST", CLUSTERS, body, 5);
    (void)submit(&client, 3, "GET", CLUSTERS, NULL, 15);
    run_to(&client, 1000);
    assert_str(buf_str(&client.heard), "end of 2 at +5: outcome unknown\n"
                                       "end of 3 at +15: outcome unknown\n");
    assert_int_equal(created(&client), 2);
    client_release(&client);
}

static void a_watch_tells_what_happens_after_one_latency(void **state)
{
    (void)state;
    struct client client;
    client_init(&client, 5, NO_CRASH, 1);
    (void)submit(&client, 1, "GET", WATCH, NULL, 0);
    run_to(&client, 100);
    assert_int_equal(client.last_status, 200);
    assert_int_equal(transport_sim_counts(client.transport).deliveries, 0);
    (void)create(&client, 2, "a");
    run_to(&client, 200);
    assert_true(str_contains(buf_str(&client.body), STR("\"type\":\"ADDED\"")));
    assert_int_equal(transport_sim_counts(client.transport).deliveries, 1);
    client.to->cancel(client.to->ctx, 1);
    (void)create(&client, 3, "b");
    run_to(&client, 300);
    assert_int_equal(transport_sim_counts(client.transport).deliveries, 1);
    client_release(&client);
}

static void too_many_requests_in_flight_are_not_accepted(void **state)
{
    (void)state;
    struct client client;
    client_init(&client, 5, NO_CRASH, 1);
    for (uint64_t id = 1; id <= TRANSPORT_IN_FLIGHT_MAX; id++)
        assert_err(submit(&client, id, "GET", CLUSTERS, NULL, 0), ERR_NONE);
    assert_err(submit(&client, 1000, "GET", CLUSTERS, NULL, 0), ERR_LIMIT);
    run_to(&client, 100);
    assert_int_equal(client.ends, TRANSPORT_IN_FLIGHT_MAX);
    client_release(&client);
}

/* What is left of the second of two creates, killed at `point`. */
static void each_crash_point_is_where_it_says(void **state)
{
    (void)state;
    static const struct {
        enum sim_crash_point point;
        unsigned created_at_crash, created_later, ends;
    } ROWS[] = {
        {SIM_CRASH_BEFORE_SEND, 1, 1, 1},
        {SIM_CRASH_AFTER_COMMIT, 2, 2, 1},
        {SIM_CRASH_AFTER_ANSWER, 2, 2, 2},
        {SIM_CRASH_LATE_COMMIT, 1, 2, 1},
    };
    for (size_t i = 0; i < ARRAY_COUNT(ROWS); i++) {
        struct client client;
        client_init(&client, 10, (struct sim_crash){.point = ROWS[i].point, .nth = 2}, 1);
        (void)create(&client, 1, "a");
        run_to(&client, 100);
        assert_false(transport_sim_crashed(client.transport));
        (void)create(&client, 2, "b");
        run_to(&client, 1000);
        assert_true(transport_sim_crashed(client.transport));
        assert_true(transport_sim_is_dead(client.transport));
        assert_int_equal(created(&client), ROWS[i].created_at_crash);
        assert_int_equal(client.ends, ROWS[i].ends);
        (void)create(&client, 3, "swallowed");
        transport_sim_revive(client.transport);
        run_to(&client, 3900);
        assert_int_equal(created(&client), ROWS[i].created_at_crash);
        run_to(&client, 60000);
        assert_int_equal(created(&client), ROWS[i].created_later);
        assert_int_equal(client.ends, ROWS[i].ends);
        client_release(&client);
    }
}

static void a_watch_dies_instead_of_its_nth_delivery(void **state)
{
    (void)state;
    struct client client;
    client_init(&client, 0, (struct sim_crash){.point = SIM_CRASH_AT_DELIVERY, .nth = 2}, 1);
    (void)submit(&client, 1, "GET", WATCH, NULL, 0);
    (void)create(&client, 2, "first");
    run_to(&client, 10);
    (void)create(&client, 3, "second");
    run_to(&client, 20);
    assert_int_equal(client.crashes, 1);
    assert_true(str_contains(buf_str(&client.body), STR("\"ADDED\"")));
    transport_sim_revive(client.transport);
    (void)create(&client, 4, "third");
    buf_clear(&client.body);
    run_to(&client, 30);
    assert_false(str_contains(buf_str(&client.body), STR("\"ADDED\"")));
    client_release(&client);
}

static void the_nth_wakeup_is_asked_for_and_kills(void **state)
{
    (void)state;
    struct client client;
    client_init(&client, 0, (struct sim_crash){.point = SIM_CRASH_AT_TIMER, .nth = 2}, 1);
    assert_false(transport_sim_timer_kills(client.transport));
    assert_true(transport_sim_timer_kills(client.transport));
    assert_true(transport_sim_is_dead(client.transport));
    transport_sim_revive(client.transport);
    assert_false(transport_sim_timer_kills(client.transport));
    client_release(&client);
}

static void records_tell_what_was_in_flight_when(void **state)
{
    (void)state;
    struct client client;
    size_t count = 0;
    client_init(&client, 10, NO_CRASH, 1);
    (void)create(&client, 1, "a");
    (void)create(&client, 2, "b");
    run_to(&client, 100);
    (void)create(&client, 3, "c");
    const struct transport_record *records = transport_sim_records(client.transport, &count);
    assert_int_equal(count, 3);
    assert_true(records[0].ended_order > records[1].submitted_order);
    assert_true(records[1].ended_order < records[2].submitted_order);
    assert_true(records[0].answered && !records[2].answered);
    assert_int_equal(records[2].ended_order, UINT64_MAX);
    assert_int_equal(records[0].ended_ms - START_MS, 20);
    assert_str(fakeapi_audit_at(client.api, records[1].audit_index)->user_agent,
               TRANSPORT_USER_AGENT);
    client_release(&client);
}

static void crash_points_read_as_they_print(void **state)
{
    (void)state;
    static const char *const GOOD[] = {"none",          "before-send:1",  "after-commit:12",
                                       "after-answer:3", "late-commit:4", "delivery:5",
                                       "timer:4294967295"};
    static const char *const BAD[] = {"",        "timer",   "timer:", "timer:0", "timer:-1",
                                      "timer:1x", "never:1", "none:1", "timer:4294967296"};
    struct sim_crash crash;
    struct buf text;
    buf_init(&text, 100);
    for (size_t i = 0; i < ARRAY_COUNT(GOOD); i++) {
        assert_true(sim_crash_parse(str_from(GOOD[i]), &crash));
        buf_clear(&text);
        sim_crash_print(crash, &text);
        assert_str(buf_str(&text), GOOD[i]);
    }
    for (size_t i = 0; i < ARRAY_COUNT(BAD); i++)
        assert_false(sim_crash_parse(str_from(BAD[i]), &crash));
    buf_release(&text);
}

static void nothing_is_left_in_memory(void **state)
{
    (void)state;
    size_t blocks = mem_live_blocks();
    struct client client;
    client_init(&client, 10, (struct sim_crash){.point = SIM_CRASH_LATE_COMMIT, .nth = 3}, 1);
    (void)submit(&client, 1, "GET", WATCH, NULL, 100000);
    (void)create(&client, 2, "a");
    run_to(&client, 100);
    (void)create(&client, 3, "b");
    client_release(&client);
    assert_int_equal(mem_live_blocks(), blocks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_takes_two_latencies_and_ends_once),
        cmocka_unit_test(bodies_come_in_seeded_pieces_and_lose_nothing),
        cmocka_unit_test(after_cancel_nothing_comes_but_a_sent_write_is_executed),
        cmocka_unit_test(a_deadline_ends_the_wait_with_an_unknown_outcome),
        cmocka_unit_test(a_watch_tells_what_happens_after_one_latency),
        cmocka_unit_test(too_many_requests_in_flight_are_not_accepted),
        cmocka_unit_test(each_crash_point_is_where_it_says),
        cmocka_unit_test(a_watch_dies_instead_of_its_nth_delivery),
        cmocka_unit_test(the_nth_wakeup_is_asked_for_and_kills),
        cmocka_unit_test(records_tell_what_was_in_flight_when),
        cmocka_unit_test(crash_points_read_as_they_print),
        cmocka_unit_test(nothing_is_left_in_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
