/*
 * Health checks by script, failures that last for a time, and the texts that they leave.
 * Rows: facts 6.3 (health-check error), 6.4 (health check failing), 7 (every inner text).
 */
#include "tests/testlib/world.h"

#include "fakeapi/sveltos/troubles.h"

#define QA "{'env':'qa'}"
#define SELECTOR "'clusterSelector':{'matchLabels':{'env':'qa'}}"
#define RESOURCES "'policyRefs':[{'kind':'ConfigMap','namespace':'default','name':'a'}]"
#define CHECK "{'name':'up','featureID':'Resources','group':'apps','version':'v1','kind':\
'Deployment','namespace':'shop','script':'lua'}"
#define SPEC "{" SELECTOR "," RESOURCES ",'validateHealths':[" CHECK "]}"
#define SUMMARY SUMMARIES "/p-sveltos-c1"
#define MINUTE_MS INT64_C(60000)
#define ILL {.healthy_after_ms = KTIME_NEVER}

static const struct world_rule at_once = {.has_created_after = true};

static struct stage *stage_with(const struct world_rule *rules, size_t count, const char *spec)
{
    struct stage *stage = stage_create(rules, count);
    stage_add_cluster(stage, "c1", QA);
    stage_add_profile(stage, "{'name':'p'}", spec);
    return stage;
}

/* 7, the table, row by row: what stands behind "health check '<check>' for feature <F> failed: "
 * when the script says that all is ill. "" is healthy. */
static void each_failure_has_its_text(void **state)
{
    (void)state;
    static const struct {
        const char *check, *inner;
        bool finds_nothing;
    } rows[] = {
        {"'kind':'Job','jobCheck':{'jobRef':{'name':'j'}}",
         "JobCheck (up) requires a Sveltos Enterprise build", false},
        {"'metricSource':{'url':'http://m'}",
         "validateHealth up: metric-only check (no kind set) requires a Lua script", false},
        {"'metricSource':{'url':'http://m'},'script':'lua'", "metric health check failed: so ill",
         false},
        {"'kind':'Pod','script':'lua'", "validateHealth: up did not fetch any resource", true},
        {"'kind':'Pod'", "validateHealth: up did not fetch any resource", true},
        {"'kind':'Pod'", "", false}, /* no script and no rules */
        {"'kind':'Pod','namespace':'n','script':'lua'",
         "resource Pod n/up is not healthy \"resource n/up is not healthy: so ill\"", false},
        {"'kind':'Pod','script':'lua','evaluateCEL':[{'name':'r','rule':'true'}]",
         "resource Pod default/up is not healthy "
         "\"resource default/up is not healthy: so ill\"", false},
        {"'kind':'Pod','namespace':'n','evaluateCEL':[{'name':'r','rule':'false'}]",
         "resource Pod n/up is not healthy", false},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct world_rule rule = {.has_health = true, .health = ILL, .message = STR("so ill")};
        rule.health.finds_nothing = rows[i].finds_nothing;
        struct weather weather;
        weather_init(&weather, &(struct world_config){.rules = &rule, .rule_count = 1});
        char *text = str_format("{'validateHealths':[{'name':'up','featureID':'Helm',%s}]}",
                                rows[i].check);
        struct json *spec = json_of(text);
        struct site site = {STR("p"), STR("default"), STR("c1"), STR("Sveltos")};
        struct trouble_job job = {&site, FEATURE_HELM, STR("h"), spec, 0};
        char *expected = rows[i].inner[0] == '\0'
                             ? str_dup(STR(""))
                             : str_format("health check 'up' for feature Helm failed: %s",
                                          rows[i].inner);
        struct buf message;
        buf_init(&message, 4096);
        assert_int_equal(trouble_of_checks(&weather, &job, CHECKS_HEALTH, 0, &message),
                         rows[i].inner[0] != '\0');
        assert_str(buf_str(&message), expected);
        buf_release(&message);
        mem_free(expected);
        json_free(spec);
        mem_free(text);
        weather_release(&weather);
    }
}

/* 7: "only entries whose featureID equals the feature being deployed", "first failure stops";
 * world.h: a rule is about one check, one cluster, one profile. */
