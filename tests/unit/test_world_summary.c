/*
 * ClusterSummary: the state machine of its features, failures, staleness, deletion, ground
 * truth. Rows: facts 6.2 to 6.5, 5.8; decisions P7; fakeapi/sveltos/world.h.
 */
#include "tests/testlib/world.h"

#include "fakeapi/sveltos/spec_render.h"

#define QA "{'env':'qa'}"
#define SELECTOR "'clusterSelector':{'matchLabels':{'env':'qa'}}"
#define RESOURCES "'policyRefs':[{'kind':'ConfigMap','namespace':'default','name':'a'}]"
#define CHART "{'repositoryURL':'https://a','repositoryName':'r','chartName':'c','chartVersion':\
'1','releaseName':'n','releaseNamespace':'m'}"
#define HELM "'helmCharts':[" CHART "]"
#define SPEC "{" SELECTOR "," RESOURCES "}"
#define PROFILE PROFILES "/p"
#define SUMMARY SUMMARIES "/p-sveltos-c1"

/* A cluster and a profile whose summary comes at once: times in tests are those of jobs. */
static const struct world_rule at_once = {.has_created_after = true};

static struct stage *stage_with(const struct world_rule *rules, size_t count, const char *spec)
{
    struct stage *stage = stage_create(rules, count);
    stage_add_cluster(stage, "c1", QA);
    stage_add_profile(stage, "{'name':'p'}", spec);
    return stage;
}

/* 6.4 */
static void a_fresh_deployment_keeps_the_timeline(void **state)
{
    (void)state;
    struct stage *stage = stage_with(&at_once, 1, SPEC);
    stage_run_until(stage, 0);
    assert_at(stage, SUMMARY, "status.dependencies", "'no dependencies'");
    assert_at(stage, SUMMARY, "status.nextReconcileTime", "'2026-01-01T00:00:10Z'");
    assert_feature(stage, SUMMARY, 0, "featureID", "Resources");
    assert_feature(stage, SUMMARY, 0, "status", "Provisioning");
    assert_feature(stage, SUMMARY, 0, "lastAppliedTime", "");
    struct json *summary = stage_get(stage, SUMMARY);
    assert_int_equal(feature_at(summary, 0, "hash").len, 44);
    assert_int_equal(json_count(json_at(summary, "status.featureSummaries")), 1);
    json_free(summary);
    stage_run_until(stage, 9999);
    assert_feature(stage, SUMMARY, 0, "status", "Provisioning");
    stage_run_until(stage, 10000);
    assert_feature(stage, SUMMARY, 0, "status", "Provisioned");
    assert_feature(stage, SUMMARY, 0, "lastAppliedTime", "2026-01-01T00:00:10Z");
    assert_at(stage, SUMMARY, "status.nextReconcileTime", "");
    stage_free(stage);
}

/* 6.2.11: Resources, Helm, Kustomize, each by itself. */
static void features_are_deployed_each_by_itself(void **state)
{
    (void)state;
    const struct world_rule rules[] = {
        at_once,
        {.feature = STR("Helm"), .has_takes = true, .takes = {2500, 2500}},
        {.feature = STR("Kustomize"), .has_takes = true, .takes = {30000, 30000}},
    };
    struct stage *stage = stage_with(rules, 3,
                                     "{" SELECTOR "," HELM "," RESOURCES
                                     ",'kustomizationRefs':[{'kind':'GitRepository','name':'k'}]}");
    stage_run_until(stage, 10000);
    static const char *const rows[][3] = {
        {"Resources", "Provisioned", "2026-01-01T00:00:10Z"},
        {"Helm", "Provisioned", "2026-01-01T00:00:02Z"}, /* whole seconds */
        {"Kustomize", "Provisioning", ""},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        assert_feature(stage, SUMMARY, i, "featureID", rows[i][0]);
        assert_feature(stage, SUMMARY, i, "status", rows[i][1]);
        assert_feature(stage, SUMMARY, i, "lastAppliedTime", rows[i][2]);
    }
    stage_free(stage);
}

