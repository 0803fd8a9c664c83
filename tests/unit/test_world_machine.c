/*
 * The state machine of a feature, row by row, at its virtual times; which change of a spec
 * deploys which feature again; the timeline of a deployment.
 * Rows: facts 6.3, 6.4, 6.2 (retrigger).
 */
#include "tests/testlib/world_items.h"

#define QA "{'env':'qa'}"
#define SELECTOR "'clusterSelector':{'matchLabels':{'env':'qa'}}"
#define RESOURCES \
    "'policyRefs':[{'kind':'ConfigMap','namespace':'default','name':'a'},{'kind':'Secret'," \
    "'namespace':'default','name':'b'}]"
#define HELM                                                                                  \
    "'helmCharts':[{'repositoryURL':'https://a','repositoryName':'r','chartName':'c',"        \
    "'chartVersion':'1','releaseName':'n','releaseNamespace':'m'}]"
#define KUSTOMIZE "'kustomizationRefs':[{'kind':'GitRepository','namespace':'f','name':'g'}]"
#define SPEC "{" SELECTOR "," RESOURCES "}"
#define P SUMMARIES "/p-sveltos-c1"
#define TOO_MANY "the maximum number of consecutive errors has been reached"
#define DAY_MS 86400000

static const struct world_rule at_once = {.has_created_after = true, .has_stale_for = true};

static struct stage *stage_with(const struct world_rule *rule, const char *spec)
{
    static struct world_rule rules[2];
    rules[0] = at_once;
    if (rule != NULL)
        rules[1] = *rule;
    struct stage *stage = stage_create(rules, rule != NULL ? 2 : 1);
    stage_add_cluster(stage, "c1", QA);
    stage_add_profile(stage, "{'name':'p'}", spec);
    return stage;
}

static int64_t failures_of(struct stage *stage)
{
    int64_t failures = 0;
    struct json *summary = stage_get(stage, P);
    json_int_of(json_get(json_item(json_at(summary, "status.featureSummaries"), 0),
                         "consecutiveFailures"),
                &failures);
    json_free(summary);
    return failures;
}

static char *member_of(struct stage *stage, size_t index, const char *member)
{
    struct json *summary = stage_get(stage, P);
    char *text = str_dup(feature_at(summary, index, member));
    json_free(summary);
    return text != NULL ? text : str_dup(STR(""));
}

/* How the feature got where it is. */
static const struct state_row {
    const char *status;
    int64_t at_ms;
    struct world_rule rule;
    const char *spec;
    int64_t failures;
} states[] = {
    {"Provisioning", 5000, {.message = {NULL, 0}}, SPEC, 0},
    {"Provisioned", 15000, {.message = {NULL, 0}}, SPEC, 0},
    {"Failed", 15000, {.fails = UINT_MAX}, SPEC, 1},
    {"FailedNonRetriable", 15000, {.fails = UINT_MAX, .fails_for_good = true}, SPEC, 2},
    {"FailedNonRetriable", 25000, {.fails = UINT_MAX},
     "{" SELECTOR "," RESOURCES ",'maxConsecutiveFailures':2}", 2},
};

static struct stage *stage_in(const struct state_row *row)
{
    struct stage *stage = stage_with(&row->rule, row->spec);
    stage_run_until(stage, row->at_ms);
    assert_feature(stage, P, 0, "status", row->status);
    assert_int_equal(failures_of(stage), row->failures);
    return stage;
}

/* 6.3: "changed -> consecutiveFailures=0; Provisioning, hash=current; job queued". */
static void a_changed_configuration_starts_anew_from_every_state(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(states); i++) {
        struct stage *stage = stage_in(&states[i]);
        char *before = member_of(stage, 0, "hash");
        stage_patch(stage, PROFILES "/p", "{'spec':{'tier':50}}");
        stage_run_until(stage, states[i].at_ms);
        char *after = member_of(stage, 0, "hash");
        assert_feature(stage, P, 0, "status", "Provisioning");
        assert_int_equal(failures_of(stage), 0);
        assert_string_not_equal(before, after);
        mem_free(before);
        mem_free(after);
        stage_free(stage);
    }
}

