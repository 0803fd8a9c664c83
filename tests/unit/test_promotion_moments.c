/* Single decisions at single moments; test_promotion_decide.c tries all small views. */
#include "controller/core/promotion_decide.h"

#include "tests/testlib/test.h"

#define NOW_MS INT64_C(1767398400000) /* 2026-01-03T00:00:00Z */
#define DELAY_MS INT64_C(60000)

static const struct ktime now = {1000, NOW_MS};

struct world {
    struct promotion_view view;
    struct stage_view stages[2];
};

/* The first of two stages: entered, as wanted, provisioned. */
static void init_simple(struct world *world)
{
    *world = (struct world){
        .view = {.has_finalizers = true, .has_a_finalizer = true, .ever_recorded = true,
                 .configuration_recorded = true, .stages_recorded = true, .stage_count = 2,
                 .entry_count = 1, .kept_count = 1, .stage_to_consume = STAGE_NONE,
                 .settles_ms = KTIME_NEVER, .text = STR("Clusters are being provisioned")},
        .stages = {{.profile = PROFILE_AS_WANTED}, {.profile = PROFILE_ABSENT}},
    };
    world->view.stages = world->stages;
}

/* As the view shows it once the sentence is in status. */
static void tell(struct world *world, const struct decision *decision)
{
    world->view.text = str_from(decision->text);
    world->view.text_ms = NOW_MS;
    world->stages[0].provisioned = decision->provisioned_ms > 0;
    world->stages[0].provisioned_ms = decision->provisioned_ms;
}

static void the_soak_is_recorded_rounded_up_and_awaited_exactly(void **state)
{
    struct world world;
    struct decision told;
    struct decision decision;
    const struct ktime late = {0, NOW_MS + 250};
    (void)state;
    init_simple(&world);
    world.stages[0].trigger = TRIGGER_AUTO;
    world.stages[0].delay_ms = DELAY_MS;
    promotion_decide(&world.view, late, &told);
    assert_int_equal(told.write, WRITE_SAY);
    assert_int_equal(told.provisioned_ms, NOW_MS + 1000); /* P13 */
    assert_str(str_from(told.text), "Delayed: Waiting for Time Window: 2026-01-03T00:01:01Z");
    tell(&world, &told);
    promotion_decide(&world.view, late, &decision);
    assert_int_equal(decision.kind, DECISION_WAIT);
    assert_int_equal(decision.wakeup_ms, NOW_MS + 1000 + DELAY_MS);
}

static void an_approval_given_early_is_used_when_the_stage_is_provisioned(void **state)
{
    struct world world;
    struct decision decision;
    (void)state;
    init_simple(&world);
    world.stages[0].trigger = TRIGGER_MANUAL;
    world.stages[0].approved = true;
    world.view.readiness = READINESS_PROVISIONING;
    promotion_decide(&world.view, now, &decision);
    assert_int_equal(decision.kind, DECISION_WAIT);
    world.view.readiness = READINESS_PROVISIONED;
    promotion_decide(&world.view, now, &decision);
    assert_int_equal(decision.write, WRITE_ADVANCE);
}

static void a_malformed_object_is_told_once_and_nothing_else_is_written(void **state)
{
    static const char text[] = "Malformed: spec.stages[1].trigger.auto.delay: \"1d\": no";
    struct world world;
    struct decision told;
    struct decision decision;
    (void)state;
    init_simple(&world);
    world.view.fault = STR("spec.stages[1].trigger.auto.delay: \"1d\": no");
    world.view.has_finalizers = false;
    world.view.entry_count = world.view.kept_count = 0;
    promotion_decide(&world.view, now, &told);
    assert_int_equal(told.write, WRITE_SAY);
    assert_str(str_from(told.text), text);
    world.view.entry_count = world.view.kept_count = 1;
    tell(&world, &told);
    promotion_decide(&world.view, now, &decision);
    assert_int_equal(decision.kind, DECISION_WAIT);
    assert_int_equal(decision.reason, REASON_MALFORMED);
}