static void the_ground_truth_is_told_when_a_job_ends(void **state)
{
    (void)state;
    struct stage *stage = stage_with(&at_once, 1, SPEC);
    stage_run_until(stage, 9999);
    assert_int_equal(world_deployment_count(stage->world), 0);
    stage_run_until(stage, 10000);
    assert_int_equal(world_deployment_count(stage->world), 1);
    const struct world_deployment *deployment = world_deployment_at(stage->world, 0);
    struct json *profile = stage_get(stage, PROFILE);
    struct json *rendered = NULL;
    char digest[SHA256_HEX_BYTES];
    assert_true(profile_spec_render(json_get(profile, "spec"), &rendered));
    profile_spec_digest(rendered, digest);
    assert_int_equal(deployment->at_ms, STAGE_START_MS + 10000);
    assert_str(deployment->cluster_namespace, "default");
    assert_str(deployment->cluster, "c1");
    assert_str(deployment->profile, "p");
    assert_str(deployment->feature, "Resources");
    assert_str(deployment->configuration, digest);
    assert_false(deployment->withdrawn || deployment->failed);
    json_free(profile);
    json_free(rendered);
    stage_free(stage);
}

/* B07, P7: after a change the old status stands for a while; world.h: stale_for. */
static void a_status_stays_old_after_a_change(void **state)
{
    (void)state;
    const struct world_rule rules[] = {
        at_once, {.cluster = STR("c2"), .has_stale_for = true, .stale_for = {5000, 5000}}};
    struct stage *stage = stage_with(rules, 2, SPEC);
    stage_add_cluster(stage, "c2", QA);
    stage_run_until(stage, 20000);
    stage_patch(stage, PROFILE, "{'spec':{'tier':50}}");
    stage_run_until(stage, 20299);
    assert_at(stage, SUMMARY, "spec.clusterProfileSpec.tier", "50");
    assert_feature(stage, SUMMARY, 0, "status", "Provisioned");
    stage_run_until(stage, 20300);
    assert_feature(stage, SUMMARY, 0, "status", "Provisioning");
    stage_run_until(stage, 24999);
    assert_feature(stage, SUMMARIES "/p-sveltos-c2", 0, "status", "Provisioned");
    stage_run_until(stage, 25000);
    assert_feature(stage, SUMMARIES "/p-sveltos-c2", 0, "status", "Provisioning");
    stage_free(stage);
}

/* 6.3, P7: a redeployment shows in a later second than its change, however fast it is. */
static void a_redeployment_takes_a_second_at_least(void **state)
{
    (void)state;
    static const int64_t changes_ms[] = {20000, 20001, 20500, 20999};
    const struct world_rule rule = {.has_created_after = true,
                                    .has_takes = true,
                                    .has_stale_for = true};
    for (size_t i = 0; i < ARRAY_COUNT(changes_ms); i++) {
        struct stage *stage = stage_with(&rule, 1, SPEC);
        stage_run_until(stage, 0);
        assert_feature(stage, SUMMARY, 0, "status", "Provisioned"); /* the first: at once */
        stage_run_until(stage, changes_ms[i]);
        stage_patch(stage, PROFILE, "{'spec':{'tier':50}}");
        stage_run_until(stage, changes_ms[i] + 999);
        assert_feature(stage, SUMMARY, 0, "status", "Provisioning");
        stage_run_until(stage, changes_ms[i] + 1000);
        assert_feature(stage, SUMMARY, 0, "status", "Provisioned");
        assert_feature(stage, SUMMARY, 0, "lastAppliedTime", "2026-01-01T00:00:21Z");
        stage_free(stage);
    }
}

