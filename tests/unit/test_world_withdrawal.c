/*
 * What goes and what stays when a profile lets a cluster go.
 * Rows: facts 5.5, 5.9 (stopMatchingBehavior), 6.5, 5.8 (the wait on deletion).
 */
#include "tests/testlib/world_items.h"

#define QA "{'env':'qa'}"
#define SELECTOR "'clusterSelector':{'matchLabels':{'env':'qa'}}"
#define RESOURCES "'policyRefs':[{'kind':'ConfigMap','namespace':'default','name':'a'}]"
#define HELM                                                                                  \
    "'helmCharts':[{'repositoryURL':'https://a','repositoryName':'r','chartName':'c',"        \
    "'chartVersion':'1','releaseName':'n','releaseNamespace':'m'}]"
#define KUSTOMIZE "'kustomizationRefs':[{'kind':'GitRepository','namespace':'f','name':'g'}]"
#define ALL SELECTOR "," RESOURCES "," HELM "," KUSTOMIZE
#define P SUMMARIES "/p-sveltos-c1"
#define Q SUMMARIES "/q-sveltos-c1"
#define HOUR_MS 3600000
#define DAY_MS 86400000

static const struct world_rule at_once = {.has_created_after = true, .has_stale_for = true};

static struct stage *stage_with(const char *spec)
{
    struct stage *stage = stage_create(&at_once, 1);
    stage_add_cluster(stage, "c1", QA);
    stage_add_profile(stage, "{'name':'p'}", spec);
    stage_run_until(stage, 20000);
    return stage;
}

enum end { PROFILE_IS_DELETED, CLUSTER_LEAVES, SELECTOR_LEAVES, CLUSTER_IS_GONE };

static void let_go(struct stage *stage, enum end end)
{
    switch (end) {
    case PROFILE_IS_DELETED:
        stage_delete(stage, PROFILES "/p");
        break;
    case CLUSTER_LEAVES:
        stage_patch(stage, CLUSTERS "/c1", "{'metadata':{'labels':{'env':'none'}}}");
        break;
    case SELECTOR_LEAVES:
        stage_patch(stage, PROFILES "/p",
                    "{'spec':{'clusterSelector':{'matchLabels':{'env':'none'}}}}");
        break;
    case CLUSTER_IS_GONE:
        stage_delete(stage, CLUSTERS "/c1");
        break;
    }
}

#define DEPLOYED                                                                            \
    "10 c1 p deploys ConfigMap:default/a\n10 c1 p deploys Release:m/n\n"                    \
    "10 c1 p deploys GitRepository:f/g\n"
#define GOES(seconds, what)                                                                 \
    seconds " c1 p " what " ConfigMap:default/a\n" seconds " c1 p " what " Release:m/n\n"   \
    seconds " c1 p " what " GitRepository:f/g\n"

/* 5.9, 6.5 */
static void stop_matching_behaviour_decides_on_all_ways_out(void **state)
{
    (void)state;
    static const struct {
        enum end end;
        const char *behaviour;
        const char *items;
    } rows[] = {
        {PROFILE_IS_DELETED, "WithdrawPolicies", DEPLOYED GOES("30", "withdraws")},
        {CLUSTER_LEAVES, "WithdrawPolicies", DEPLOYED GOES("30", "withdraws")},
        {SELECTOR_LEAVES, "WithdrawPolicies", DEPLOYED GOES("30", "withdraws")},
        {CLUSTER_IS_GONE, "WithdrawPolicies", DEPLOYED},
        {PROFILE_IS_DELETED, "LeavePolicies", DEPLOYED GOES("20", "leaves")},
        {CLUSTER_LEAVES, "LeavePolicies", DEPLOYED GOES("20", "leaves")},
        {SELECTOR_LEAVES, "LeavePolicies", DEPLOYED GOES("20", "leaves")},
        {CLUSTER_IS_GONE, "LeavePolicies", DEPLOYED},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        char *spec = str_format("{" ALL ",'stopMatchingBehavior':'%s'}", rows[i].behaviour);
        struct stage *stage = stage_with(spec);
        let_go(stage, rows[i].end);
        stage_run_until(stage, 60000);
        assert_items(stage, rows[i].items);
        assert_false(stage_has(stage, P));
        assert_int_equal(stage_has(stage, PROFILES "/p"), rows[i].end != PROFILE_IS_DELETED);
        stage_run_until(stage, HOUR_MS); /* events become old */
        assert_int_equal(stage_run_until(stage, DAY_MS), 0);
        stage_free(stage);
        mem_free(spec);
    }
}

