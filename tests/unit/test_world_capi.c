/*
 * Clusters of Cluster API in the world: matching, readiness, what changes are noticed, pause,
 * deletion, names. Rows: facts 0, 5.1, 5.2, 5.4, 5.5, 6.2, 6.5, 8.
 */
#include "tests/testlib/world.h"

#include "fakeapi/sveltos/clusters.h"

#define CAPI "/apis/cluster.x-k8s.io/v1beta2/namespaces/default/clusters"
#define QA "{'env':'qa'}"
#define SELECTOR "'clusterSelector':{'matchLabels':{'env':'qa'}}"
#define RESOURCES "'policyRefs':[{'kind':'ConfigMap','namespace':'default','name':'a'}]"
#define SPEC "{" SELECTOR "," RESOURCES "}"
#define PROFILE PROFILES "/p"
#define SUMMARY SUMMARIES "/p-capi-c1"
#define READY "{'initialization':{'controlPlaneInitialized':true}}"

static const struct world_rule at_once = {.has_created_after = true};

/* `spec`: of the Cluster; `status` NULL: none yet. */
static void add_capi(struct stage *stage, const char *name, const char *spec, const char *status)
{
    char *body = str_format("{'apiVersion':'cluster.x-k8s.io/v1beta2','kind':'Cluster','metadata':"
                            "{'name':'%s','labels':" QA "},'spec':%s}",
                            name, spec);
    stage_post(stage, CAPI, body);
    mem_free(body);
    if (status == NULL)
        return;
    char *target = str_format(CAPI "/%s/status", name);
    char *patch = str_format("{'status':%s}", status);
    stage_patch(stage, target, patch);
    mem_free(target);
    mem_free(patch);
}

static struct stage *stage_with_capi(const char *status)
{
    struct stage *stage = stage_create(&at_once, 1);
    add_capi(stage, "c1", "{'paused':false}", status);
    stage_add_profile(stage, "{'name':'p'}", SPEC);
    return stage;
}

/* 5.5, 0: name, labels, spec of the summary; 5.2: the reference. */
static void a_summary_says_that_its_cluster_is_capis(void **state)
{
    (void)state;
    struct stage *stage = stage_with_capi(READY);
    stage_run_until(stage, 20000);
    assert_at(stage, PROFILE, "status.matchingClusters",
              "[{'apiVersion':'cluster.x-k8s.io/v1beta2','kind':'Cluster','name':'c1',"
              "'namespace':'default'}]");
    assert_at(stage, SUMMARY, "metadata.labels",
              "{'projectsveltos.io/cluster-name':'c1','projectsveltos.io/cluster-profile-name':"
              "'p','projectsveltos.io/cluster-type':'Capi'}");
    assert_at(stage, SUMMARY, "spec.clusterType", "'Capi'");
    assert_feature(stage, SUMMARY, 0, "status", "Provisioned");
    assert_int_equal(world_deployment_count(stage->world), 1);
    assert_str(world_deployment_at(stage->world, 0)->cluster_type, "Capi");
    stage_free(stage);
}

/* 5.2, "Ready": each of the two places alone is enough; anything else is not. */
static void readiness_has_two_sources(void **state)
{
    (void)state;
    static const struct {
        const char *status;
        bool ready;
    } rows[] = {
        {READY, true},
        {"{'conditions':[{'type':'ControlPlaneInitialized','status':'True'}]}", true},
        {"{'initialization':{'controlPlaneInitialized':false},'conditions':[{'type':"
         "'ControlPlaneInitialized','status':'True'}]}", true},
        {"{'conditions':[{'type':'ControlPlaneInitialized','status':'False'}]}", false},
        {"{'conditions':[{'type':'Ready','status':'True'}]}", false},
        {"{'initialization':{'infrastructureProvisioned':true}}", false},
        {"{'phase':'Provisioned'}", false},
        {NULL, false},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct stage *stage = stage_with_capi(rows[i].status);
        stage_run_until(stage, 1000);
        assert_int_equal(stage_has(stage, SUMMARY), rows[i].ready);
        stage_free(stage);
    }
}

