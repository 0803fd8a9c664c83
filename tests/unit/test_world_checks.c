/*
 * Checks before a deployment and around a withdrawal.
 * Rows: facts 6.5 (preDeleteChecks, postDeleteChecks), 7 (order, wrapping, delete checks).
 */
#include "tests/testlib/world_items.h"

#define QA "{'env':'qa'}"
#define SELECTOR "'clusterSelector':{'matchLabels':{'env':'qa'}}"
#define RESOURCES "'policyRefs':[{'kind':'ConfigMap','namespace':'default','name':'a'}]"
#define CHECK(name, feature) \
    "{'name':'" name "','featureID':'" feature "','kind':'Pod','version':'v1','namespace':'n'," \
    "'evaluateCEL':[{'name':'r','rule':'true'}]}"
#define WITH(list, name) "{" SELECTOR "," RESOURCES ",'" list "':[" CHECK(name, "Resources") "]}"
#define SUMMARY SUMMARIES "/p-sveltos-c1"
#define INNER "health check 'c' for feature Resources failed: resource Pod n/c is not healthy"
#define MINUTE_MS INT64_C(60000)
#define ILL {.healthy_after_ms = KTIME_NEVER}

static struct stage *stage_with(const struct world_health *health, const char *spec)
{
    static struct world_rule rules[] = {{.has_created_after = true, .has_stale_for = true},
                                        {.has_health = true}};
    rules[1].health = *health;
    struct stage *stage = stage_create(rules, ARRAY_COUNT(rules));
    stage_add_cluster(stage, "c1", QA);
    stage_add_profile(stage, "{'name':'p'}", spec);
    return stage;
}

/* 7: "preDeployChecks -> deploy", "wrapped with `failed to validate preDeployChecks ...`": as
 * with other checks the next attempt comes after a minute, however often it was. */
static void nothing_is_deployed_before_its_checks_pass(void **state)
{
    (void)state;
    struct stage *stage = stage_with(&(struct world_health){.healthy_after_ms = 3 * MINUTE_MS},
                                     WITH("preDeployChecks", "c"));
    stage_run_until(stage, 10000);
    assert_feature(stage, SUMMARY, 0, "status", "Failed");
    assert_feature(stage, SUMMARY, 0, "failureMessage",
                   "failed to validate preDeployChecks: " INNER);
    assert_at(stage, SUMMARY, "status.nextReconcileTime", "'2026-01-01T00:01:10Z'");
    assert_true(world_deployment_at(stage->world, 0)->failed);
    assert_false(world_deployment_at(stage->world, 0)->unhealthy); /* it is not there */
    stage_run_until(stage, 3 * MINUTE_MS);
    assert_items(stage, "");
    stage_run_until(stage, 6 * MINUTE_MS);
    assert_feature(stage, SUMMARY, 0, "status", "Provisioned");
    assert_int_equal(world_item_change_count(stage->world), 1);
    stage_free(stage);
}

/* 7: "only entries whose featureID equals the feature". */
static void a_check_of_another_feature_holds_nothing(void **state)
{
    (void)state;
    struct stage *stage =
        stage_with(&(struct world_health)ILL,
                   "{" SELECTOR "," RESOURCES ",'preDeployChecks':[" CHECK("c", "Helm") "]}");
    stage_run_until(stage, 10000);
    assert_feature(stage, SUMMARY, 0, "status", "Provisioned");
    stage_free(stage);
}

/* 6.3: "health-check error -> ... the max-failures rule is never applied". */
static void a_deployment_that_is_held_is_never_given_up(void **state)
{
    (void)state;
    struct stage *stage =
        stage_with(&(struct world_health)ILL,
                   "{" SELECTOR "," RESOURCES ",'maxConsecutiveFailures':1,'preDeployChecks':["
                   CHECK("c", "Resources") "]}");
    stage_run_until(stage, 30 * MINUTE_MS);
    struct json *summary = stage_get(stage, SUMMARY);
    assert_false(str_is(feature_at(summary, 0, "status"), "FailedNonRetriable"));
    json_free(summary);
    assert_items(stage, "");
    stage_free(stage);
}