/* 6.3: features whose inputs did not change keep hash and time. */
static void a_change_that_no_feature_hashes_redeploys_nothing(void **state)
{
    (void)state;
    struct stage *stage = stage_with(&at_once, 1, "{" SELECTOR "," RESOURCES "," HELM "}");
    stage_run_until(stage, 20000);
    struct json *before = stage_get(stage, SUMMARY);
    stage_patch(stage, PROFILE, "{'spec':{'maxConsecutiveFailures':3,'validateHealths':[{'name':"
                                "'v','featureID':'Helm','script':'x'}]}}");
    stage_run_until(stage, 40000);
    struct json *after = stage_get(stage, SUMMARY);
    assert_int_equal(world_deployment_count(stage->world), 3);
    assert_str(feature_at(after, 0, "lastAppliedTime"), "2026-01-01T00:00:10Z");
    assert_str(feature_at(after, 1, "lastAppliedTime"), "2026-01-01T00:00:30Z");
    assert_true(str_equal(feature_at(before, 0, "hash"), feature_at(after, 0, "hash")));
    assert_false(str_equal(feature_at(before, 1, "hash"), feature_at(after, 1, "hash")));
    json_free(before);
    json_free(after);
    stage_free(stage);
}

/* 6.3: one job at a time; what was under way is really deployed, then what is wanted now. */
static void a_change_under_way_waits_for_the_running_job(void **state)
{
    (void)state;
    struct stage *stage = stage_with(&at_once, 1, SPEC);
    stage_run_until(stage, 5000);
    stage_patch(stage, PROFILE, "{'spec':{'tier':50}}");
    stage_run_until(stage, 19999);
    assert_int_equal(world_deployment_count(stage->world), 1);
    assert_feature(stage, SUMMARY, 0, "status", "Provisioning");
    stage_run_until(stage, 20000);
    assert_int_equal(world_deployment_count(stage->world), 2);
    assert_feature(stage, SUMMARY, 0, "status", "Provisioned");
    assert_false(str_equal(world_deployment_at(stage->world, 0)->configuration,
                           world_deployment_at(stage->world, 1)->configuration));
    stage_free(stage);
}

/* 6.3: v1 -> v2 -> v1 between two looks moves nothing. */
static void a_change_that_is_taken_back_unseen_moves_nothing(void **state)
{
    (void)state;
    struct stage *stage = stage_with(&at_once, 1, SPEC);
    stage_run_until(stage, 20000);
    stage_patch(stage, PROFILE, "{'spec':{'tier':50}}");
    stage_run_until(stage, 20100);
    stage_patch(stage, PROFILE, "{'spec':{'tier':100}}");
    stage_run_until(stage, 60000);
    assert_int_equal(world_deployment_count(stage->world), 1);
    assert_feature(stage, SUMMARY, 0, "lastAppliedTime", "2026-01-01T00:00:10Z");
    stage_free(stage);
}

/* 6.3: Failed stays until the next result; 10 s after the first failure, then 20 s (2 failures:
 * 10 s x random(2..2)); success clears. */