/* 6.3: "same and Provisioned -> nothing", FailedNonRetriable likewise; the others wait for the
 * job that runs. 6.2: the retrigger annotation is a trigger. */
static void an_unchanged_configuration_is_not_touched_by_a_trigger(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(states); i++) {
        struct stage *stage = stage_in(&states[i]);
        struct json *before = stage_get(stage, P);
        size_t deployed = world_deployment_count(stage->world);
        stage_patch(stage, P, "{'metadata':{'annotations':{'projectsveltos.io/retrigger':'1'}}}");
        stage_run_until(stage, states[i].at_ms + 1);
        struct json *after = stage_get(stage, P);
        assert_true(json_equal(json_at(before, "status.featureSummaries"),
                               json_at(after, "status.featureSummaries")));
        assert_int_equal(world_deployment_count(stage->world), deployed);
        json_free(before);
        json_free(after);
        stage_free(stage);
    }
}

/* 6.3: "Job result gone -> Provisioning, queue again". */
static void a_lost_job_is_queued_again(void **state)
{
    (void)state;
    static const char *const after_restart[] = {"Provisioning", "Provisioned", "Provisioning",
                                                "FailedNonRetriable", "FailedNonRetriable"};
    for (size_t i = 0; i < ARRAY_COUNT(states); i++) {
        struct stage *stage = stage_in(&states[i]);
        size_t deployed = world_deployment_count(stage->world);
        world_set_down(stage->world, true);
        world_set_down(stage->world, false);
        stage_run_until(stage, states[i].at_ms);
        assert_feature(stage, P, 0, "status", after_restart[i]);
        assert_int_equal(failures_of(stage), states[i].failures);
        stage_run_until(stage, states[i].at_ms + 9999);
        assert_int_equal(world_deployment_count(stage->world), deployed);
        stage_run_until(stage, states[i].at_ms + 10000);
        assert_int_equal(world_deployment_count(stage->world),
                         deployed + (str_is(str_from(after_restart[i]), "Provisioning") ? 1 : 0));
        stage_free(stage);
    }
}

/* 6.3: what each kind of result makes of the feature, ten seconds after its start. */
static void a_result_decides_the_state(void **state)
{
    (void)state;
    static const struct {
        struct world_rule rule;
        const char *maximum;
        const char *status;
        const char *message;
        int64_t failures;
        bool again; /* another job is under way */
    } rows[] = {
        {{.message = {NULL, 0}}, "", "Provisioned", "", 0, false},
        {{.fails = UINT_MAX, .message = {"x", 1}}, "", "Failed", "x", 1, true},
        {{.fails = UINT_MAX, .message = {"x", 1}}, ",'maxConsecutiveFailures':2", "Failed", "x", 1,
         true},
        {{.fails = UINT_MAX, .message = {"x", 1}}, ",'maxConsecutiveFailures':1",
         "FailedNonRetriable", TOO_MANY, 1, false},
        {{.fails = UINT_MAX, .message = {"x", 1}}, ",'maxConsecutiveFailures':0",
         "FailedNonRetriable", TOO_MANY, 1, false},
        {{.fails = UINT_MAX, .fails_for_good = true, .message = {"x", 1}}, "",
         "FailedNonRetriable", "x", 2, false},
        {{.fails = UINT_MAX, .fails_for_good = true, .message = {"x", 1}},
         ",'maxConsecutiveFailures':1", "FailedNonRetriable", "x", 2, false},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        char *spec = str_format("{" SELECTOR "," RESOURCES "%s}", rows[i].maximum);
        struct stage *stage = stage_with(&rows[i].rule, spec);
        stage_run_until(stage, 10000);
        assert_feature(stage, P, 0, "status", rows[i].status);
        assert_feature(stage, P, 0, "failureMessage", rows[i].message);
        assert_feature(stage, P, 0, "lastAppliedTime", "2026-01-01T00:00:10Z");
        assert_int_equal(failures_of(stage), rows[i].failures);
        assert_at(stage, P, "status.nextReconcileTime",
                  rows[i].again ? "'2026-01-01T00:00:20Z'" : "");
        stage_run_until(stage, DAY_MS);
        assert_int_equal(world_deployment_count(stage->world) > 2, rows[i].again && i == 1);
        stage_free(stage);
        mem_free(spec);
    }
}