/* 5.5: the spec is aligned first: the behaviour at the end counts. */
static void the_behaviour_at_the_end_counts(void **state)
{
    (void)state;
    struct stage *stage = stage_with("{" SELECTOR "," RESOURCES "}");
    stage_patch(stage, PROFILES "/p", "{'spec':{'stopMatchingBehavior':'LeavePolicies'}}");
    stage_delete(stage, PROFILES "/p");
    stage_run_until(stage, 60000);
    assert_items(stage,
                 "10 c1 p deploys ConfigMap:default/a\n20 c1 p leaves ConfigMap:default/a\n");
    stage_free(stage);
}

/* 6.5: Removing while the job runs; the summary goes when all are Removed. */
static void features_are_removed_each_by_its_job(void **state)
{
    (void)state;
    const struct world_rule rules[] = {
        at_once,
        {.feature = STR("Resources"), .has_takes = true, .takes = {4000, 4000}},
        {.feature = STR("Helm"), .has_takes = true, .takes = {30000, 30000}},
    };
    struct stage *stage = stage_create(rules, ARRAY_COUNT(rules));
    stage_add_cluster(stage, "c1", QA);
    stage_add_profile(stage, "{'name':'p'}", "{" SELECTOR "," RESOURCES "," HELM "}");
    stage_run_until(stage, 60000);
    stage_delete(stage, PROFILES "/p");
    static const struct {
        int64_t at_ms;
        const char *resources;
        const char *helm;
    } rows[] = {
        {60000, "Removing", "Removing"}, {63999, "Removing", "Removing"},
        {64000, "Removed", "Removing"},  {89999, "Removed", "Removing"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        stage_run_until(stage, rows[i].at_ms);
        assert_feature(stage, P, 0, "status", rows[i].resources);
        assert_feature(stage, P, 1, "status", rows[i].helm);
    }
    stage_run_until(stage, 90000);
    assert_false(stage_has(stage, P));
    stage_free(stage);
}

/* 6.5: paused: suspended; nothing is taken away until it is not paused any more. */
static void a_paused_cluster_keeps_what_it_has(void **state)
{
    (void)state;
    struct stage *stage = stage_with("{" SELECTOR "," RESOURCES "}");
    stage_patch(stage, CLUSTERS "/c1", "{'spec':{'paused':true}}");
    stage_delete(stage, PROFILES "/p");
    stage_run_until(stage, 200000);
    assert_at(stage, P, "status.reconciliationSuspended", "true");
    assert_at(stage, P, "status.suspensionReason", "'Cluster is paused'");
    assert_items(stage, "10 c1 p deploys ConfigMap:default/a\n");
    stage_patch(stage, CLUSTERS "/c1", "{'spec':{'paused':false}}");
    stage_run_until(stage, 250000);
    assert_false(stage_has(stage, P));
    assert_items(stage,
                 "10 c1 p deploys ConfigMap:default/a\n210 c1 p withdraws ConfigMap:default/a\n");
    stage_free(stage);
}

/* 6.5: "DryRun CS are only removed if the profile is deleting too"; nothing is taken away. */
static void a_dry_run_takes_nothing_away(void **state)
{
    (void)state;
    static const enum end ends[] = {CLUSTER_LEAVES, PROFILE_IS_DELETED};
    for (size_t i = 0; i < ARRAY_COUNT(ends); i++) {
        struct stage *stage = stage_with("{" SELECTOR "," RESOURCES "}");
        stage_patch(stage, PROFILES "/p", "{'spec':{'syncMode':'DryRun'}}");
        stage_run_until(stage, 40000);
        let_go(stage, ends[i]);
        stage_run_until(stage, 200000);
        assert_int_equal(stage_has(stage, P), ends[i] == CLUSTER_LEAVES);
        assert_items(stage, "10 c1 p deploys ConfigMap:default/a\n");
        stage_free(stage);
    }
}

/* 6.3, 6.5: what a spec does not name any more is taken away by the next job. */
static void what_is_dropped_from_the_spec_is_withdrawn(void **state)
{
    (void)state;
    struct stage *stage = stage_with("{" ALL "}");
    stage_patch(stage, PROFILES "/p", "{'spec':{'policyRefs':[{'kind':'ConfigMap','namespace':"
                                      "'default','name':'b'}],'helmCharts':null}}");
    stage_run_until(stage, 60000);
    assert_items(stage, DEPLOYED "30 c1 p deploys ConfigMap:default/b\n"
                                 "30 c1 p withdraws ConfigMap:default/a\n"
                                 "30 c1 p withdraws Release:m/n\n");
    assert_at(stage, P, "status.helmReleaseSummaries", "");
    stage_free(stage);
}

/* A chart that is to be uninstalled (helmChartAction) is no deployment. */
static void a_chart_may_be_uninstalled(void **state)
{
    (void)state;
    struct stage *stage = stage_with("{" SELECTOR "," HELM "}");
    stage_patch(stage, PROFILES "/p",
                "{'spec':{'helmCharts':[{'repositoryURL':'https://a','repositoryName':'r',"
                "'chartName':'c','chartVersion':'1','releaseName':'n','releaseNamespace':'m',"
                "'helmChartAction':'Uninstall'}]}}");
    stage_run_until(stage, 60000);
    assert_feature(stage, P, 0, "status", "Provisioned");
    assert_items(stage, "10 c1 p deploys Release:m/n\n30 c1 p withdraws Release:m/n\n");
    stage_free(stage);
}

/* A failed deployment deploys nothing, and takes nothing away. */
static void a_failed_deployment_changes_nothing(void **state)
{
    (void)state;
    const struct world_rule rules[] = {at_once, {.fails = 1}};
    struct stage *stage = stage_create(rules, 2);
    stage_add_cluster(stage, "c1", QA);
    stage_add_profile(stage, "{'name':'p'}", "{" SELECTOR "," RESOURCES "}");
    stage_run_until(stage, 15000);
    assert_items(stage, "");
    stage_run_until(stage, 25000);
    assert_items(stage, "20 c1 p deploys ConfigMap:default/a\n");
    stage_patch(stage, PROFILES "/p", "{'spec':{'policyRefs':[]}}");
    stage_run_until(stage, 40000);
    assert_items(stage, "20 c1 p deploys ConfigMap:default/a\n");
    stage_run_until(stage, 60000);
    assert_items(stage,
                 "20 c1 p deploys ConfigMap:default/a\n45 c1 p withdraws ConfigMap:default/a\n");
    stage_free(stage);
}

#define DEPENDENT \
    "{" SELECTOR ",'policyRefs':[{'kind':'ConfigMap','namespace':'default','name':'b'}]," \
    "'dependsOn':['p']}"

/* 5.8: "On delete the mirror check: another CS of the same cluster listing this profile". */
static void a_prerequisite_goes_after_its_dependents(void **state)
{
    (void)state;
    static const char *const behaviours[] = {"WithdrawPolicies", "LeavePolicies"};
    for (size_t i = 0; i < ARRAY_COUNT(behaviours); i++) {
        char *spec = str_format("{" SELECTOR "," RESOURCES ",'stopMatchingBehavior':'%s'}",
                                behaviours[i]);
        struct stage *stage = stage_with(spec);
        stage_add_profile(stage, "{'name':'q'}", DEPENDENT);
        stage_run_until(stage, 60000);
        assert_at(stage, Q, "status.dependencies", "'All dependencies deployed'");
        stage_delete(stage, PROFILES "/p");
        stage_run_until(stage, 300000);
        assert_at(stage, P, "status.dependencies",
                  "'q-sveltos-c1 still depends on this profile and has not been removed yet'");
        assert_feature(stage, P, 0, "status", "Provisioned");
        stage_delete(stage, PROFILES "/q");
        stage_run_until(stage, 309999);
        assert_true(stage_has(stage, P));
        stage_run_until(stage, 340000);
        assert_false(stage_has(stage, P) || stage_has(stage, Q));
        assert_false(stage_has(stage, PROFILES "/p") || stage_has(stage, PROFILES "/q"));
        stage_free(stage);
        mem_free(spec);
    }
}

/* 5.8: of the same cluster; and who ends to depend ends to hold. */
static void only_present_dependents_on_the_cluster_hold(void **state)
{
    (void)state;
    struct stage *stage = stage_with("{" SELECTOR "," RESOURCES "}");
    stage_add_profile(stage, "{'name':'q'}", DEPENDENT);
    stage_run_until(stage, 60000);
    stage_delete(stage, PROFILES "/p");
    stage_run_until(stage, 100000);
    assert_true(stage_has(stage, P));
    stage_patch(stage, PROFILES "/q", "{'spec':{'dependsOn':null}}");
    stage_run_until(stage, 130000);
    assert_false(stage_has(stage, P));
    assert_at(stage, Q, "status.dependencies", "'no dependencies'");
    assert_feature(stage, Q, 0, "status", "Provisioned");
    stage_free(stage);
}

/* 5.8, 6.5: without its cluster a summary waits for nobody. */
static void a_cluster_that_is_gone_has_no_dependents(void **state)
{
    (void)state;
    struct stage *stage = stage_with("{" SELECTOR "," RESOURCES "}");
    stage_add_profile(stage, "{'name':'q'}", DEPENDENT);
    stage_run_until(stage, 60000);
    stage_delete(stage, CLUSTERS "/c1");
    stage_run_until(stage, 60001);
    assert_false(stage_has(stage, Q));
    stage_run_until(stage, 120000); /* p follows q's clusters every 30 s */
    assert_false(stage_has(stage, P));
    stage_free(stage);
}

/* 5.8: the features of a summary whose dependency is lost later are untouched. */
static void a_dependency_that_fails_later_touches_nothing(void **state)
{
    (void)state;
    const struct world_rule rules[] = {
        at_once, {.profile = STR("p"), .feature = STR("Helm"), .fails = UINT_MAX}};
    struct stage *stage = stage_create(rules, 2);
    stage_add_cluster(stage, "c1", QA);
    stage_add_profile(stage, "{'name':'p'}", "{" SELECTOR "," RESOURCES "}");
    stage_add_profile(stage, "{'name':'q'}", DEPENDENT);
    stage_run_until(stage, 40000);
    assert_feature(stage, Q, 0, "status", "Provisioned");
    stage_patch(stage, PROFILES "/p", "{'spec':{" HELM "}}");
    stage_run_until(stage, 60000);
    stage_patch(stage, PROFILES "/q", "{'spec':{'tier':50}}");
    stage_run_until(stage, 120000);
    assert_at(stage, Q, "status.dependencies",
              "'ClusterProfile p is a dependency and it is not fully deployed yet'");
    assert_feature(stage, Q, 0, "status", "Provisioned");
    assert_items(stage,
                 "10 c1 p deploys ConfigMap:default/a\n30 c1 q deploys ConfigMap:default/b\n");
    stage_free(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stop_matching_behaviour_decides_on_all_ways_out),
        cmocka_unit_test(the_behaviour_at_the_end_counts),
        cmocka_unit_test(features_are_removed_each_by_its_job),
        cmocka_unit_test(a_paused_cluster_keeps_what_it_has),
        cmocka_unit_test(a_dry_run_takes_nothing_away),
        cmocka_unit_test(what_is_dropped_from_the_spec_is_withdrawn),
        cmocka_unit_test(a_chart_may_be_uninstalled),
        cmocka_unit_test(a_failed_deployment_changes_nothing),
        cmocka_unit_test(a_prerequisite_goes_after_its_dependents),
        cmocka_unit_test(only_present_dependents_on_the_cluster_hold),
        cmocka_unit_test(a_cluster_that_is_gone_has_no_dependents),
        cmocka_unit_test(a_dependency_that_fails_later_touches_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
