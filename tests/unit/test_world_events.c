/*
 * Events as Sveltos' recorder leaves them, in both groups, and clusters that are paused outside
 * their active window. Rows: facts 6.3 (events of results), 2.8 (form), 8 (activeWindow);
 * client-go's tools/events for the series.
 */
#include "tests/testlib/world.h"

#include "fakeapi/sveltos/recorder.h"

#define EVENTS "/apis/events.k8s.io/v1/namespaces/default/events"
#define CORE_EVENTS "/api/v1/namespaces/default/events"
#define QA "{'env':'qa'}"
#define SELECTOR "'clusterSelector':{'matchLabels':{'env':'qa'}}"
#define RESOURCES "'policyRefs':[{'kind':'ConfigMap','namespace':'default','name':'a'}]"
#define SPEC "{" SELECTOR "," RESOURCES "}"
#define MINUTE_MS INT64_C(60000)

static const struct world_rule at_once = {.has_created_after = true};

/* The only event there is, without what differs from run to run. Owned. */
static struct json *only_event(struct stage *stage, const char *target)
{
    struct json *list = stage_get(stage, target);
    assert_int_equal(json_count(json_get(list, "items")), 1);
    struct json *event = json_detach(json_get(list, "items"), json_first(json_get(list, "items")));
    json_free(list);
    return event;
}

static void assert_text(const struct json *event, const char *path, const char *expected)
{
    assert_str(json_text_at(event, path), expected);
}

/* 6.3: "event reason Sveltos, note ..."; 2.8: the reporter. */
static void a_deployment_is_told_in_both_groups(void **state)
{
    (void)state;
    struct stage *stage = stage_create(&at_once, 1);
    stage_add_cluster(stage, "c1", QA);
    stage_add_profile(stage, "{'name':'p'}", SPEC);
    stage_run_until(stage, 9999);
    struct json *none = stage_get(stage, EVENTS);
    assert_int_equal(json_count(json_get(none, "items")), 0);
    json_free(none);
    stage_run_until(stage, 10000);
    struct json *event = only_event(stage, EVENTS);
    struct json *core = only_event(stage, CORE_EVENTS);
    const char *note = "Feature: Resources deployed to cluster Sveltos default/c1";
    assert_text(event, "note", note);
    assert_text(core, "message", note);
    assert_text(event, "type", "Normal");
    assert_text(event, "reason", "Sveltos");
    assert_text(core, "reason", "Sveltos");
    assert_text(event, "action", "ClusterSummary");
    assert_text(event, "reportingController", "event-recorder");
    assert_text(core, "reportingComponent", "event-recorder");
    assert_text(event, "eventTime", "2026-01-01T00:00:10.000000Z");
    assert_text(event, "regarding.kind", "ClusterSummary");
    assert_text(event, "regarding.name", "p-sveltos-c1");
    assert_text(core, "involvedObject.name", "p-sveltos-c1");
    assert_true(str_equal(json_text_at(event, "metadata.name"),
                          json_text_at(core, "metadata.name")));
    assert_true(str_starts_with(json_text_at(event, "metadata.name"), STR("p-sveltos-c1.")));
    json_free(event);
    json_free(core);
    stage_free(stage);
}

/* 6.3: "warning event FailedNonRetriable". */
static void a_failure_for_good_is_a_warning(void **state)
{
    (void)state;
    const struct world_rule rules[] = {
        at_once, {.fails = UINT_MAX, .fails_for_good = true, .message = STR("no such chart")}};
    struct stage *stage = stage_create(rules, 2);
    stage_add_cluster(stage, "c1", QA);
    stage_add_profile(stage, "{'name':'p'}", SPEC);
    stage_run_until(stage, 60 * MINUTE_MS);
    struct json *event = only_event(stage, EVENTS);
    assert_text(event, "type", "Warning");
    assert_text(event, "reason", "FailedNonRetriable");
    assert_text(event, "note", "no such chart");
    json_free(event);
    stage_free(stage);
}

/* 6.3: other failures tell nothing. */
static void a_failure_that_is_retried_tells_nothing(void **state)
{
    (void)state;
    const struct world_rule rules[] = {at_once, {.fails = UINT_MAX}};
    struct stage *stage = stage_create(rules, 2);
    stage_add_cluster(stage, "c1", QA);
    stage_add_profile(stage, "{'name':'p'}", SPEC);
    stage_run_until(stage, 10 * MINUTE_MS);
    struct json *none = stage_get(stage, EVENTS);
    assert_int_equal(json_count(json_get(none, "items")), 0);
    json_free(none);
    stage_free(stage);
}

/* A recorder on its own, and one thing to tell of. */
struct desk {
    struct stage *stage;
    struct recorder recorder;
    struct json *object;
};