/* 6.3: "changed -> consecutiveFailures=0": the failures before do not count for the maximum. */
static void the_maximum_counts_from_the_last_change(void **state)
{
    (void)state;
    const struct world_rule rule = {.fails = UINT_MAX};
    struct stage *stage =
        stage_with(&rule, "{" SELECTOR "," RESOURCES ",'maxConsecutiveFailures':2}");
    stage_run_until(stage, 15000);
    stage_patch(stage, PROFILES "/p", "{'spec':{'tier':50}}");
    stage_run_until(stage, 35000); /* the running job's end, then the first of the new one */
    assert_feature(stage, P, 0, "status", "Failed");
    assert_int_equal(failures_of(stage), 1);
    stage_run_until(stage, 45000);
    assert_feature(stage, P, 0, "status", "FailedNonRetriable");
    stage_free(stage);
}

/* The next change of the number of failures, in ms since the start. */
static int64_t next_failure_ms(struct stage *stage)
{
    int64_t failures = failures_of(stage);
    while (failures_of(stage) == failures)
        assert_true(timers_run_next(&stage->timers));
    return stage->timers.now_ms - STAGE_START_MS;
}

/* 6.3: "10 s; when the largest consecutiveFailures is > 1: 10 s x random(2 ... min(6,
 * failures)). Recorded in status.nextReconcileTime." */
static void retries_wait_as_their_failures_say(void **state)
{
    (void)state;
    const struct world_rule rule = {.fails = UINT_MAX, .has_takes = true, .takes = {100, 100}};
    for (uint64_t seed = 1; seed <= 8; seed++) {
        const struct world_rule rules[] = {at_once, rule};
        struct stage *stage = stage_create_seeded(rules, 2, seed);
        char next[KTIME_TEXT_BYTES + 2];
        char bare[KTIME_TEXT_BYTES];
        stage_add_cluster(stage, "c1", QA);
        stage_add_profile(stage, "{'name':'p'}", SPEC);
        stage_run_until(stage, 0); /* the first: no summary to count in before */
        int64_t at_ms = next_failure_ms(stage);
        for (int64_t failures = 1; failures < 10; failures++) {
            int64_t most = failures < 6 ? failures : 6;
            struct json *summary = stage_get(stage, P);
            snprintf(bare, sizeof(bare), "%.*s",
                     STR_ARGS(json_text_at(summary, "status.nextReconcileTime")));
            json_free(summary);
            int64_t then_ms = next_failure_ms(stage);
            int64_t wait_ms = then_ms - at_ms;
            assert_int_equal(failures_of(stage), failures + 1);
            assert_int_equal(wait_ms % 10000, 0);
            assert_in_range(wait_ms / 10000, failures == 1 ? 1 : 2, failures == 1 ? 1 : most);
            ktime_format_rfc3339(STAGE_START_MS + then_ms, next);
            assert_string_equal(bare, next);
            at_ms = then_ms;
        }
        stage_free(stage);
    }
}

/* 6.2.2: "if now < nextReconcileTime and generation unchanged -> requeue for the remainder": a
 * change that no feature hashes ends the cool-down too. */
static void a_new_generation_ends_the_cool_down(void **state)
{
    (void)state;
    static const struct {
        const char *patch;
        const char *status;
        int64_t failures;
    } rows[] = {
        {"{'metadata':{'labels':{'a':'b'}}}", "Failed", 1},
        {"{'spec':{'continueOnError':true}}", "Failed", 2},
        {"{'spec':{'maxConsecutiveFailures':2}}", "FailedNonRetriable", 2},
    };
    const struct world_rule rule = {.fails = UINT_MAX, .has_takes = true, .takes = {100, 100}};
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct stage *stage = stage_with(&rule, SPEC);
        stage_run_until(stage, 5000);
        assert_int_equal(failures_of(stage), 1);
        stage_patch(stage, PROFILES "/p", rows[i].patch);
        stage_run_until(stage, 5001);
        assert_int_equal(failures_of(stage), rows[i].failures);
        assert_feature(stage, P, 0, "status", rows[i].status);
        stage_free(stage);
    }
}

