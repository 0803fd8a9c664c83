/* What a promotion that waits says in status: whom it names, and when it is said anew. */
#include "controller/core/promotion_decide.h"

#include "controller/core/limits.h"
#include "tests/testlib/test.h"

#define NOW_MS INT64_C(1767398400000) /* 2026-01-03T00:00:00Z */
#define MINUTE_MS INT64_C(60000)

static const struct ktime now = {1000, NOW_MS};

struct world {
    struct promotion_view view;
    struct stage_view stages[2];
};

/* The first of two stages, entered `minutes` ago and told of since. */
static void init_entered(struct world *world, int64_t minutes)
{
    int64_t since_ms = NOW_MS - minutes * MINUTE_MS;
    *world = (struct world){
        .view = {.has_finalizers = true, .has_a_finalizer = true, .ever_recorded = true,
                 .configuration_recorded = true, .stages_recorded = true, .stage_count = 2,
                 .entry_count = 1, .kept_count = 1, .stage_to_consume = STAGE_NONE,
                 .settles_ms = KTIME_NEVER, .readiness = READINESS_PROVISIONING,
                 .readiness_names = STR("ns/a"), .text = STR("Clusters are being provisioned"),
                 .since_ms = since_ms, .text_ms = since_ms},
        .stages = {{.profile = PROFILE_AS_WANTED, .profile_name = STR("web-qa")},
                   {.profile = PROFILE_ABSENT}},
    };
    world->view.stages = world->stages;
}

static struct decision decide(const struct world *world)
{
    struct decision decision;
    promotion_decide(&world->view, now, &decision);
    return decision;
}

static void what_takes_long_is_named_after_ten_minutes(void **state)
{
    struct world world;
    (void)state;
    init_entered(&world, 9);
    struct decision decision = decide(&world);
    assert_int_equal(decision.kind, DECISION_WAIT);
    assert_string_equal(decision.text, "Clusters are being provisioned");
    assert_int_equal(decision.wakeup_ms, NOW_MS + MINUTE_MS);
    init_entered(&world, 10);
    decision = decide(&world);
    assert_int_equal(decision.write, WRITE_SAY);
    assert_string_equal(decision.text, "Clusters are being provisioned: ns/a");
}

/* The deployment that the health checks look at, too. */
static void a_pre_check_deployment_that_takes_long_is_named(void **state)
{
    (void)state;
    for (int64_t minutes = 9; minutes <= 10; minutes++) {
        struct world world;
        init_entered(&world, minutes);
        world.view.text = STR("Pre-check deployment is being provisioned");
        world.stages[0].provisioned = world.stages[0].has_pre_checks = true;
        world.stages[0].provisioned_ms = NOW_MS - 20 * MINUTE_MS;
        world.view.check_profile = PROFILE_AS_WANTED;
        world.view.check_readiness = READINESS_PROVISIONING;
        world.view.check_names = STR("ns/b");
        world.view.check_settles_ms = KTIME_NEVER;
        struct decision decision = decide(&world);
        assert_int_equal(decision.kind, minutes < 10 ? DECISION_WAIT : DECISION_WRITE);
        assert_string_equal(decision.text, minutes < 10
                                               ? "Pre-check deployment is being provisioned"
                                               : "Pre-check deployment is being provisioned: "
                                                 "ns/b");
    }
}

/* The cache may be behind: what only rest proves is asked for before it is believed (P7). */
static void what_only_rest_proves_is_looked_at(void **state)
{
    (void)state;
    for (int checks = 0; checks < 2; checks++) {
        struct world world;
        init_entered(&world, 3);
        world.view.unconfirmed = true;
        if (checks) {
            world.view.readiness = READINESS_PROVISIONED;
            world.stages[0].provisioned = world.stages[0].has_pre_checks = true;
            world.stages[0].provisioned_ms = NOW_MS - MINUTE_MS;
            world.view.check_profile = PROFILE_AS_WANTED;
            world.view.check_readiness = READINESS_PROVISIONING;
        }
        struct decision decision = decide(&world);
        assert_int_equal(decision.kind, DECISION_LOOK);
        assert_int_equal(decision.reason, checks ? REASON_CHECKS_DEPLOYING : REASON_PROVISIONING);
        assert_int_equal(decision.stage_index, 0);
    }
}

/* Each cluster that is done would be a write otherwise. */
static void who_is_left_is_told_every_ten_minutes(void **state)
{
    struct world world;
    (void)state;
    init_entered(&world, 15);
    world.view.text = STR("Clusters are being provisioned: ns/a, ns/b");
    world.view.text_ms = NOW_MS - 5 * MINUTE_MS;
    struct decision decision = decide(&world);
    assert_int_equal(decision.kind, DECISION_WAIT);
    assert_int_equal(decision.wakeup_ms, NOW_MS + 5 * MINUTE_MS);
}

