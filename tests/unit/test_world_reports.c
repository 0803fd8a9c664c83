/*
 * ClusterConfigurations and ClusterReports: what was deployed to a cluster, and what a dry run
 * would deploy. Rows: facts 5.7, 5.3 (steps 4, 5, 8), 5.9, 6.3 (DryRun).
 */
#include "tests/testlib/world_items.h"

#define QA "{'env':'qa'}"
#define SELECTOR "'clusterSelector':{'matchLabels':{'env':'qa'}}"
#define CHART(release, version)                                                            \
    "{'repositoryURL':'https://a','repositoryName':'r','chartName':'c','chartVersion':'"    \
    version "','releaseName':'" release "','releaseNamespace':'m'}"
#define REF(name) "{'kind':'ConfigMap','namespace':'default','name':'" name "'}"
#define CONFIGURATIONS \
    "/apis/config.projectsveltos.io/v1beta1/namespaces/default/clusterconfigurations"
#define REPORTS "/apis/config.projectsveltos.io/v1beta1/namespaces/default/clusterreports"
#define C1 CONFIGURATIONS "/sveltos--c1"
#define REPORT REPORTS "/p--sveltos--c1"
#define DAY_MS 86400000

static const struct world_rule at_once = {.has_created_after = true, .has_stale_for = true};

static struct stage *stage_with(const char *spec)
{
    struct stage *stage = stage_create(&at_once, 1);
    stage_add_cluster(stage, "c1", QA);
    stage_add_profile(stage, "{'name':'p'}", spec);
    return stage;
}

/* 5.7: name, labels, an owner reference per profile; "Features" in capitals. */
static void a_configuration_shows_what_each_profile_deployed(void **state)
{
    (void)state;
    struct stage *stage = stage_with("{" SELECTOR ",'policyRefs':[" REF("a") "],'helmCharts':["
                                     CHART("n", "1.2") "]}");
    stage_add_profile(stage, "{'name':'q'}", "{" SELECTOR ",'kustomizationRefs':[{'kind':"
                                             "'GitRepository','namespace':'flux','name':'g',"
                                             "'path':'x'}]}");
    stage_run_until(stage, 20000);
    assert_at(stage, C1, "metadata.labels",
              "{'projectsveltos.io/cluster-name':'c1','projectsveltos.io/cluster-type':'Sveltos'}");
    struct json *configuration = stage_get(stage, C1);
    struct json *profile = stage_get(stage, PROFILES "/q");
    const struct json *owners = json_at(configuration, "metadata.ownerReferences");
    assert_int_equal(json_count(owners), 2);
    assert_str(json_text_at(json_item(owners, 0), "name"), "p");
    assert_str(json_text_at(json_item(owners, 1), "kind"), "ClusterProfile");
    assert_true(str_equal(json_text_at(json_item(owners, 1), "uid"),
                          json_text_at(profile, "metadata.uid")));
    json_free(configuration);
    json_free(profile);
    assert_at(stage, C1, "status.clusterProfileResources",
              "[{'Features':[{'featureID':'Resources','resources':[{'deploymentType':'Remote',"
              "'group':'','kind':'ConfigMap','lastAppliedTime':'2026-01-01T00:00:10Z','name':'a',"
              "'namespace':'default','version':'v1'}]},{'charts':[{'chartVersion':'1.2',"
              "'lastAppliedTime':'2026-01-01T00:00:10Z','namespace':'m','releaseName':'n',"
              "'repoURL':'https://a'}],'featureID':'Helm'}],'clusterProfileName':'p'},"
              "{'Features':[{'featureID':'Kustomize','resources':[{'deploymentType':'Remote',"
              "'group':'source.toolkit.fluxcd.io','kind':'GitRepository','lastAppliedTime':"
              "'2026-01-01T00:00:10Z','name':'g','namespace':'flux','version':'v1'}]}],"
              "'clusterProfileName':'q'}]");
    assert_int_equal(stage_run_until(stage, DAY_MS), 0);
    stage_free(stage);
}