/* 5.5: the two kinds may have clusters of one name; 5.2: both match. */
static void both_kinds_have_a_cluster_of_one_name(void **state)
{
    (void)state;
    struct stage *stage = stage_with_capi(READY);
    stage_add_cluster(stage, "c1", QA);
    stage_run_until(stage, 20000);
    assert_feature(stage, SUMMARY, 0, "status", "Provisioned");
    assert_feature(stage, SUMMARIES "/p-sveltos-c1", 0, "status", "Provisioned");
    assert_at(stage, SUMMARIES "/p-sveltos-c1", "spec.clusterType", "'Sveltos'");
    /* One of them leaves: the other one's summary stays. */
    stage_delete(stage, CAPI "/c1");
    stage_run_until(stage, 60000);
    assert_false(stage_has(stage, SUMMARY));
    assert_true(stage_has(stage, SUMMARIES "/p-sveltos-c1"));
    stage_free(stage);
}

/* 5.1: each change that wakes profiles does so alone, those that do not leave them asleep. */
static void only_some_changes_are_noticed(void **state)
{
    (void)state;
    static const struct {
        const char *created;          /* the status before */
        const char *target, *change;
        bool noticed;                 /* a cluster that is ready now gets its summary */
    } rows[] = {
        {NULL, CAPI "/c1/status", "{'status':" READY "}", true},
        {NULL, CAPI "/c1/status",
         "{'status':{'conditions':[{'type':'ControlPlaneInitialized','status':'True'}]}}", true},
        {NULL, CAPI "/c1/status", "{'status':{'phase':'Provisioned'}}", false},
        {NULL, CAPI "/c1/status", "{'status':{'initialization':{'infrastructureProvisioned':"
                                  "true}}}", false /* noticed, but not ready */},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct stage *stage = stage_with_capi(rows[i].created);
        stage_run_until(stage, 5000);
        assert_false(stage_has(stage, SUMMARY));
        stage_patch(stage, rows[i].target, rows[i].change);
        stage_run_until(stage, 6000);
        assert_int_equal(stage_has(stage, SUMMARY), rows[i].noticed);
        stage_free(stage);
    }
}

/* 5.1: "create only if spec.paused is present and false". Ready when the watch tells of it. */
static void a_cluster_that_joins_must_say_that_it_is_not_paused(void **state)
{
    (void)state;
    static const struct {
        const char *spec;
        bool noticed;
    } rows[] = {{"'paused':false", true}, {"", false}, {"'paused':true", false}};
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        char *text = str_format("{'apiVersion':'cluster.x-k8s.io/v1beta2','kind':'Cluster',"
                                "'metadata':{'name':'c1'},'spec':{%s},'status':" READY "}",
                                rows[i].spec);
        struct json *cluster = json_of(text);
        assert_true(cluster_is_ready(cluster));
        assert_int_equal(cluster_change_matters(NULL, cluster), rows[i].noticed);
        json_free(cluster);
        mem_free(text);
    }
}

/* 5.1: paused true -> false wakes, true does not; 6.2.8: a paused cluster's summary waits. */
static void a_paused_cluster_waits(void **state)
{
    (void)state;
    struct stage *stage = stage_create(&at_once, 1);
    add_capi(stage, "c1", "{'paused':true}", READY);
    stage_add_profile(stage, "{'name':'p'}", SPEC);
    stage_run_until(stage, 60000);
    assert_at(stage, SUMMARY, "status.reconciliationSuspended", "true");
    assert_at(stage, SUMMARY, "status.suspensionReason", "'Cluster is paused'");
    assert_int_equal(world_deployment_count(stage->world), 0);
    stage_patch(stage, CAPI "/c1", "{'spec':{'paused':false}}");
    stage_run_until(stage, 80000);
    assert_at(stage, SUMMARY, "status.reconciliationSuspended", "");
    assert_feature(stage, SUMMARY, 0, "status", "Provisioned");
    stage_free(stage);
}

/* 5.2: deleting clusters do not match; 6.5: with a cluster gone the summary goes at once. */
static void a_cluster_that_goes_takes_its_summary_along(void **state)
{
    (void)state;
    struct stage *stage = stage_with_capi(READY);
    stage_run_until(stage, 20000);
    stage_patch(stage, CAPI "/c1", "{'metadata':{'finalizers':['example.com/hold']}}");
    stage_delete(stage, CAPI "/c1");
    /* Nothing of what 5.1 names has changed: the deletion is only noticed with the phase. */
    stage_run_until(stage, 30000);
    assert_at(stage, SUMMARY, "metadata.deletionTimestamp", "");
    stage_patch(stage, CAPI "/c1/status", "{'status':{'phase':'Deleting'}}");
    stage_run_until(stage, 30000);
    assert_at(stage, PROFILE, "status.matchingClusters", "");
    stage_run_until(stage, 60000);
    assert_false(stage_has(stage, SUMMARY));
    const struct world_deployment *last =
        world_deployment_at(stage->world, world_deployment_count(stage->world) - 1);
    assert_true(last->withdrawn); /* the cluster was there still */
    stage_free(stage);
}