static void what_was_refused_is_tried_again_when_its_time_has_passed(void **state)
{
    static const struct {
        bool deleting;
        enum promotion_write write;
    } rows[] = {{false, WRITE_CREATE_PROFILE}, {true, WRITE_DELETE_PROFILE}};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct world world;
        struct decision decision;
        init_simple(&world);
        world.view.deleting = world.view.has_leftover = rows[i].deleting;
        world.stages[0].profile = PROFILE_ABSENT;
        world.view.refused_until_ms = NOW_MS + 1;
        promotion_decide(&world.view, now, &decision);
        assert_int_equal(decision.kind, DECISION_WAIT);
        assert_int_equal(decision.wakeup_ms, NOW_MS + 1);
        world.view.refused_until_ms = NOW_MS;
        promotion_decide(&world.view, now, &decision);
        assert_int_equal(decision.write, rows[i].write);
    }
}

static void other_names_for_the_same_reason_wait_half_a_minute(void **state)
{
    struct world world;
    struct decision decision;
    (void)state;
    init_simple(&world);
    world.view.readiness = READINESS_FAILING;
    world.view.readiness_names = STR("ns/a, ns/b");
    world.view.text = STR("Deployment is failing on ns/a");
    world.view.text_ms = NOW_MS - 5000;
    promotion_decide(&world.view, now, &decision);
    assert_int_equal(decision.kind, DECISION_WAIT);
    assert_int_equal(decision.wakeup_ms, NOW_MS + 25000);
}

/* Whatever status says of the stage (D23). */
static void a_dry_run_never_advances(void **state)
{
    (void)state;
    for (int provisioned = 0; provisioned < 2; provisioned++) {
        struct world world;
        struct decision decision;
        init_simple(&world);
        world.view.dry_run = true;
        world.stages[0].provisioned = provisioned == 1;
        world.stages[0].provisioned_ms = NOW_MS - DELAY_MS;
        promotion_decide(&world.view, now, &decision);
        assert_int_equal(decision.write, WRITE_SAY);
        assert_int_equal(decision.reason, REASON_DRY_RUN);
    }
}

/* Its soak is over, and its pre-check deployment is there. */
static void init_checking(struct world *world)
{
    init_simple(world);
    world->stages[0].provisioned = world->stages[0].has_pre_checks = true;
    world->stages[0].provisioned_ms = NOW_MS - DELAY_MS;
    world->view.check_profile = PROFILE_AS_WANTED;
}

/* A stage that loses its clusters waits for clusters, not for a deployment on none (D4). */
static void a_stage_without_clusters_awaits_no_pre_check_deployment(void **state)
{
    struct world world;
    struct decision decision;
    (void)state;
    init_checking(&world);
    world.view.readiness = world.view.check_readiness = READINESS_EMPTY;
    promotion_decide(&world.view, now, &decision);
    assert_int_equal(decision.reason, REASON_STAGE_EMPTY);
    world.view.skip_empty_stages = true;
    promotion_decide(&world.view, now, &decision);
    assert_int_equal(decision.write, WRITE_ADVANCE);
}

/* Whether the deployment that they looked at is still there is nobody's question any more. */
static void checks_that_passed_need_no_proof_of_what_they_looked_at(void **state)
{
    struct world world;
    struct decision decision;
    (void)state;
    init_checking(&world);
    world.stages[0].has_gate_checks = world.view.gated = true;
    world.view.check_readiness = READINESS_PROVISIONING;
    world.view.unconfirmed = true; /* of the pre-check deployment */
    promotion_decide(&world.view, now, &decision);
    assert_int_equal(decision.write, WRITE_ADVANCE);
}