/* 5.7: "Created before the CS". */
static void a_configuration_comes_before_its_summary(void **state)
{
    (void)state;
    struct stage *stage = stage_create(NULL, 0); /* summaries come 0.3 s late */
    stage_add_cluster(stage, "c1", QA);
    stage_add_profile(stage, "{'name':'p'}", "{" SELECTOR ",'policyRefs':[" REF("a") "]}");
    stage_run_until(stage, 299);
    assert_false(stage_has(stage, SUMMARIES "/p-sveltos-c1"));
    assert_true(stage_has(stage, C1));
    assert_at(stage, C1, "status", "");
    stage_free(stage);
}

/* 5.7: "removed when the last owner goes"; 5.9: after all summaries. */
static void a_configuration_goes_with_its_last_owner(void **state)
{
    (void)state;
    struct stage *stage = stage_with("{" SELECTOR ",'policyRefs':[" REF("a") "]}");
    stage_add_profile(stage, "{'name':'q'}", "{" SELECTOR ",'policyRefs':[" REF("b") "]}");
    stage_run_until(stage, 20000);
    stage_delete(stage, PROFILES "/p");
    stage_run_until(stage, 60000);
    struct json *configuration = stage_get(stage, C1);
    const struct json *owners = json_at(configuration, "metadata.ownerReferences");
    const struct json *profiles = json_at(configuration, "status.clusterProfileResources");
    assert_int_equal(json_count(owners), 1);
    assert_int_equal(json_count(profiles), 1);
    assert_str(json_text_at(json_first(profiles), "clusterProfileName"), "q");
    json_free(configuration);
    /* The last one: the cluster stops matching. */
    stage_patch(stage, CLUSTERS "/c1", "{'metadata':{'labels':{'env':'none'}}}");
    stage_run_until(stage, 100000);
    assert_false(stage_has(stage, SUMMARIES "/q-sveltos-c1"));
    assert_false(stage_has(stage, C1));
    stage_free(stage);
}

/* 5.9: cleaned before the finalizer is removed, not by the garbage collector after it. */
static void a_profile_cleans_up_before_it_goes(void **state)
{
    (void)state;
    struct stage *stage = stage_create(&at_once, 1);
    stage_add_cluster(stage, "c1", QA);
    stage_add_profile(stage, "{'name':'p','finalizers':['example.com/hold']}",
                      "{" SELECTOR ",'policyRefs':[" REF("a") "]}");
    stage_run_until(stage, 20000);
    assert_true(stage_has(stage, C1));
    stage_delete(stage, PROFILES "/p");
    stage_run_until(stage, 60000);
    assert_at(stage, PROFILES "/p", "metadata.finalizers", "['example.com/hold']");
    assert_false(stage_has(stage, C1));
    stage_free(stage);
}

/* 5.7: what is withdrawn or emptied is not shown any more. */
static void a_configuration_forgets_what_was_emptied(void **state)
{
    (void)state;
    struct stage *stage = stage_with("{" SELECTOR ",'policyRefs':[" REF("a") "," REF("b") "]}");
    stage_run_until(stage, 20000);
    stage_patch(stage, PROFILES "/p", "{'spec':{'policyRefs':[" REF("b") "]}}");
    stage_run_until(stage, 40000);
    struct json *configuration = stage_get(stage, C1);
    const struct json *profile = json_first(json_at(configuration,
                                                    "status.clusterProfileResources"));
    const struct json *resources = json_get(json_first(json_get(profile, "Features")),
                                            "resources");
    assert_int_equal(json_count(resources), 1);
    assert_str(json_text_at(json_first(resources), "name"), "b");
    assert_str(json_text_at(json_first(resources), "lastAppliedTime"), "2026-01-01T00:00:30Z");
    json_free(configuration);
    stage_patch(stage, PROFILES "/p", "{'spec':{'policyRefs':null}}");
    stage_run_until(stage, 60000);
    assert_at(stage, C1, "status.clusterProfileResources", "");
    stage_free(stage);
}

