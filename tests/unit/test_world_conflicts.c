/*
 * Profiles that want the same Helm release or the same resource on a cluster.
 * Rows: facts 5.10, 6.2 (a hash that changes wakes a summary), 6.3 (failures for good).
 */
#include "tests/testlib/world_items.h"

#define QA "{'env':'qa'}"
#define SELECTOR "'clusterSelector':{'matchLabels':{'env':'qa'}}"
#define CHART(release)                                                                     \
    "{'repositoryURL':'https://a','repositoryName':'r','chartName':'c','chartVersion':'1'," \
    "'releaseName':'" release "','releaseNamespace':'m'}"
#define REF(name) "{'kind':'ConfigMap','namespace':'default','name':'" name "'}"
#define HELM "{" SELECTOR ",'helmCharts':[" CHART("n") "]"
#define RESOURCES "{" SELECTOR ",'policyRefs':[" REF("a") "]"
#define P SUMMARIES "/p-sveltos-c1"
#define Q SUMMARIES "/q-sveltos-c1"
#define DAY_MS 86400000

/* Summaries come and change at once: times are those of jobs. */
static const struct world_rule at_once = {
    .has_created_after = true, .has_stale_for = true};

static struct stage *stage_with(const char *p, const char *q)
{
    struct stage *stage = stage_create(&at_once, 1);
    stage_add_cluster(stage, "c1", QA);
    stage_add_profile(stage, "{'name':'p'}", p);
    if (q != NULL)
        stage_add_profile(stage, "{'name':'q'}", q);
    return stage;
}

#define MANAGING "[{'releaseName':'n','releaseNamespace':'m','status':'Managing'}]"
#define CONFLICT_WITH(summary)                                                             \
    "[{'conflictMessage':'ClusterSummary " summary " managing it','releaseName':'n',"      \
    "'releaseNamespace':'m','status':'Conflict'}]"

/* 5.10: the first that registers manages; the other fails for good. 6.3: counted twice. */
static void the_first_summary_manages_a_release(void **state)
{
    (void)state;
    struct stage *stage = stage_with(HELM "}", HELM "}");
    stage_run_until(stage, 0);
    assert_at(stage, P, "status.helmReleaseSummaries", MANAGING);
    assert_at(stage, Q, "status.helmReleaseSummaries", CONFLICT_WITH("p-sveltos-c1"));
    stage_run_until(stage, 10000);
    assert_feature(stage, P, 0, "status", "Provisioned");
    assert_feature(stage, Q, 0, "status", "FailedNonRetriable");
    assert_feature(stage, Q, 0, "failureMessage",
                   "cannot manage chart m/n. ClusterSummary p-sveltos-c1 managing it.\n");
    struct json *summary = stage_get(stage, Q);
    int64_t failures = 0;
    assert_true(json_int_of(json_get(json_item(json_at(summary, "status.featureSummaries"), 0),
                                     "consecutiveFailures"),
                            &failures));
    assert_int_equal(failures, 2);
    json_free(summary);
    assert_items(stage, "10 c1 p deploys Release:m/n\n");
    assert_int_equal(stage_run_until(stage, DAY_MS), 0);
    stage_free(stage);
}

/* 5.10: "Lower tier wins; equal tier: current owner keeps." */
static void a_tier_decides_who_manages_a_release(void **state)
{
    (void)state;
    static const struct {
        const char *tier; /* of the newcomer; the holder's is 100 */
        bool wins;
    } rows[] = {{"1", true}, {"99", true}, {"100", false}, {"101", false}};
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct stage *stage = stage_with(HELM "}", NULL);
        stage_run_until(stage, 20000);
        char *spec = str_format(HELM ",'tier':%s}", rows[i].tier);
        stage_add_profile(stage, "{'name':'q'}", spec);
        mem_free(spec);
        stage_run_until(stage, 40000);
        assert_feature(stage, rows[i].wins ? Q : P, 0, "status", "Provisioned");
        assert_feature(stage, rows[i].wins ? P : Q, 0, "status", "FailedNonRetriable");
        assert_at(stage, rows[i].wins ? Q : P, "status.helmReleaseSummaries", MANAGING);
        assert_at(stage, rows[i].wins ? P : Q, "status.helmReleaseSummaries",
                  rows[i].wins ? CONFLICT_WITH("q-sveltos-c1") : CONFLICT_WITH("p-sveltos-c1"));
        assert_items(stage, rows[i].wins ? "10 c1 p deploys Release:m/n\n"
                                           "30 c1 q takes over Release:m/n\n"
                                         : "10 c1 p deploys Release:m/n\n");
        stage_free(stage);
    }
}