/* 6.3: "DryRun -> always redo", each minute; "DryRun success: back to Provisioning". */
static void a_dry_run_is_done_every_minute(void **state)
{
    (void)state;
    struct stage *stage =
        stage_with(NULL, "{" SELECTOR "," RESOURCES "," HELM ",'syncMode':'DryRun'}");
    static const struct {
        int64_t at_ms;
        const char *applied;
    } rows[] = {
        {10000, "2026-01-01T00:00:10Z"}, {70000, "2026-01-01T00:00:10Z"},
        {80000, "2026-01-01T00:01:20Z"}, {149999, "2026-01-01T00:01:20Z"},
        {150000, "2026-01-01T00:02:30Z"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        stage_run_until(stage, rows[i].at_ms);
        assert_feature(stage, P, 0, "status", "Provisioning");
        assert_feature(stage, P, 0, "lastAppliedTime", rows[i].applied);
    }
    assert_items(stage, "");
    stage_free(stage);
}

#define RESOURCES_CHECK "{'name':'v','featureID':'Resources','script':'x'}"
#define HELM_CHECK "{'name':'v','featureID':'Helm','script':'x'}"
#define KUSTOMIZE_CHECK "{'name':'v','featureID':'Kustomize','script':'x'}"

/* 6.3: "Feature hash inputs". */
static void a_spec_change_deploys_the_features_that_hash_it(void **state)
{
    (void)state;
    static const struct {
        const char *patch;
        const char *again; /* R, H, K */
    } rows[] = {
        /* all features */
        {"'syncMode':'ContinuousWithDriftDetection'", "RHK"},
        {"'reloader':true", "RHK"},
        {"'tier':50", "RHK"},
        {"'continueOnConflict':true", "RHK"},
        {"'templateResourceRefs':[{'identifier':'i','resource':{'kind':'ConfigMap','name':'x',"
         "'apiVersion':'v1'},'optional':true}]", "RHK"},
        {"'patches':[{'patch':'x'}]", "RHK"},
        {"'patchesFrom':[{'kind':'ConfigMap','name':'x'}]", "RHK"},
        {"'driftExclusions':[{'paths':['/x']}]", "RHK"},
        /* one */
        {"'policyRefs':[{'kind':'ConfigMap','namespace':'default','name':'a'}]", "R"},
        {"'policyRefs':[{'kind':'ConfigMap','namespace':'default','name':'a','tier':7},{'kind':"
         "'Secret','namespace':'default','name':'b'}]", "R"},
        {"'helmCharts':[{'repositoryURL':'https://a','repositoryName':'r','chartName':'c',"
         "'chartVersion':'2','releaseName':'n','releaseNamespace':'m'}]", "H"},
        {"'helmCharts':[{'repositoryURL':'https://a','repositoryName':'r','chartName':'c',"
         "'chartVersion':'1','releaseName':'n','releaseNamespace':'m','values':'a: 1'}]", "H"},
        {"'kustomizationRefs':[{'kind':'GitRepository','namespace':'f','name':'g','path':'x'}]",
         "K"},
        {"'validateHealths':[" RESOURCES_CHECK "]", "R"},
        {"'validateHealths':[" HELM_CHECK "]", "H"},
        {"'validateHealths':[" KUSTOMIZE_CHECK "]", "K"},
        {"'validateHealths':[" RESOURCES_CHECK "," HELM_CHECK "]", "RH"},
        /* sorted: an order is no change */
        {"'policyRefs':[{'kind':'Secret','namespace':'default','name':'b'},{'kind':'ConfigMap',"
         "'namespace':'default','name':'a'}]", ""},
        /* none */
        {"'maxUpdate':'30%'", ""},
        {"'stopMatchingBehavior':'LeavePolicies'", ""},
        {"'dependsOn':[]", ""},
        {"'continueOnError':true", ""},
        {"'maxConsecutiveFailures':4", ""},
        {"'preDeployChecks':[" HELM_CHECK "]", ""},
        {"'preDeleteChecks':[" HELM_CHECK "]", ""},
        {"'postDeleteChecks':[" HELM_CHECK "]", ""},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct stage *stage =
            stage_with(NULL, "{" SELECTOR "," RESOURCES "," HELM "," KUSTOMIZE "}");
        char *patch = str_format("{'spec':{%s}}", rows[i].patch);
        stage_run_until(stage, 20000);
        stage_patch(stage, PROFILES "/p", patch);
        stage_run_until(stage, 40000);
        for (size_t f = 0; f < 3; f++) {
            bool again = strchr(rows[i].again, "RHK"[f]) != NULL;
            struct json *summary = stage_get(stage, P);
            bool was = str_is(feature_at(summary, f, "lastAppliedTime"), "2026-01-01T00:00:30Z");
            if (was != again)
                print_error("%s: %c\n", rows[i].patch, "RHK"[f]);
            assert_int_equal(was, again);
            json_free(summary);
        }
        mem_free(patch);
        stage_free(stage);
    }
}

/* 6.3: validateHealths whose feature has no content are in no hash. */
static void a_check_of_an_absent_feature_deploys_nothing(void **state)
{
    (void)state;
    struct stage *stage = stage_with(NULL, SPEC);
    stage_run_until(stage, 20000);
    stage_patch(stage, PROFILES "/p", "{'spec':{'validateHealths':[" HELM_CHECK "]}}");
    stage_run_until(stage, 60000);
    assert_int_equal(world_deployment_count(stage->world), 1);
    stage_free(stage);
}

/* 6.4: "Adding/removing a validateHealths entry for F: CS.spec updated, F: Provisioned ->
 * Provisioning -> (10 s) Provisioned". */
static void a_check_that_comes_or_goes_keeps_the_timeline(void **state)
{
    (void)state;
    struct stage *stage = stage_with(NULL, SPEC);
    static const struct {
        int64_t at_ms;
        const char *patch;
        const char *status;
        const char *applied;
    } rows[] = {
        {20000, "{'spec':{'validateHealths':[" RESOURCES_CHECK "]}}", "Provisioning",
         "2026-01-01T00:00:10Z"},
        {29999, NULL, "Provisioning", "2026-01-01T00:00:10Z"},
        {30000, NULL, "Provisioned", "2026-01-01T00:00:30Z"},
        {40000, "{'spec':{'validateHealths':null}}", "Provisioning", "2026-01-01T00:00:30Z"},
        {50000, NULL, "Provisioned", "2026-01-01T00:00:50Z"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        stage_run_until(stage, rows[i].at_ms);
        if (rows[i].patch != NULL)
            stage_patch(stage, PROFILES "/p", rows[i].patch);
        stage_run_until(stage, rows[i].at_ms);
        assert_feature(stage, P, 0, "status", rows[i].status);
        assert_feature(stage, P, 0, "lastAppliedTime", rows[i].applied);
    }
    stage_free(stage);
}

/* 6.3: features fail and succeed each by itself. */
static void one_features_failure_is_not_anothers(void **state)
{
    (void)state;
    const struct world_rule rule = {
        .feature = STR("Helm"), .fails = UINT_MAX, .fails_for_good = true};
    struct stage *stage =
        stage_with(&rule, "{" SELECTOR "," RESOURCES "," HELM "," KUSTOMIZE "}");
    stage_run_until(stage, 10000);
    assert_feature(stage, P, 0, "status", "Provisioned");
    assert_feature(stage, P, 1, "status", "FailedNonRetriable");
    assert_feature(stage, P, 2, "status", "Provisioned");
    stage_free(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_changed_configuration_starts_anew_from_every_state),
        cmocka_unit_test(an_unchanged_configuration_is_not_touched_by_a_trigger),
        cmocka_unit_test(a_lost_job_is_queued_again),
        cmocka_unit_test(a_result_decides_the_state),
        cmocka_unit_test(the_maximum_counts_from_the_last_change),
        cmocka_unit_test(retries_wait_as_their_failures_say),
        cmocka_unit_test(a_new_generation_ends_the_cool_down),
        cmocka_unit_test(a_dry_run_is_done_every_minute),
        cmocka_unit_test(a_spec_change_deploys_the_features_that_hash_it),
        cmocka_unit_test(a_check_of_an_absent_feature_deploys_nothing),
        cmocka_unit_test(a_check_that_comes_or_goes_keeps_the_timeline),
        cmocka_unit_test(one_features_failure_is_not_anothers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