/* 5.7: only in DryRun, deleted when leaving it. */
static void a_report_is_there_only_in_a_dry_run(void **state)
{
    (void)state;
    struct stage *stage = stage_with("{" SELECTOR ",'policyRefs':[" REF("a") "]}");
    stage_run_until(stage, 20000);
    assert_false(stage_has(stage, REPORT));
    stage_patch(stage, PROFILES "/p", "{'spec':{'syncMode':'DryRun'}}");
    stage_run_until(stage, 40000);
    assert_at(stage, REPORT, "spec", "{'clusterName':'c1','clusterNamespace':'default'}");
    assert_at(stage, REPORT, "metadata.labels",
              "{'projectsveltos.io/cluster-name':'c1','projectsveltos.io/cluster-profile-name':"
              "'p','projectsveltos.io/cluster-type':'Sveltos'}");
    stage_patch(stage, PROFILES "/p", "{'spec':{'syncMode':'Continuous'}}");
    stage_run_until(stage, 60000);
    assert_false(stage_has(stage, REPORT));
    assert_feature(stage, SUMMARIES "/p-sveltos-c1", 0, "status", "Provisioned");
    assert_int_equal(stage_run_until(stage, DAY_MS), 0);
    /* A profile that goes takes its reports with it. */
    stage_patch(stage, PROFILES "/p", "{'spec':{'syncMode':'DryRun'}}");
    stage_run_until(stage, DAY_MS + 20000);
    assert_true(stage_has(stage, REPORT));
    stage_delete(stage, PROFILES "/p");
    stage_run_until(stage, DAY_MS + 80000);
    assert_false(stage_has(stage, PROFILES "/p"));
    assert_false(stage_has(stage, REPORT));
    stage_free(stage);
}

/* The actions of a report's list, "ACTION NAME" each. */
static void assert_actions(struct stage *stage, const char *list, const char *expected)
{
    struct buf text;
    buf_init(&text, 65536);
    struct json *report = stage_get(stage, REPORT);
    JSON_EACH(entry, json_get(json_get(report, "status"), list)) {
        struct str name = json_text_at(entry, "chartName");
        if (str_is_empty(name))
            name = json_text_at(entry, "resource.name");
        buf_printf(&text, "%.*s %.*s\n", STR_ARGS(json_text_at(entry, "action")), STR_ARGS(name));
    }
    assert_str(buf_str(&text), expected);
    buf_release(&text);
    json_free(report);
}

/* 5.7: No Action, Install, Upgrade, Delete, Conflict, Update Values. */
static void a_report_tells_the_actions_on_releases(void **state)
{
    (void)state;
    struct stage *stage =
        stage_with("{" SELECTOR ",'helmCharts':[" CHART("same", "1") "," CHART("old", "1") ","
                   CHART("values", "1") "," CHART("gone", "1") "]}");
    stage_add_profile(stage, "{'name':'other'}", "{" SELECTOR ",'helmCharts':[" CHART("taken", "1")
                      "]}");
    stage_run_until(stage, 20000);
    stage_patch(stage, PROFILES "/p",
                "{'spec':{'syncMode':'DryRun','helmCharts':[" CHART("same", "1") ","
                CHART("old", "2") ",{'repositoryURL':'https://a','repositoryName':'r','chartName':"
                "'c','chartVersion':'1','releaseName':'values','releaseNamespace':'m','values':"
                "'a: 1'}," CHART("new", "1") "," CHART("taken", "1") "]}}");
    stage_run_until(stage, 40000);
    assert_actions(stage, "releaseReports",
                   "No Action same\nUpgrade old\nUpdate Values values\nInstall new\n"
                   "Conflict taken\nDelete gone\n");
    struct json *report = stage_get(stage, REPORT);
    const struct json *conflict = json_item(json_at(report, "status.releaseReports"), 4);
    assert_json(conflict,
                "{\"action\":\"Conflict\",\"chartName\":\"taken\",\"chartVersion\":\"1\","
                "\"message\":\"cannot manage chart m/taken. ClusterSummary other-sveltos-c1 "
                "managing it.\\n\",\"releaseNamespace\":\"m\"}");
    json_free(report);
    /* 6.3: the feature itself fails, again and again, and nothing is deployed. */
    assert_feature(stage, SUMMARIES "/p-sveltos-c1", 0, "failureMessage",
                   "mode is DryRun. Nothing is reconciled");
    size_t deployed = world_item_change_count(stage->world);
    stage_run_until(stage, 300000);
    assert_int_equal(world_item_change_count(stage->world), deployed);
    stage_free(stage);
}