static struct desk *desk_create(void)
{
    struct desk *desk = mem_alloc(sizeof(*desk));
    desk->stage = stage_create(NULL, 0);
    recorder_init(&desk->recorder, desk->stage->api, &desk->stage->timers);
    recorder_start(&desk->recorder);
    desk->object = json_of("{'apiVersion':'a/v1','kind':'K','metadata':{'name':'n','namespace':"
                           "'default','uid':'u','resourceVersion':'7'}}");
    return desk;
}

static void desk_free(struct desk *desk)
{
    recorder_release(&desk->recorder);
    json_free(desk->object);
    stage_free(desk->stage);
    mem_free(desk);
}

static void tell(struct desk *desk, const char *note)
{
    recorder_tell(&desk->recorder, &(struct recording){desk->object, "Normal", "Sveltos", "K",
                                                       note});
}

static void assert_count(struct desk *desk, const char *expected)
{
    struct json *list = stage_get(desk->stage, EVENTS);
    struct json *core = stage_get(desk->stage, CORE_EVENTS);
    struct buf text;
    buf_init(&text, 4096);
    const struct json *counts[] = {json_get(list, "items"), json_get(core, "items")};
    for (size_t i = 0; i < ARRAY_COUNT(counts); i++) {
        JSON_EACH(event, counts[i]) {
            int64_t count = 1;
            (void)json_int_of(json_at(event, "series.count"), &count);
            buf_printf(&text, "%" PRId64 " ", count);
        }
        if (i == 0) {
            assert_str(buf_str(&text), expected);
            buf_clear(&text);
        }
    }
    assert_str(buf_str(&text), expected);
    buf_release(&text);
    json_free(list);
    json_free(core);
}

/* client-go: the second makes a series of 2, at once; more are counted and written when the
 * series is over (no event for 6 min, looked at every 6 min). */
static void what_is_told_again_becomes_a_series(void **state)
{
    (void)state;
    struct desk *desk = desk_create();
    tell(desk, "one");
    assert_count(desk, "1 ");
    stage_run_until(desk->stage, 1000);
    tell(desk, "two"); /* the note is not what makes them the same */
    assert_count(desk, "2 ");
    for (unsigned i = 0; i < 5; i++)
        tell(desk, "more");
    assert_count(desk, "2 ");
    stage_run_until(desk->stage, 12 * MINUTE_MS - 1);
    assert_count(desk, "2 ");
    stage_run_until(desk->stage, 12 * MINUTE_MS);
    assert_count(desk, "7 ");
    struct json *event = only_event(desk->stage, EVENTS);
    assert_text(event, "note", "one");
    assert_text(event, "series.lastObservedTime", "2026-01-01T00:00:01.000000Z");
    json_free(event);
    tell(desk, "new"); /* the series is over */
    assert_count(desk, "7 1 ");
    /* An idle day costs nothing. */
    assert_int_equal(stage_run_until(desk->stage, 24 * 60 * MINUTE_MS), 0);
    desk_free(desk);
}

/* client-go: a series that goes on is written every 30 min. */
static void a_long_series_is_written_every_half_hour(void **state)
{
    (void)state;
    struct desk *desk = desk_create();
    for (int64_t minute = 0; minute < 29; minute += 2) {
        stage_run_until(desk->stage, minute * MINUTE_MS);
        tell(desk, "one");
    }
    assert_count(desk, "2 ");
    stage_run_until(desk->stage, 30 * MINUTE_MS);
    assert_count(desk, "15 ");
    desk_free(desk);
}

/* client-go: the reference, with uid and resourceVersion, is a part of what makes events the
 * same; so are type, reason and action. */
static void another_state_of_the_object_is_another_event(void **state)
{
    (void)state;
    struct desk *desk = desk_create();
    tell(desk, "one");
    json_set(json_get(desk->object, "metadata"), "resourceVersion", json_text("8"));
    tell(desk, "one");
    assert_count(desk, "1 1 ");
    recorder_tell(&desk->recorder, &(struct recording){desk->object, "Warning", "Sveltos", "K",
                                                       "one"});
    assert_count(desk, "1 1 1 ");
    desk_free(desk);
}

/* Without a namespace, events are in "default" (2.8); a restart forgets what was told. */
static void a_recorder_that_starts_anew_knows_nothing(void **state)
{
    (void)state;
    struct desk *desk = desk_create();
    json_remove(json_get(desk->object, "metadata"), "namespace");
    tell(desk, "one");
    recorder_stop(&desk->recorder);
    recorder_start(&desk->recorder);
    tell(desk, "one");
    assert_count(desk, "1 1 ");
    desk_free(desk);
}