static void failures_are_retried_and_told(void **state)
{
    (void)state;
    const struct world_rule rules[] = {
        at_once,
        {.fails = 2, .message = STR("helm: timed out"), .has_takes = true, .takes = {4000, 4000}}};
    struct stage *stage = stage_with(rules, 2, SPEC);
    static const struct {
        int64_t at_ms;
        const char *status;
        const char *applied;
    } rows[] = {
        {3999, "Provisioning", ""},
        {4000, "Failed", "2026-01-01T00:00:04Z"},
        {13999, "Failed", "2026-01-01T00:00:04Z"},
        {14000, "Failed", "2026-01-01T00:00:14Z"},
        {33999, "Failed", "2026-01-01T00:00:14Z"},
        {34000, "Provisioned", "2026-01-01T00:00:34Z"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        stage_run_until(stage, rows[i].at_ms);
        assert_feature(stage, SUMMARY, 0, "status", rows[i].status);
        assert_feature(stage, SUMMARY, 0, "lastAppliedTime", rows[i].applied);
        if (i == 1) {
            assert_feature(stage, SUMMARY, 0, "failureMessage", "helm: timed out");
            assert_at(stage, SUMMARY, "status.nextReconcileTime", "'2026-01-01T00:00:14Z'");
        }
    }
    struct json *summary = stage_get(stage, SUMMARY);
    const struct json *entry = json_item(json_at(summary, "status.featureSummaries"), 0);
    assert_null(json_get(entry, "failureMessage"));
    assert_null(json_get(entry, "consecutiveFailures"));
    json_free(summary);
    assert_int_equal(world_deployment_count(stage->world), 3);
    assert_true(world_deployment_at(stage->world, 1)->failed);
    assert_false(world_deployment_at(stage->world, 2)->failed);
    stage_free(stage);
}

/* 6.3: the wait follows the feature that failed most often, and holds the others' results. */
static void the_feature_that_failed_most_sets_the_pace(void **state)
{
    (void)state;
    const struct world_rule rules[] = {
        at_once,
        {.feature = STR("Resources"), .fails = 2, .has_takes = true, .takes = {1000, 1000}},
        {.feature = STR("Helm"), .fails = 1, .has_takes = true, .takes = {12000, 12000}}};
    struct stage *stage = stage_with(rules, 3, "{" SELECTOR "," RESOURCES "," HELM "}");
    static const struct {
        int64_t at_ms;
        const char *resources;
        const char *helm;
    } rows[] = {
        {1000, "Failed", "Provisioning"},   /* 1 s: first failure, 10 s */
        {11000, "Failed", "Provisioning"},  /* 11 s: second failure, 20 s */
        {30999, "Failed", "Provisioning"},  /* Helm's failure at 12 s is not looked at yet */
        {31000, "Provisioned", "Failed"},   /* its first alone: 10 s */
        {43000, "Provisioned", "Provisioned"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        stage_run_until(stage, rows[i].at_ms);
        assert_feature(stage, SUMMARY, 0, "status", rows[i].resources);
        assert_feature(stage, SUMMARY, 1, "status", rows[i].helm);
    }
    stage_free(stage);
}

static int64_t failures_of(struct stage *stage)
{
    int64_t failures = 0;
    struct json *summary = stage_get(stage, SUMMARY);
    json_int_of(json_get(json_item(json_at(summary, "status.featureSummaries"), 0),
                         "consecutiveFailures"),
                &failures);
    json_free(summary);
    return failures;
}

/* 6.3: the counter goes up twice; nothing more until the configuration changes. */
static void a_failure_for_good_ends_the_retries(void **state)
{
    (void)state;
    const struct world_rule rules[] = {at_once, {.fails = 1, .fails_for_good = true}};
    struct stage *stage = stage_with(rules, 2, SPEC);
    stage_run_until(stage, 10000);
    assert_feature(stage, SUMMARY, 0, "status", "FailedNonRetriable");
    assert_int_equal(failures_of(stage), 2);
    assert_int_equal(stage_run_until(stage, 86400000), 0);
    stage_patch(stage, PROFILE, "{'spec':{'tier':50}}");
    stage_run_until(stage, 86400000 + 1000);
    assert_feature(stage, SUMMARY, 0, "status", "Provisioning");
    assert_int_equal(failures_of(stage), 0);
    stage_free(stage);
}

/* 6.3 */
static void too_many_failures_end_the_retries(void **state)
{
    (void)state;
    const struct world_rule rules[] = {at_once, {.fails = UINT_MAX}};
    struct stage *stage =
        stage_with(rules, 2, "{" SELECTOR "," RESOURCES ",'maxConsecutiveFailures':3}");
    stage_run_until(stage, 300000);
    assert_feature(stage, SUMMARY, 0, "status", "FailedNonRetriable");
    assert_feature(stage, SUMMARY, 0, "failureMessage",
                   "the maximum number of consecutive errors has been reached");
    assert_int_equal(failures_of(stage), 3);
    assert_int_equal(world_deployment_count(stage->world), 3);
    stage_free(stage);
}

/* 6.2.8 */
static void a_paused_cluster_suspends_its_summaries(void **state)
{
    (void)state;
    struct stage *stage = stage_create(&at_once, 1);
    stage_add_cluster(stage, "c1", QA);
    stage_patch(stage, CLUSTERS "/c1", "{'spec':{'paused':true}}");
    stage_add_profile(stage, "{'name':'p'}", SPEC);
    stage_run_until(stage, 60000);
    assert_at(stage, SUMMARY, "status",
              "{'reconciliationSuspended':true,'suspensionReason':'Cluster is paused'}");
    stage_patch(stage, CLUSTERS "/c1", "{'spec':{'paused':false}}");
    stage_run_until(stage, 70000);
    assert_at(stage, SUMMARY, "status.reconciliationSuspended", "");
    assert_feature(stage, SUMMARY, 0, "status", "Provisioned");
    stage_free(stage);
}

/* B09: a paused cluster's summary gets the new spec and keeps the old Provisioned. */
static void a_paused_cluster_keeps_its_old_status(void **state)
{
    (void)state;
    struct stage *stage = stage_with(&at_once, 1, SPEC);
    stage_run_until(stage, 20000);
    stage_patch(stage, CLUSTERS "/c1", "{'spec':{'paused':true}}");
    stage_patch(stage, PROFILE, "{'spec':{'tier':50}}");
    stage_run_until(stage, 60000);
    assert_at(stage, SUMMARY, "spec.clusterProfileSpec.tier", "50");
    assert_at(stage, SUMMARY, "status.reconciliationSuspended", "true");
    assert_feature(stage, SUMMARY, 0, "status", "Provisioned");
    stage_free(stage);
}

/* 6.2.5, 4: the summary fails, is deleted since it does not match, and waits for the cluster. */
static void a_cluster_that_is_not_ready_any_more_holds_its_summary(void **state)
{
    (void)state;
    struct stage *stage = stage_with(&at_once, 1, SPEC);
    stage_run_until(stage, 20000);
    stage_patch(stage, CLUSTERS "/c1/status", "{'status':{'ready':false}}");
    stage_run_until(stage, 60000);
    assert_at(stage, SUMMARY, "metadata.deletionTimestamp", "'2026-01-01T00:00:20Z'");
    assert_int_equal(world_deployment_count(stage->world), 1);
    stage_patch(stage, CLUSTERS "/c1/status", "{'status':{'ready':true}}");
    stage_run_until(stage, 100000);
    assert_at(stage, SUMMARY, "metadata.deletionTimestamp", "");
    assert_feature(stage, SUMMARY, 0, "status", "Provisioned");
    assert_int_equal(world_deployment_count(stage->world), 3);
    stage_free(stage);
}

/* 6.5: without the cluster there is nothing to take away. */
static void a_summary_of_a_cluster_that_is_gone_goes_at_once(void **state)
{
    (void)state;
    struct stage *stage = stage_with(&at_once, 1, SPEC);
    stage_run_until(stage, 20000);
    stage_delete(stage, CLUSTERS "/c1");
    stage_run_until(stage, 20001);
    assert_false(stage_has(stage, SUMMARY));
    assert_int_equal(world_deployment_count(stage->world), 1);
    stage_free(stage);
}

/* 6.5: a feature whose list is emptied is redeployed empty and stays. */
static void an_emptied_feature_stays_provisioned(void **state)
{
    (void)state;
    struct stage *stage = stage_with(&at_once, 1, "{" SELECTOR "," RESOURCES "," HELM "}");
    stage_run_until(stage, 20000);
    stage_patch(stage, PROFILE, "{'spec':{'policyRefs':null}}");
    stage_run_until(stage, 40000);
    assert_feature(stage, SUMMARY, 0, "featureID", "Resources");
    assert_feature(stage, SUMMARY, 0, "status", "Provisioned");
    assert_feature(stage, SUMMARY, 0, "lastAppliedTime", "2026-01-01T00:00:30Z");
    stage_free(stage);
}

/* 5.8 */
static void a_summary_waits_for_what_it_depends_on(void **state)
{
    (void)state;
    struct stage *stage = stage_with(&at_once, 1, "{" SELECTOR "," RESOURCES ",'dependsOn':['q']}");
    stage_run_until(stage, 1000);
    assert_at(stage, SUMMARY, "status.dependencies",
              "'ClusterProfile q is a dependency. The ClusterSummary instance for this "
              "profile/cluster was not found'");
    assert_at(stage, SUMMARY, "status.featureSummaries", "");
    stage_add_profile(stage, "{'name':'q'}", "{" SELECTOR "," HELM "}");
    stage_run_until(stage, 10500);
    assert_at(stage, SUMMARY, "status.dependencies",
              "'ClusterProfile q is a dependency and it is not fully deployed yet'");
    stage_run_until(stage, 40000);
    assert_at(stage, SUMMARY, "status.dependencies", "'All dependencies deployed'");
    assert_feature(stage, SUMMARY, 0, "status", "Provisioned");
    stage_free(stage);
}

/* 6.2.7 */
static void a_one_time_summary_is_deployed_once(void **state)
{
    (void)state;
    struct stage *stage =
        stage_with(&at_once, 1, "{" SELECTOR "," RESOURCES ",'syncMode':'OneTime'}");
    stage_run_until(stage, 20000);
    assert_feature(stage, SUMMARY, 0, "status", "Provisioned");
    stage_patch(stage, PROFILE, "{'spec':{'tier':50}}");
    stage_run_until(stage, 60000);
    assert_int_equal(world_deployment_count(stage->world), 1);
    stage_free(stage);
}

/* 6.3: DryRun is never done, and deploys nothing. */
static void a_dry_run_never_ends(void **state)
{
    (void)state;
    struct stage *stage =
        stage_with(&at_once, 1, "{" SELECTOR "," RESOURCES "," HELM ",'syncMode':'DryRun'}");
    stage_run_until(stage, 65000);
    assert_feature(stage, SUMMARY, 0, "status", "Provisioning");
    assert_feature(stage, SUMMARY, 1, "status", "Failed");
    assert_feature(stage, SUMMARY, 1, "failureMessage",
                   "mode is DryRun. Nothing is reconciled");
    assert_int_equal(world_deployment_count(stage->world), 0);
    assert_true(stage_run_until(stage, 300000) > 0);
    stage_free(stage);
}

/* 6.2.1: back-off from 1 s to 5 min; nothing is deployed for a profile that is not there. */
static void a_summary_without_a_profile_waits(void **state)
{
    (void)state;
    struct stage *stage = stage_create(&at_once, 1);
    stage_add_cluster(stage, "c1", QA);
    stage_post(stage, SUMMARIES,
               "{'apiVersion':'config.projectsveltos.io/v1beta1','kind':'ClusterSummary',"
               "'metadata':{'name':'lone'},'spec':{'clusterNamespace':'default','clusterName':"
               "'c1','clusterType':'Sveltos','clusterProfileSpec':" SPEC "}}");
    stage_run_until(stage, 600000);
    assert_int_equal(stage_run_until(stage, 3600000 + 600000), 12);
    assert_int_equal(world_deployment_count(stage->world), 0);
    stage_free(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fresh_deployment_keeps_the_timeline),
        cmocka_unit_test(features_are_deployed_each_by_itself),
        cmocka_unit_test(the_ground_truth_is_told_when_a_job_ends),
        cmocka_unit_test(a_status_stays_old_after_a_change),
        cmocka_unit_test(a_redeployment_takes_a_second_at_least),
        cmocka_unit_test(a_change_that_no_feature_hashes_redeploys_nothing),
        cmocka_unit_test(a_change_under_way_waits_for_the_running_job),
        cmocka_unit_test(a_change_that_is_taken_back_unseen_moves_nothing),
        cmocka_unit_test(failures_are_retried_and_told),
        cmocka_unit_test(the_feature_that_failed_most_sets_the_pace),
        cmocka_unit_test(a_failure_for_good_ends_the_retries),
        cmocka_unit_test(too_many_failures_end_the_retries),
        cmocka_unit_test(a_paused_cluster_suspends_its_summaries),
        cmocka_unit_test(a_paused_cluster_keeps_its_old_status),
        cmocka_unit_test(a_cluster_that_is_not_ready_any_more_holds_its_summary),
        cmocka_unit_test(a_summary_of_a_cluster_that_is_gone_goes_at_once),
        cmocka_unit_test(an_emptied_feature_stays_provisioned),
        cmocka_unit_test(a_summary_waits_for_what_it_depends_on),
        cmocka_unit_test(a_one_time_summary_is_deployed_once),
        cmocka_unit_test(a_dry_run_never_ends),
        cmocka_unit_test(a_summary_without_a_profile_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