/* 5.7: No Action, Create, Update, Delete, Conflict. */
static void a_report_tells_the_actions_on_resources(void **state)
{
    (void)state;
    struct stage *stage = stage_with("{" SELECTOR ",'policyRefs':[" REF("same") "," REF("changed")
                                     "," REF("gone") "]}");
    stage_add_profile(stage, "{'name':'other'}", "{" SELECTOR ",'policyRefs':[" REF("taken") "]}");
    stage_run_until(stage, 20000);
    stage_patch(stage, PROFILES "/p",
                "{'spec':{'syncMode':'DryRun','policyRefs':[" REF("same") ",{'kind':'ConfigMap',"
                "'namespace':'default','name':'changed','force':true}," REF("new") ","
                REF("taken") "]}}");
    stage_run_until(stage, 40000);
    assert_actions(stage, "resourceReports",
                   "No Action same\nUpdate changed\nCreate new\nConflict taken\nDelete gone\n");
    stage_free(stage);
}

/* 5.10 in a dry run: a lower tier would win, and nothing is taken by trying. */
static void a_dry_run_of_a_lower_tier_takes_nothing(void **state)
{
    (void)state;
    struct stage *stage =
        stage_with("{" SELECTOR ",'syncMode':'DryRun','tier':1,'policyRefs':[" REF("a")
                   "],'helmCharts':[" CHART("n", "2") "]}");
    stage_add_profile(stage, "{'name':'other'}", "{" SELECTOR ",'policyRefs':[" REF("a")
                      "],'helmCharts':[" CHART("n", "1") "]}");
    stage_run_until(stage, 200000);
    assert_actions(stage, "resourceReports", "Update a\n");
    assert_actions(stage, "releaseReports", "Upgrade n\n");
    assert_at(stage, SUMMARIES "/p-sveltos-c1", "status.helmReleaseSummaries", "");
    assert_feature(stage, SUMMARIES "/other-sveltos-c1", 0, "status", "Provisioned");
    assert_feature(stage, SUMMARIES "/other-sveltos-c1", 1, "status", "Provisioned");
    stage_free(stage);
}

/* 5.5: a cluster that leaves keeps its summary, emptied: the report says what would go. */
static void a_dry_run_reports_what_a_leaving_cluster_would_lose(void **state)
{
    (void)state;
    struct stage *stage = stage_with("{" SELECTOR ",'policyRefs':[" REF("a") "]}");
    stage_run_until(stage, 20000);
    stage_patch(stage, PROFILES "/p", "{'spec':{'syncMode':'DryRun'}}");
    stage_run_until(stage, 40000);
    assert_actions(stage, "resourceReports", "No Action a\n");
    stage_patch(stage, CLUSTERS "/c1", "{'metadata':{'labels':{'env':'none'}}}");
    stage_run_until(stage, 120000);
    assert_actions(stage, "resourceReports", "Delete a\n");
    assert_items(stage, "10 c1 p deploys ConfigMap:default/a\n");
    stage_free(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_configuration_shows_what_each_profile_deployed),
        cmocka_unit_test(a_configuration_comes_before_its_summary),
        cmocka_unit_test(a_configuration_goes_with_its_last_owner),
        cmocka_unit_test(a_profile_cleans_up_before_it_goes),
        cmocka_unit_test(a_configuration_forgets_what_was_emptied),
        cmocka_unit_test(a_report_is_there_only_in_a_dry_run),
        cmocka_unit_test(a_report_tells_the_actions_on_releases),
        cmocka_unit_test(a_report_tells_the_actions_on_resources),
        cmocka_unit_test(a_dry_run_of_a_lower_tier_takes_nothing),
        cmocka_unit_test(a_dry_run_reports_what_a_leaving_cluster_would_lose),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