static void a_rule_is_about_one_check(void **state)
{
    (void)state;
    static const struct {
        struct world_rule rule;
        const char *status;
    } rows[] = {
        {{.has_health = true, .health = ILL}, "Failed"},
        {{.has_health = true, .health = ILL, .check = STR_INIT("u*")}, "Failed"},
        {{.has_health = true, .health = ILL, .check = STR_INIT("down")}, "Provisioned"},
        {{.has_health = true, .health = ILL, .feature = STR_INIT("Helm")}, "Provisioned"},
        {{.has_health = true, .health = ILL, .cluster = STR_INIT("c2")}, "Provisioned"},
        {{.has_health = true, .health = ILL, .profile = STR_INIT("p")}, "Failed"},
        {{.has_health = true}, "Provisioned"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        const struct world_rule rules[] = {at_once, rows[i].rule};
        struct stage *stage = stage_with(rules, 2, SPEC);
        stage_run_until(stage, 10000);
        assert_feature(stage, SUMMARY, 0, "status", rows[i].status);
        stage_free(stage);
    }
}

/* 6.4: Failed at +10 s; 60 s later Provisioning with the message kept; at the first look that
 * a cool-down of 20 s or more allows Failed again. 6.3: the counter goes up by two. */
static void a_failing_check_keeps_the_timeline(void **state)
{
    (void)state;
    const struct world_rule rules[] = {
        at_once, {.has_health = true, .health = ILL, .message = STR("so ill")}};
    struct stage *stage = stage_with(rules, 2, SPEC);
    const char *message = "health check 'up' for feature Resources failed: resource Deployment "
                          "shop/up is not healthy \"resource shop/up is not healthy: so ill\"";
    stage_run_until(stage, 9999);
    assert_feature(stage, SUMMARY, 0, "status", "Provisioning");
    stage_run_until(stage, 10000);
    assert_feature(stage, SUMMARY, 0, "status", "Failed");
    assert_feature(stage, SUMMARY, 0, "failureMessage", message);
    assert_feature(stage, SUMMARY, 0, "lastAppliedTime", "2026-01-01T00:00:10Z");
    assert_at(stage, SUMMARY, "status.nextReconcileTime", "'2026-01-01T00:01:10Z'");
    stage_run_until(stage, 69999);
    assert_feature(stage, SUMMARY, 0, "status", "Failed");
    stage_run_until(stage, 70000);
    assert_feature(stage, SUMMARY, 0, "status", "Provisioning");
    assert_feature(stage, SUMMARY, 0, "failureMessage", message);
    stage_run_until(stage, 89999);
    assert_feature(stage, SUMMARY, 0, "status", "Provisioning");
    stage_run_until(stage, 90000);
    assert_feature(stage, SUMMARY, 0, "status", "Failed");
    struct json *summary = stage_get(stage, SUMMARY);
    int64_t failures = 0;
    assert_true(json_int_of(json_get(json_item(json_at(summary, "status.featureSummaries"), 0),
                                     "consecutiveFailures"), &failures));
    assert_int_equal(failures, 4);
    json_free(summary);
    stage_free(stage);
}

/* 6.3: "the max-failures rule is never applied". */
static void an_unhealthy_feature_is_never_given_up(void **state)
{
    (void)state;
    const struct world_rule rules[] = {at_once, {.has_health = true, .health = ILL}};
    struct stage *stage = stage_with(rules, 2, "{" SELECTOR "," RESOURCES ",'validateHealths':["
                                     CHECK "],'maxConsecutiveFailures':1}");
    stage_run_until(stage, 600 * MINUTE_MS / 10);
    struct json *summary = stage_get(stage, SUMMARY);
    assert_false(str_is(feature_at(summary, 0, "status"), "FailedNonRetriable"));
    json_free(summary);
    stage_free(stage);
}

/* 6.4: "turns Provisioned on the first job that passes". */
static void what_becomes_healthy_is_provisioned(void **state)
{
    (void)state;
    const struct world_rule rules[] = {
        at_once, {.has_health = true, .health = {.healthy_after_ms = 7 * MINUTE_MS}}};
    struct stage *stage = stage_with(rules, 2, SPEC);
    stage_run_until(stage, 7 * MINUTE_MS);
    assert_false(stage_has(stage, PROFILES "/none"));
    struct json *early = stage_get(stage, SUMMARY);
    assert_false(str_is(feature_at(early, 0, "status"), "Provisioned"));
    json_free(early);
    stage_run_until(stage, 10 * MINUTE_MS);
    assert_feature(stage, SUMMARY, 0, "status", "Provisioned");
    assert_feature(stage, SUMMARY, 0, "failureMessage", "");
    const struct world_deployment *first = world_deployment_at(stage->world, 0);
    const struct world_deployment *last =
        world_deployment_at(stage->world, world_deployment_count(stage->world) - 1);
    assert_true(first->failed && first->unhealthy); /* it was there, and ill */
    assert_false(last->failed || last->unhealthy);
    stage_free(stage);
}

/* 6.4: "evaluated only inside a job, never periodically once Provisioned"; a job that falls into
 * the bad time fails. */
static void a_flap_is_seen_only_by_a_job(void **state)
{
    (void)state;
    const struct world_rule rules[] = {
        at_once,
        {.has_health = true,
         .health = {.flaps_at_ms = 20 * MINUTE_MS, .flaps_for_ms = 5 * MINUTE_MS}}};
    struct stage *stage = stage_with(rules, 2, SPEC);
    stage_run_until(stage, 22 * MINUTE_MS);
    assert_feature(stage, SUMMARY, 0, "status", "Provisioned");
    world_set_down(stage->world, true);
    /* The user forgets the result: Sveltos has to deploy the same configuration again. */
    struct json *summary = stage_get(stage, SUMMARY);
    char *hash CLEANUP(mem_free_pointer) = str_dup(feature_at(summary, 0, "hash"));
    char *patch CLEANUP(mem_free_pointer) =
        str_format("{'status':{'featureSummaries':[{'featureID':'Resources','status':"
                   "'Provisioning','hash':'%s'}]}}", hash);
    json_free(summary);
    stage_patch(stage, SUMMARY "/status", patch);
    world_set_down(stage->world, false);
    stage_run_until(stage, 23 * MINUTE_MS);
    assert_feature(stage, SUMMARY, 0, "status", "Failed");
    stage_run_until(stage, 40 * MINUTE_MS);
    assert_feature(stage, SUMMARY, 0, "status", "Provisioned");
    stage_free(stage);
}

/* world.h: jobs that start within the time fail; a restart of Sveltos does not start it anew. */
static void failures_may_last_for_a_time(void **state)
{
    (void)state;
    for (unsigned restarts = 0; restarts < 2; restarts++) {
        const struct world_rule rules[] = {
            at_once, {.fails_for_ms = 5 * MINUTE_MS, .message = STR("helm: timed out")}};
        struct stage *stage = stage_with(rules, 2, "{" SELECTOR "," RESOURCES "}");
        stage_run_until(stage, 10000);
        assert_feature(stage, SUMMARY, 0, "status", "Failed");
        assert_feature(stage, SUMMARY, 0, "failureMessage", "helm: timed out");
        stage_run_until(stage, 4 * MINUTE_MS);
        if (restarts > 0) {
            world_set_down(stage->world, true);
            world_set_down(stage->world, false);
        }
        stage_run_until(stage, 5 * MINUTE_MS);
        for (size_t i = 0; i < world_deployment_count(stage->world); i++)
            assert_true(world_deployment_at(stage->world, i)->failed);
        stage_run_until(stage, 8 * MINUTE_MS);
        assert_feature(stage, SUMMARY, 0, "status", "Provisioned");
        stage_free(stage);
    }
}

/* A new configuration fails for its own time. */
static void each_configuration_fails_for_its_own_time(void **state)
{
    (void)state;
    const struct world_rule rules[] = {at_once,
                                       {.fails_for_ms = 5 * MINUTE_MS, .fails_for_good = true}};
    struct stage *stage = stage_with(rules, 2, "{" SELECTOR "," RESOURCES "}");
    stage_run_until(stage, 60 * MINUTE_MS);
    assert_feature(stage, SUMMARY, 0, "status", "FailedNonRetriable");
    stage_patch(stage, PROFILES "/p", "{'spec':{'tier':50}}");
    stage_run_until(stage, 61 * MINUTE_MS);
    assert_feature(stage, SUMMARY, 0, "status", "FailedNonRetriable");
    assert_int_equal(world_deployment_count(stage->world), 2);
    stage_free(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_failure_has_its_text),
        cmocka_unit_test(a_rule_is_about_one_check),
        cmocka_unit_test(a_failing_check_keeps_the_timeline),
        cmocka_unit_test(an_unhealthy_feature_is_never_given_up),
        cmocka_unit_test(what_becomes_healthy_is_provisioned),
        cmocka_unit_test(a_flap_is_seen_only_by_a_job),
        cmocka_unit_test(failures_may_last_for_a_time),
        cmocka_unit_test(each_configuration_fails_for_its_own_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