static void clusters_that_are_left_out_are_named(void **state)
{
    static const struct {
        enum readiness readiness;
        const char *text;
    } rows[] = {
        {READINESS_PROVISIONING, "Clusters are being provisioned; not ready: ns/x"},
        {READINESS_FAILING, "Deployment is failing on ns/a; not ready: ns/x"},
        {READINESS_CLUSTER_PAUSED, "Waiting for paused clusters: ns/a; not ready: ns/x"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct world world;
        init_entered(&world, 1);
        world.view.readiness = rows[i].readiness;
        world.view.left_out = STR("ns/x");
        assert_string_equal(decide(&world).text, rows[i].text);
    }
}

static void a_short_wait_for_a_profile_is_not_told(void **state)
{
    struct world world;
    (void)state;
    init_entered(&world, 0);
    world.stages[0].profile = PROFILE_TERMINATING;
    struct decision decision = decide(&world);
    assert_int_equal(decision.kind, DECISION_WAIT);
    assert_int_equal(decision.reason, REASON_PROFILE_TERMINATING);
    assert_int_equal(decision.wakeup_ms, NOW_MS + MINUTE_MS);
    world.view.text_ms -= MINUTE_MS;
    decision = decide(&world);
    assert_int_equal(decision.write, WRITE_SAY);
    assert_string_equal(decision.text, "Waiting for the end of a ClusterProfile that is being "
                                       "deleted: web-qa");
}

static void a_health_pass_that_waits_says_when_it_was(void **state)
{
    struct world world;
    struct stage_view *stage = &world.stages[0];
    (void)state;
    init_entered(&world, 60);
    stage->provisioned = true;
    stage->provisioned_ms = NOW_MS - 50 * MINUTE_MS;
    stage->has_gate_checks = true;
    world.view.gated = true;
    world.view.readiness = READINESS_PROVISIONED;
    world.view.checks_passed_ms = NOW_MS - 30 * MINUTE_MS;
    stage->trigger = TRIGGER_MANUAL;
    assert_string_equal(decide(&world).text, "Paused: Awaiting Manual Approval; health checks "
                                             "passed at 2026-01-02T23:30:00Z");
    stage->trigger = TRIGGER_AUTO;
    stage->has_window = true;
    world.view.window = GATE_WINDOW_CLOSED;
    world.view.window_opens_ms = NOW_MS + MINUTE_MS;
    assert_string_equal(decide(&world).text,
                        "Window Closed: Waiting for Next Schedule (2026-01-03T00:01:00Z). Health "
                        "checks passed at 2026-01-02T23:30:00Z");
}

static void a_refusal_says_that_it_is_tried_again(void **state)
{
    struct world world;
    (void)state;
    init_entered(&world, 1);
    world.view.refusal = STR("quota");
    world.view.refused_until_ms = NOW_MS + 10 * MINUTE_MS;
    struct decision decision = decide(&world);
    assert_string_equal(decision.text,
                        "The API server refused: quota; tried again every ten minutes");
}

static void another_controller_is_given_way_until_it_is_quiet(void **state)
{
    struct world world;
    (void)state;
    init_entered(&world, 1);
    world.view.deleting = true;
    world.view.has_leftover = true;
    world.view.other_manager = STR("manager");
    world.view.others_quiet_ms = NOW_MS + 1;
    struct decision decision = decide(&world);
    assert_int_equal(decision.kind, DECISION_WAIT);
    assert_int_equal(decision.wakeup_ms, NOW_MS + 1);
    assert_non_null(strstr(decision.text, "field manager \"manager\""));
    world.view.others_quiet_ms = NOW_MS;
    assert_int_equal(decide(&world).write, WRITE_DELETE_PROFILE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_takes_long_is_named_after_ten_minutes),
        cmocka_unit_test(a_pre_check_deployment_that_takes_long_is_named),
        cmocka_unit_test(what_only_rest_proves_is_looked_at),
        cmocka_unit_test(who_is_left_is_told_every_ten_minutes),
        cmocka_unit_test(clusters_that_are_left_out_are_named),
        cmocka_unit_test(a_short_wait_for_a_profile_is_not_told),
        cmocka_unit_test(a_health_pass_that_waits_says_when_it_was),
        cmocka_unit_test(a_refusal_says_that_it_is_tried_again),
        cmocka_unit_test(another_controller_is_given_way_until_it_is_quiet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