/* 6.5: "preDeleteChecks before", "at most one attempt per 10 s". */
static void nothing_is_taken_away_before_its_checks_pass(void **state)
{
    (void)state;
    struct stage *stage = stage_with(&(struct world_health){.healthy_after_ms = 3 * MINUTE_MS},
                                     WITH("preDeleteChecks", "c"));
    stage_run_until(stage, 20000);
    assert_feature(stage, SUMMARY, 0, "status", "Provisioned");
    stage_delete(stage, PROFILES "/p");
    stage_run_until(stage, 35000);
    assert_feature(stage, SUMMARY, 0, "status", "Removing");
    assert_feature(stage, SUMMARY, 0, "failureMessage", INNER);
    size_t attempts = world_deployment_count(stage->world);
    stage_run_until(stage, 3 * MINUTE_MS);
    /* each takes 10 s, and 10 s lie between two */
    assert_in_range(world_deployment_count(stage->world) - attempts, 6, 8);
    assert_items(stage, "10 c1 p deploys ConfigMap:default/a\n");
    stage_run_until(stage, 4 * MINUTE_MS);
    assert_items(stage, "10 c1 p deploys ConfigMap:default/a\n"
                        "210 c1 p withdraws ConfigMap:default/a\n");
    assert_false(stage_has(stage, SUMMARY));
    assert_false(stage_has(stage, PROFILES "/p"));
    stage_free(stage);
}

/* 7: "nothing found ... (not an error for delete checks)". */
static void a_deletion_needs_nothing_to_check(void **state)
{
    (void)state;
    struct stage *stage =
        stage_with(&(struct world_health){.healthy_after_ms = KTIME_NEVER, .finds_nothing = true},
                   WITH("preDeleteChecks", "c"));
    stage_run_until(stage, 20000);
    stage_delete(stage, PROFILES "/p");
    stage_run_until(stage, 50000);
    assert_false(stage_has(stage, PROFILES "/p"));
    stage_free(stage);
}

/* 6.5: "postDeleteChecks after (bug: the post phase re-runs the *pre* list)". */
static void after_a_withdrawal_the_checks_from_before_it_are_run_again(void **state)
{
    (void)state;
    struct stage *stage =
        stage_with(&(struct world_health){.flaps_at_ms = 5000, .flaps_for_ms = MINUTE_MS},
                   WITH("preDeleteChecks", "c"));
    stage_run_until(stage, 20000);
    stage_delete(stage, PROFILES "/p");
    stage_run_until(stage, MINUTE_MS);
    assert_items(stage, "10 c1 p deploys ConfigMap:default/a\n"
                        "30 c1 p withdraws ConfigMap:default/a\n");
    assert_feature(stage, SUMMARY, 0, "status", "Removing");
    assert_feature(stage, SUMMARY, 0, "failureMessage", INNER);
    stage_run_until(stage, 3 * MINUTE_MS);
    assert_false(stage_has(stage, PROFILES "/p"));
    stage_free(stage);
}

static void checks_for_afterwards_are_never_run(void **state)
{
    (void)state;
    struct stage *stage = stage_with(&(struct world_health)ILL, WITH("postDeleteChecks", "c"));
    stage_run_until(stage, 20000);
    stage_delete(stage, PROFILES "/p");
    stage_run_until(stage, 50000);
    assert_false(stage_has(stage, PROFILES "/p"));
    stage_free(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_deployed_before_its_checks_pass),
        cmocka_unit_test(a_check_of_another_feature_holds_nothing),
        cmocka_unit_test(a_deployment_that_is_held_is_never_given_up),
        cmocka_unit_test(nothing_is_taken_away_before_its_checks_pass),
        cmocka_unit_test(a_deletion_needs_nothing_to_check),
        cmocka_unit_test(after_a_withdrawal_the_checks_from_before_it_are_run_again),
        cmocka_unit_test(checks_for_afterwards_are_never_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