/* 5.2: an older version of the definition is not considered; looked up once per process. */
static void without_the_definition_there_are_no_capi_clusters(void **state)
{
    (void)state;
    struct stage *stage = stage_with_capi(READY);
    stage_run_until(stage, 20000);
    assert_true(stage_has(stage, SUMMARY));
    world_set_down(stage->world, true);
    stage_delete(stage, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/"
                        "clusters.cluster.x-k8s.io");
    stage_run_until(stage, 30000);
    world_set_down(stage->world, false);
    unsigned steps = stage_run_until(stage, 24 * 3600 * 1000);
    assert_false(stage_has(stage, SUMMARY));
    assert_true(steps < 100); /* and nobody asks for them again and again */
    stage_free(stage);
}

/* 5.2: "CAPI without the onboarding annotation when --capi-onboard-annotation=<key> is set
 * (presence of the key suffices; SveltosClusters are not filtered)". */
static void only_clusters_that_are_brought_in_match(void **state)
{
    (void)state;
    static const struct world_rule rules[] = {
        {.has_created_after = true},
        {.capi_onboard_annotation = {"example.com/in", 14}},
    };
    struct stage *stage = stage_create(rules, ARRAY_COUNT(rules));
    add_capi(stage, "c1", "{'paused':false}", READY);
    add_capi(stage, "c2", "{'paused':false}", READY);
    stage_add_cluster(stage, "c3", QA);
    stage_patch(stage, CAPI "/c1", "{'metadata':{'annotations':{'example.com/in':''}}}");
    stage_add_profile(stage, "{'name':'p'}", SPEC);
    stage_run_until(stage, 15000);
    assert_feature(stage, SUMMARY, 0, "status", "Provisioned");
    assert_false(stage_has(stage, SUMMARIES "/p-capi-c2"));
    assert_feature(stage, SUMMARIES "/p-sveltos-c3", 0, "status", "Provisioned");
    stage_patch(stage, CAPI "/c1", "{'metadata':{'annotations':null}}");
    stage_patch(stage, CAPI "/c2", "{'metadata':{'annotations':{'example.com/in':'yes'}}}");
    stage_run_until(stage, 45000);
    assert_false(stage_has(stage, SUMMARY)); /* and taken away from there */
    assert_feature(stage, SUMMARIES "/p-capi-c2", 0, "status", "Provisioned");
    stage_free(stage);
}

/* 5.2.2: clusterRefs name the kind too. */
static void a_reference_to_a_capi_cluster_is_followed(void **state)
{
    (void)state;
    struct stage *stage = stage_create(&at_once, 1);
    add_capi(stage, "c1", "{'paused':false}", READY);
    stage_add_cluster(stage, "c1", QA);
    stage_add_profile(stage, "{'name':'p'}",
                      "{" RESOURCES ",'clusterRefs':[{'kind':'Cluster','namespace':'default',"
                      "'name':'c1','apiVersion':'cluster.x-k8s.io/v1beta2'}]}");
    stage_run_until(stage, 20000);
    assert_feature(stage, SUMMARY, 0, "status", "Provisioned");
    assert_false(stage_has(stage, SUMMARIES "/p-sveltos-c1"));
    stage_free(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_summary_says_that_its_cluster_is_capis),
        cmocka_unit_test(readiness_has_two_sources),
        cmocka_unit_test(both_kinds_have_a_cluster_of_one_name),
        cmocka_unit_test(only_some_changes_are_noticed),
        cmocka_unit_test(a_cluster_that_joins_must_say_that_it_is_not_paused),
        cmocka_unit_test(a_paused_cluster_waits),
        cmocka_unit_test(a_cluster_that_goes_takes_its_summary_along),
        cmocka_unit_test(without_the_definition_there_are_no_capi_clusters),
        cmocka_unit_test(only_clusters_that_are_brought_in_match),
        cmocka_unit_test(a_reference_to_a_capi_cluster_is_followed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