/* Two features that succeed in one pass are told as one: same object, same state. */
static void two_features_of_one_pass_make_a_series(void **state)
{
    (void)state;
    struct stage *stage = stage_create(&at_once, 1);
    stage_add_cluster(stage, "c1", QA);
    stage_add_profile(stage, "{'name':'p'}", "{" SELECTOR "," RESOURCES ",'kustomizationRefs':[{"
                                             "'kind':'GitRepository','name':'k'}]}");
    stage_run_until(stage, 60 * MINUTE_MS);
    struct json *list = stage_get(stage, EVENTS);
    int64_t told = 0;
    JSON_EACH(event, json_get(list, "items")) {
        int64_t count = 1;
        (void)json_int_of(json_at(event, "series.count"), &count);
        told += count;
    }
    assert_int_equal(told, 2);
    json_free(list);
    stage_free(stage);
}

static void assert_paused(struct stage *stage, int64_t at_ms, const char *expected)
{
    stage_run_until(stage, at_ms);
    assert_at(stage, CLUSTERS "/c1", "spec.paused", expected);
}

/* 8: "spec.activeWindow{from,to} drives automatic pausing". */
static void a_cluster_is_paused_outside_its_window(void **state)
{
    (void)state;
    const struct world_rule rules[] = {
        at_once,
        {.cluster = STR("c1"), .has_active = true, .active = {60 * MINUTE_MS, 120 * MINUTE_MS}}};
    struct stage *stage = stage_create(rules, 2);
    stage_add_cluster(stage, "c1", QA);
    stage_add_cluster(stage, "c2", QA);
    stage_add_profile(stage, "{'name':'p'}", SPEC);
    assert_paused(stage, MINUTE_MS, "true");
    assert_at(stage, CLUSTERS "/c1", "status.nextUnpause", "'2026-01-01T01:00:00Z'");
    assert_at(stage, CLUSTERS "/c1", "status.nextPause", "'2026-01-01T02:00:00Z'");
    assert_at(stage, CLUSTERS "/c2", "spec.paused", "");
    assert_paused(stage, 60 * MINUTE_MS - 1, "true");
    assert_at(stage, SUMMARIES "/p-sveltos-c1", "status.suspensionReason", "'Cluster is paused'");
    assert_paused(stage, 60 * MINUTE_MS, "false");
    stage_run_until(stage, 61 * MINUTE_MS);
    assert_feature(stage, SUMMARIES "/p-sveltos-c1", 0, "status", "Provisioned");
    assert_paused(stage, 120 * MINUTE_MS, "true");
    assert_int_equal(stage_run_until(stage, 24 * 60 * MINUTE_MS), 0);
    stage_free(stage);
}

/* world.h: active_every_ms. */
static void a_window_may_come_back(void **state)
{
    (void)state;
    const struct world_rule rule = {.has_active = true,
                                    .active = {10 * MINUTE_MS, 20 * MINUTE_MS},
                                    .active_every_ms = 60 * MINUTE_MS};
    struct stage *stage = stage_create(&rule, 1);
    stage_add_cluster(stage, "c1", QA);
    static const struct {
        int64_t minute;
        const char *paused;
    } rows[] = {{9, "true"}, {10, "false"}, {19, "false"}, {20, "true"}, {69, "true"},
                {70, "false"}, {80, "true"}, {130, "false"}, {140, "true"}};
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
        assert_paused(stage, rows[i].minute * MINUTE_MS, rows[i].paused);
    stage_free(stage);
}

/* 8: the keeper polls: what it missed while it was down is made good. */
static void a_window_that_opened_while_sveltos_was_down_is_open(void **state)
{
    (void)state;
    const struct world_rule rule = {.has_active = true,
                                    .active = {10 * MINUTE_MS, 20 * MINUTE_MS}};
    struct stage *stage = stage_create(&rule, 1);
    stage_add_cluster(stage, "c1", QA);
    assert_paused(stage, MINUTE_MS, "true");
    world_set_down(stage->world, true);
    assert_paused(stage, 15 * MINUTE_MS, "true");
    world_set_down(stage->world, false);
    assert_paused(stage, 15 * MINUTE_MS, "false");
    stage_free(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_deployment_is_told_in_both_groups),
        cmocka_unit_test(a_failure_for_good_is_a_warning),
        cmocka_unit_test(a_failure_that_is_retried_tells_nothing),
        cmocka_unit_test(what_is_told_again_becomes_a_series),
        cmocka_unit_test(a_long_series_is_written_every_half_hour),
        cmocka_unit_test(another_state_of_the_object_is_another_event),
        cmocka_unit_test(a_recorder_that_starts_anew_knows_nothing),
        cmocka_unit_test(two_features_of_one_pass_make_a_series),
        cmocka_unit_test(a_cluster_is_paused_outside_its_window),
        cmocka_unit_test(a_window_may_come_back),
        cmocka_unit_test(a_window_that_opened_while_sveltos_was_down_is_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