/* 5.10, 6.2: who loses is deployed again at once, since its hash is cleared. */
static void who_loses_a_release_is_told_at_once(void **state)
{
    (void)state;
    struct stage *stage = stage_with(HELM "}", NULL);
    stage_run_until(stage, 20000);
    stage_add_profile(stage, "{'name':'q'}", HELM ",'tier':50}");
    stage_run_until(stage, 20001);
    assert_feature(stage, P, 0, "status", "Provisioning");
    assert_at(stage, P, "status.helmReleaseSummaries", CONFLICT_WITH("q-sveltos-c1"));
    stage_run_until(stage, 30000);
    assert_feature(stage, P, 0, "failureMessage",
                   "cannot manage chart m/n. ClusterSummary q-sveltos-c1 managing it.\n");
    stage_free(stage);
}

/* 5.10: two releases are lost together. */
static void all_shared_releases_are_lost_together(void **state)
{
    (void)state;
    const char *both = "{" SELECTOR ",'helmCharts':[" CHART("n") "," CHART("o") "]}";
    struct stage *stage = stage_with(both, NULL);
    stage_run_until(stage, 20000);
    stage_add_profile(stage, "{'name':'q'}",
                      "{" SELECTOR ",'tier':50,'helmCharts':[" CHART("n") "," CHART("o") "]}");
    stage_run_until(stage, 60000);
    assert_feature(stage, P, 0, "status", "FailedNonRetriable");
    assert_feature(stage, Q, 0, "status", "Provisioned");
    assert_items(stage, "10 c1 p deploys Release:m/n\n10 c1 p deploys Release:m/o\n"
                        "30 c1 q takes over Release:m/n\n30 c1 q takes over Release:m/o\n");
    stage_free(stage);
}

/* 5.10: "it is re-tried when the manager goes away", whichever way it goes. What another waits
 * for is not uninstalled. */