/* Sveltos v1.13 says so before it records that the clusters have it. */
static void a_sentence_that_stands_is_written_again_to_record_the_soak(void **state)
{
    static const struct {
        const char *said;
        int64_t said_ms; /* within half a minute another sentence would have to wait */
        const char *text;
    } rows[] = {
        {"Paused: Awaiting Manual Approval", NOW_MS - DELAY_MS,
         "Paused: Awaiting Manual Approval"},
        {"Paused: Awaiting Manual Approval; health checks passed at 2026-01-02T23:00:00Z",
         NOW_MS - 1000, "Paused: Awaiting Manual Approval"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct world world;
        struct decision decision;
        init_simple(&world);
        world.stages[0].trigger = TRIGGER_MANUAL;
        world.view.text = str_from(rows[i].said);
        world.view.text_ms = rows[i].said_ms;
        promotion_decide(&world.view, now, &decision);
        assert_int_equal(decision.write, WRITE_SAY);
        assert_int_equal(decision.provisioned_ms, NOW_MS);
        assert_str(str_from(decision.text), rows[i].text);
    }
}

/* What the clock says was written in the future holds nothing up. */
static void a_clock_set_back_makes_no_sentence_wait(void **state)
{
    struct world world;
    struct decision decision;
    (void)state;
    init_simple(&world);
    world.view.readiness = READINESS_FAILING;
    world.view.readiness_names = STR("ns/a, ns/b");
    world.view.text = STR("Deployment is failing on ns/a");
    world.view.text_ms = NOW_MS + 1;
    promotion_decide(&world.view, now, &decision);
    assert_int_equal(decision.write, WRITE_SAY);
    world.stages[0].profile = PROFILE_TERMINATING;
    promotion_decide(&world.view, now, &decision);
    assert_int_equal(decision.write, WRITE_SAY);
    assert_int_equal(decision.reason, REASON_PROFILE_TERMINATING);
}

static void a_run_that_is_cut_is_not_complete(void **state)
{
    struct world world;
    (void)state;
    init_simple(&world);
    world.view.entry_count = world.view.kept_count = 2;
    world.stages[1] = world.stages[0];
    world.stages[1].provisioned = true;
    world.stages[1].provisioned_ms = world.view.last_promotion_ms = NOW_MS;
    assert_true(promotion_is_complete(&world.view));
    world.view.stage_count = world.view.kept_count = 1; /* its last stage is none any more */
    world.stages[0] = world.stages[1];
    assert_false(promotion_is_complete(&world.view));
}

static void a_refusal_too_long_to_end_is_read_as_far_as_it_goes(void **state)
{
    (void)state;
    assert_str(promotion_refusal_of_text(
                   STR("The API server refused: a quota; tried again every ten minutes")),
               "a quota");
    assert_str(promotion_refusal_of_text(STR("The API server refused: a quota; tried ag")),
               "a quota; tried ag");
    assert_null(promotion_refusal_of_text(STR("Successfully provisioned")).data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_soak_is_recorded_rounded_up_and_awaited_exactly),
        cmocka_unit_test(an_approval_given_early_is_used_when_the_stage_is_provisioned),
        cmocka_unit_test(a_malformed_object_is_told_once_and_nothing_else_is_written),
        cmocka_unit_test(what_was_refused_is_tried_again_when_its_time_has_passed),
        cmocka_unit_test(other_names_for_the_same_reason_wait_half_a_minute),
        cmocka_unit_test(a_dry_run_never_advances),
        cmocka_unit_test(a_stage_without_clusters_awaits_no_pre_check_deployment),
        cmocka_unit_test(checks_that_passed_need_no_proof_of_what_they_looked_at),
        cmocka_unit_test(a_sentence_that_stands_is_written_again_to_record_the_soak),
        cmocka_unit_test(a_clock_set_back_makes_no_sentence_wait),
        cmocka_unit_test(a_run_that_is_cut_is_not_complete),
        cmocka_unit_test(a_refusal_too_long_to_end_is_read_as_far_as_it_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