static void a_release_goes_on_when_its_manager_goes(void **state)
{
    (void)state;
    static const struct {
        const char *spec;
        const char *patch; /* NULL: the profile is deleted */
        const char *target;
        const char *items;
    } rows[] = {
        {HELM "}", NULL, PROFILES "/p",
         "10 c1 p deploys Release:m/n\n30 c1 p leaves Release:m/n\n"
         "40 c1 q takes over Release:m/n\n"},
        {HELM ",'stopMatchingBehavior':'LeavePolicies'}", NULL, PROFILES "/p",
         "10 c1 p deploys Release:m/n\n20 c1 p leaves Release:m/n\n"
         "30 c1 q takes over Release:m/n\n"},
        {HELM "}", "{'spec':{'clusterSelector':{'matchLabels':{'env':'none'}}}}", PROFILES "/p",
         "10 c1 p deploys Release:m/n\n30 c1 p leaves Release:m/n\n"
         "40 c1 q takes over Release:m/n\n"},
        {HELM "}", "{'spec':{'helmCharts':null}}", PROFILES "/p",
         "10 c1 p deploys Release:m/n\n30 c1 p leaves Release:m/n\n"
         "40 c1 q takes over Release:m/n\n"},
        {HELM "}", "{'spec':{'helmCharts':[" CHART("o") "]}}", PROFILES "/p",
         "10 c1 p deploys Release:m/n\n30 c1 p deploys Release:m/o\n"
         "30 c1 p leaves Release:m/n\n40 c1 q takes over Release:m/n\n"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct stage *stage = stage_with(rows[i].spec, HELM "}");
        stage_run_until(stage, 20000);
        assert_feature(stage, Q, 0, "status", "FailedNonRetriable");
        if (rows[i].patch == NULL)
            stage_delete(stage, rows[i].target);
        else
            stage_patch(stage, rows[i].target, rows[i].patch);
        stage_run_until(stage, 80000);
        assert_items(stage, rows[i].items);
        assert_feature(stage, Q, 0, "status", "Provisioned");
        assert_feature(stage, Q, 0, "failureMessage", "");
        assert_at(stage, Q, "status.helmReleaseSummaries", MANAGING);
        assert_int_equal(stage_run_until(stage, DAY_MS), 0);
        stage_free(stage);
    }
}

/* 5.10: after a restart statuses alone say who manages what. */
static void a_restart_changes_no_manager(void **state)
{
    (void)state;
    struct stage *stage = stage_with(HELM "}", HELM "}");
    stage_run_until(stage, 20000);
    world_set_down(stage->world, true);
    world_set_down(stage->world, false);
    stage_run_until(stage, 60000);
    assert_at(stage, P, "status.helmReleaseSummaries", MANAGING);
    assert_feature(stage, P, 0, "status", "Provisioned");
    assert_feature(stage, Q, 0, "status", "FailedNonRetriable");
    /* Deleted while Sveltos is down: the release goes on when it is back. */
    world_set_down(stage->world, true);
    stage_delete(stage, PROFILES "/p");
    stage_run_until(stage, 100000);
    assert_feature(stage, Q, 0, "status", "FailedNonRetriable");
    world_set_down(stage->world, false);
    stage_run_until(stage, 150000);
    assert_false(stage_has(stage, P));
    assert_feature(stage, Q, 0, "status", "Provisioned");
    stage_free(stage);
}

/* 5.10: without a manager's finalizer nobody tells who waits: a restart finds it. */
static void a_manager_that_vanishes_while_sveltos_is_down_is_missed(void **state)
{
    (void)state;
    struct stage *stage = stage_with(HELM "}", HELM "}");
    stage_run_until(stage, 20000);
    world_set_down(stage->world, true);
    stage_patch(stage, PROFILES "/p", "{'metadata':{'finalizers':null}}");
    stage_patch(stage, P, "{'metadata':{'finalizers':null}}");
    stage_delete(stage, PROFILES "/p");
    stage_run_until(stage, 30000);
    assert_false(stage_has(stage, P));
    world_set_down(stage->world, false);
    stage_run_until(stage, 60000);
    assert_feature(stage, Q, 0, "status", "Provisioned");
    stage_free(stage);
}

/* 5.10: continueOnConflict "only lets the remaining items proceed; the feature still fails". */
static void the_rest_goes_on_only_with_continue_on_conflict(void **state)
{
    (void)state;
    static const struct {
        const char *helm;
        const char *resources;
        const char *items;
    } rows[] = {
        {"{" SELECTOR ",'helmCharts':[" CHART("n") "," CHART("o") "]}",
         "{" SELECTOR ",'policyRefs':[" REF("a") "," REF("b") "]}", ""},
        {"{" SELECTOR ",'continueOnConflict':true,'helmCharts':[" CHART("n") "," CHART("o") "]}",
         "{" SELECTOR ",'continueOnConflict':true,'policyRefs':[" REF("a") "," REF("b") "]}",
         "yes"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        bool goes_on = rows[i].items[0] != '\0';
        struct stage *stage = stage_with(HELM "}", rows[i].helm);
        stage_run_until(stage, 15000);
        assert_feature(stage, Q, 0, "status", "FailedNonRetriable");
        assert_items(stage, goes_on ? "10 c1 p deploys Release:m/n\n10 c1 q deploys Release:m/o\n"
                                    : "10 c1 p deploys Release:m/n\n");
        stage_free(stage);
        stage = stage_with(RESOURCES "}", rows[i].resources);
        stage_run_until(stage, 15000);
        assert_feature(stage, Q, 0, "status", "Failed");
        assert_items(stage, goes_on
                                ? "10 c1 p deploys ConfigMap:default/a\n"
                                  "10 c1 q deploys ConfigMap:default/b\n"
                                : "10 c1 p deploys ConfigMap:default/a\n");
        stage_free(stage);
    }
}

#define CONFLICT_OVER_A                                                                       \
    "A conflict was detected while deploying resource ConfigMap:default/a. The Sveltos "      \
    "profile currently deploying this resource is ClusterProfile p;\nThis resource is "       \
    "currently deployed because of ConfigMap default/a.\n"

/* 5.10: the loser of a resource is Failed with the text and keeps retrying. */
static void who_wants_a_resource_of_another_fails_and_retries(void **state)
{
    (void)state;
    struct stage *stage = stage_with(RESOURCES "}", RESOURCES "}");
    stage_run_until(stage, 10000);
    assert_feature(stage, P, 0, "status", "Provisioned");
    assert_feature(stage, Q, 0, "status", "Failed");
    assert_feature(stage, Q, 0, "failureMessage", CONFLICT_OVER_A);
    stage_run_until(stage, 600000);
    assert_feature(stage, Q, 0, "status", "Failed");
    assert_true(world_deployment_count(stage->world) >= 1 + 10);
    assert_items(stage, "10 c1 p deploys ConfigMap:default/a\n");
    stage_delete(stage, PROFILES "/p");
    stage_run_until(stage, 700000);
    assert_feature(stage, Q, 0, "status", "Provisioned");
    stage_free(stage);
}

/* 6.3: conflicts count as failures. */
static void conflicts_over_resources_end_with_too_many_failures(void **state)
{
    (void)state;
    struct stage *stage = stage_with(RESOURCES "}", RESOURCES ",'maxConsecutiveFailures':2}");
    stage_run_until(stage, 60000);
    assert_feature(stage, Q, 0, "status", "FailedNonRetriable");
    assert_feature(stage, Q, 0, "failureMessage",
                   "the maximum number of consecutive errors has been reached");
    assert_int_equal(stage_run_until(stage, DAY_MS), 0);
    stage_free(stage);
}

/* 5.10: "Lower tier wins; equal tier: current owner keeps." */
static void a_tier_decides_whose_a_resource_is(void **state)
{
    (void)state;
    static const struct {
        const char *tier;
        bool wins;
    } rows[] = {{"1", true}, {"99", true}, {"100", false}, {"101", false}};
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct stage *stage = stage_with(RESOURCES "}", NULL);
        stage_run_until(stage, 20000);
        char *spec = str_format(RESOURCES ",'tier':%s}", rows[i].tier);
        stage_add_profile(stage, "{'name':'q'}", spec);
        mem_free(spec);
        stage_run_until(stage, 45000);
        assert_feature(stage, rows[i].wins ? Q : P, 0, "status", "Provisioned");
        assert_feature(stage, rows[i].wins ? P : Q, 0, "status", "Failed");
        assert_items(stage, rows[i].wins ? "10 c1 p deploys ConfigMap:default/a\n"
                                           "30 c1 q takes over ConfigMap:default/a\n"
                                         : "10 c1 p deploys ConfigMap:default/a\n");
        stage_free(stage);
    }
}

/* 5.10: a holder that raises its tier above the waiting one's loses at the other's next try. */
static void a_raised_tier_loses_the_resource(void **state)
{
    (void)state;
    struct stage *stage = stage_with(RESOURCES ",'tier':10}", RESOURCES ",'tier':20}");
    stage_run_until(stage, 15000);
    assert_feature(stage, Q, 0, "status", "Failed");
    stage_patch(stage, PROFILES "/p", "{'spec':{'tier':30}}");
    stage_run_until(stage, 120000);
    assert_feature(stage, P, 0, "status", "Failed");
    assert_feature(stage, Q, 0, "status", "Provisioned");
    stage_free(stage);
}

/* 5.10: what was taken over is not the loser's to withdraw. */
static void who_lost_something_does_not_take_it_away(void **state)
{
    (void)state;
    static const char *const specs[] = {RESOURCES, HELM};
    for (size_t i = 0; i < ARRAY_COUNT(specs); i++) {
        char *p = str_format("%s}", specs[i]);
        char *q = str_format("%s,'tier':50}", specs[i]);
        struct stage *stage = stage_with(p, q);
        stage_run_until(stage, 50000);
        stage_delete(stage, PROFILES "/p");
        stage_run_until(stage, 200000);
        assert_false(stage_has(stage, P));
        assert_feature(stage, Q, 0, "status", "Provisioned");
        for (size_t c = 0; c < world_item_change_count(stage->world); c++)
            assert_int_not_equal(world_item_change_at(stage->world, c)->event,
                                 WORLD_ITEM_WITHDRAWN);
        stage_free(stage);
        mem_free(p);
        mem_free(q);
    }
}

/* 5.10: for (cluster, releaseNamespace, releaseName): other clusters are another matter. */
static void conflicts_are_of_one_cluster(void **state)
{
    (void)state;
    struct stage *stage = stage_create(&at_once, 1);
    stage_add_cluster(stage, "c1", QA);
    stage_add_cluster(stage, "c2", "{'env':'prod'}");
    stage_add_profile(stage, "{'name':'p'}", HELM ",'policyRefs':[" REF("a") "]}");
    stage_add_profile(stage, "{'name':'q'}",
                      "{'clusterSelector':{'matchLabels':{'env':'prod'}},'policyRefs':[" REF("a")
                      "],'helmCharts':[" CHART("n") "]}");
    stage_run_until(stage, 20000);
    for (size_t i = 0; i < 2; i++) {
        assert_feature(stage, P, i, "status", "Provisioned");
        assert_feature(stage, SUMMARIES "/q-sveltos-c2", i, "status", "Provisioned");
    }
    stage_free(stage);
}

/* 5.10: a cluster is one, whoever deploys: the resource of a vanished profile is nobody's. */
static void nobody_stands_behind_what_a_vanished_profile_left(void **state)
{
    (void)state;
    struct stage *stage = stage_with(RESOURCES ",'stopMatchingBehavior':'LeavePolicies'}", NULL);
    stage_run_until(stage, 20000);
    stage_delete(stage, PROFILES "/p");
    stage_run_until(stage, 30000);
    stage_add_profile(stage, "{'name':'q'}", RESOURCES "}");
    stage_run_until(stage, 50000);
    assert_feature(stage, Q, 0, "status", "Provisioned");
    assert_items(stage, "10 c1 p deploys ConfigMap:default/a\n20 c1 p leaves ConfigMap:default/a\n"
                        "40 c1 q takes over ConfigMap:default/a\n");
    stage_free(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_summary_manages_a_release),
        cmocka_unit_test(a_tier_decides_who_manages_a_release),
        cmocka_unit_test(who_loses_a_release_is_told_at_once),
        cmocka_unit_test(all_shared_releases_are_lost_together),
        cmocka_unit_test(a_release_goes_on_when_its_manager_goes),
        cmocka_unit_test(a_restart_changes_no_manager),
        cmocka_unit_test(a_manager_that_vanishes_while_sveltos_is_down_is_missed),
        cmocka_unit_test(the_rest_goes_on_only_with_continue_on_conflict),
        cmocka_unit_test(who_wants_a_resource_of_another_fails_and_retries),
        cmocka_unit_test(conflicts_over_resources_end_with_too_many_failures),
        cmocka_unit_test(a_tier_decides_whose_a_resource_is),
        cmocka_unit_test(a_raised_tier_loses_the_resource),
        cmocka_unit_test(who_lost_something_does_not_take_it_away),
        cmocka_unit_test(conflicts_are_of_one_cluster),
        cmocka_unit_test(nobody_stands_behind_what_a_vanished_profile_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
