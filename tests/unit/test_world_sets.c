/*
 * ClusterSets, setRefs, clusterRefs, and profiles that are deployed where their dependents are.
 * Rows: facts 5.1, 5.2, 5.3.9, 5.8, 5.11.
 */
#include "tests/testlib/world.h"

#define SETS "/apis/lib.projectsveltos.io/v1beta1/clustersets"
#define SET SETS "/s"
#define QA "{'env':'qa'}"
#define SELECTOR "'clusterSelector':{'matchLabels':{'env':'qa'}}"
#define RESOURCES "'policyRefs':[{'kind':'ConfigMap','namespace':'default','name':'a'}]"
#define CONTENT(name) "'policyRefs':[{'kind':'ConfigMap','namespace':'default','name':'" name "'}]"
#define REF(name) "{'apiVersion':'lib.projectsveltos.io/v1beta1','kind':'SveltosCluster','name':'" \
    name "','namespace':'default'}"

static const struct world_rule at_once = {.has_created_after = true};

static void add_set(struct stage *stage, const char *name, const char *spec)
{
    char *body = str_format("{'apiVersion':'lib.projectsveltos.io/v1beta1','kind':'ClusterSet',"
                            "'metadata':{'name':'%s'},'spec':%s}", name, spec);
    stage_post(stage, SETS, body);
    mem_free(body);
}

static size_t count_at(struct stage *stage, const char *target, const char *path)
{
    struct json *object = stage_get(stage, target);
    size_t count = json_count(json_at(object, path));
    json_free(object);
    return count;
}

static struct stage *stage_of_clusters(unsigned count)
{
    struct stage *stage = stage_create(&at_once, 1);
    for (unsigned i = 1; i <= count; i++) {
        char *name = str_format("c%u", i);
        stage_add_cluster(stage, name, QA);
        mem_free(name);
    }
    return stage;
}

/* 5.11 */
static void a_set_selects_at_most_max_replicas(void **state)
{
    (void)state;
    static const struct {
        const char *replicas;
        size_t selected;
    } rows[] = {
        {"", 0}, {",'maxReplicas':0", 0}, {",'maxReplicas':1", 1}, {",'maxReplicas':3", 3},
        {",'maxReplicas':4", 4}, {",'maxReplicas':9", 4},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct stage *stage = stage_of_clusters(4);
        char *spec = str_format("{" SELECTOR "%s}", rows[i].replicas);
        add_set(stage, "s", spec);
        stage_run_until(stage, 1000);
        assert_int_equal(count_at(stage, SET, "status.matchingClusterRefs"), 4);
        assert_int_equal(count_at(stage, SET, "status.selectedClusterRefs"), rows[i].selected);
        mem_free(spec);
        stage_free(stage);
    }
}

/* 5.11: "keep still-healthy ones (connectionStatus Down pruned), then fill up". */
static void a_cluster_that_is_down_is_replaced(void **state)
{
    (void)state;
    struct stage *stage = stage_of_clusters(2);
    add_set(stage, "s", "{" SELECTOR ",'maxReplicas':1}");
    stage_run_until(stage, 1000);
    struct json *set = stage_get(stage, SET);
    const struct json *selected = json_first(json_at(set, "status.selectedClusterRefs"));
    bool first = str_is(json_text_at(selected, "name"), "c1");
    json_free(set);
    stage_patch(stage, first ? CLUSTERS "/c1/status" : CLUSTERS "/c2/status",
                "{'status':{'connectionStatus':'Down'}}");
    stage_run_until(stage, 2000);
    assert_at(stage, SET, "status.selectedClusterRefs", first ? "[" REF("c2") "]"
                                                              : "[" REF("c1") "]");
    /* When it is back, the one that took its place keeps it. */
    stage_patch(stage, first ? CLUSTERS "/c1/status" : CLUSTERS "/c2/status",
                "{'status':{'connectionStatus':'Healthy'}}");
    stage_run_until(stage, 3000);
    assert_at(stage, SET, "status.selectedClusterRefs", first ? "[" REF("c2") "]"
                                                              : "[" REF("c1") "]");
    stage_free(stage);
}

/* 5.11: "too many -> truncated to maxReplicas - 1". */
static void a_set_that_shrinks_loses_one_too_many(void **state)
{
    (void)state;
    struct stage *stage = stage_of_clusters(4);
    add_set(stage, "s", "{" SELECTOR ",'maxReplicas':4}");
    stage_run_until(stage, 1000);
    stage_patch(stage, SET, "{'spec':{'maxReplicas':2}}");
    stage_run_until(stage, 2000);
    assert_int_equal(count_at(stage, SET, "status.selectedClusterRefs"), 1);
    /* The next pass, whatever for, fills up again. */
    stage_patch(stage, CLUSTERS "/c1", "{'metadata':{'labels':{'x':'y'}}}");
    stage_run_until(stage, 3000);
    assert_int_equal(count_at(stage, SET, "status.selectedClusterRefs"), 2);
    stage_free(stage);
}

/* 5.2: an empty selector matches nothing; 5.3: an invalid one is tried again. */
static void a_sets_selector_is_read_like_a_profiles(void **state)
{
    (void)state;
    struct stage *stage = stage_of_clusters(2);
    add_set(stage, "s", "{'clusterSelector':{},'maxReplicas':5}");
    add_set(stage, "t", "{'clusterSelector':{'matchExpressions':[{'key':'env','operator':'in',"
                        "'values':['qa']}]},'maxReplicas':5}");
    stage_run_until(stage, 60000);
    assert_int_equal(count_at(stage, SET, "status.matchingClusterRefs"), 0);
    assert_at(stage, SETS "/t", "status", "");
    stage_free(stage);
}

/* 5.2.3, 5.1: profiles follow the set's selection; missing sets are ignored. */
static void a_profile_follows_its_sets(void **state)
{
    (void)state;
    struct stage *stage = stage_of_clusters(2);
    stage_add_profile(stage, "{'name':'p'}", "{'setRefs':['s','none']," RESOURCES "}");
    stage_run_until(stage, 1000);
    assert_int_equal(count_at(stage, PROFILES "/p", "status.matchingClusters"), 0);
    add_set(stage, "s", "{" SELECTOR ",'maxReplicas':2}");
    stage_run_until(stage, 20000);
    assert_int_equal(count_at(stage, PROFILES "/p", "status.matchingClusters"), 2);
    assert_feature(stage, SUMMARIES "/p-sveltos-c1", 0, "status", "Provisioned");
    stage_delete(stage, SET);
    stage_run_until(stage, 60000);
    assert_false(stage_has(stage, SUMMARIES "/p-sveltos-c1"));
    assert_int_equal(count_at(stage, PROFILES "/p", "status.matchingClusters"), 0);
    stage_free(stage);
}

/* 5.2: the union, without duplicates. */
static void a_cluster_that_is_named_thrice_is_reached_once(void **state)
{
    (void)state;
    struct stage *stage = stage_of_clusters(1);
    add_set(stage, "s", "{" SELECTOR ",'maxReplicas':2}");
    stage_add_profile(stage, "{'name':'p'}", "{" SELECTOR ",'setRefs':['s'],'clusterRefs':["
                      REF("c1") "," REF("c1") "]," RESOURCES "}");
    stage_run_until(stage, 20000);
    assert_at(stage, PROFILES "/p", "status.matchingClusters", "[" REF("c1") "]");
    stage_free(stage);
}

/* 5.2.2, 5.4.4: a reference counts as it stands; what does not exist is skipped. */
static void a_reference_to_nothing_matches_and_gets_no_summary(void **state)
{
    (void)state;
    struct stage *stage = stage_of_clusters(1);
    stage_add_profile(stage, "{'name':'p'}", "{'clusterRefs':[" REF("gone") "]," RESOURCES "}");
    stage_run_until(stage, 20000);
    assert_at(stage, PROFILES "/p", "status.matchingClusters", "[" REF("gone") "]");
    assert_false(stage_has(stage, SUMMARIES "/p-sveltos-gone"));
    stage_free(stage);
}

#define BASE PROFILES "/base"
static struct stage *stage_with_dependent(void)
{
    struct stage *stage = stage_of_clusters(2);
    stage_run_until(stage, 1000); /* the loop's phase is that of the process' start */
    stage_add_profile(stage, "{'name':'base'}", "{" CONTENT("b") "}");
    stage_add_profile(stage, "{'name':'app'}",
                      "{" SELECTOR "," RESOURCES ",'dependsOn':['base']}");
    return stage;
}

/* 5.8: woken by the 30 s loop through status.dependenciesHash. */
static void a_prerequisite_is_deployed_where_its_dependent_is(void **state)
{
    (void)state;
    struct stage *stage = stage_with_dependent();
    stage_run_until(stage, 29999);
    assert_at(stage, BASE, "status.dependenciesHash", "");
    assert_at(stage, BASE, "status.matchingClusters", "");
    stage_run_until(stage, 30000);
    struct json *base = stage_get(stage, BASE);
    assert_int_equal(json_text_at(base, "status.dependenciesHash").len, 44);
    assert_int_equal(json_count(json_at(base, "status.matchingClusters")), 2);
    json_free(base);
    assert_at(stage, SUMMARIES "/app-sveltos-c1", "status.dependencies",
              "'ClusterProfile base is a dependency. The ClusterSummary instance for this "
              "profile/cluster was not found'");
    stage_run_until(stage, 120000);
    assert_feature(stage, SUMMARIES "/base-sveltos-c1", 0, "status", "Provisioned");
    assert_feature(stage, SUMMARIES "/app-sveltos-c2", 0, "status", "Provisioned");
    stage_free(stage);
}

/* 5.8: clusters that the dependent gains or loses are handed on; so is its end. */
static void a_prerequisite_follows_its_dependent(void **state)
{
    (void)state;
    struct stage *stage = stage_with_dependent();
    stage_run_until(stage, 120000);
    stage_patch(stage, CLUSTERS "/c1", "{'metadata':{'labels':{'env':'prod'}}}");
    stage_run_until(stage, 240000);
    assert_false(stage_has(stage, SUMMARIES "/base-sveltos-c1"));
    assert_feature(stage, SUMMARIES "/base-sveltos-c2", 0, "status", "Provisioned");
    stage_delete(stage, PROFILES "/app");
    stage_run_until(stage, 400000);
    assert_false(stage_has(stage, PROFILES "/app"));
    assert_false(stage_has(stage, SUMMARIES "/base-sveltos-c2"));
    assert_at(stage, BASE, "status.matchingClusters", "");
    stage_free(stage);
}

/* 5.8: of a chain, the last gets the clusters of the first. */
static void dependencies_are_followed_to_their_end(void **state)
{
    (void)state;
    struct stage *stage = stage_with_dependent();
    stage_patch(stage, BASE, "{'spec':{'dependsOn':['root']}}");
    stage_add_profile(stage, "{'name':'root'}", "{" CONTENT("r") "}");
    stage_run_until(stage, 240000);
    assert_feature(stage, SUMMARIES "/root-sveltos-c1", 0, "status", "Provisioned");
    assert_feature(stage, SUMMARIES "/base-sveltos-c1", 0, "status", "Provisioned");
    assert_feature(stage, SUMMARIES "/app-sveltos-c1", 0, "status", "Provisioned");
    stage_free(stage);
}

/* dependents.h: a restart withdraws nothing. */
static void a_restart_keeps_prerequisites_where_they_are(void **state)
{
    (void)state;
    struct stage *stage = stage_with_dependent();
    stage_run_until(stage, 120000);
    size_t deployed = world_deployment_count(stage->world);
    assert_int_equal(deployed, 4);
    world_set_down(stage->world, true);
    world_set_down(stage->world, false);
    stage_run_until(stage, 600000);
    assert_int_equal(world_deployment_count(stage->world), deployed);
    assert_true(stage_run_until(stage, 24 * 3600 * 1000) == 0); /* an idle day costs nothing */
    stage_free(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_set_selects_at_most_max_replicas),
        cmocka_unit_test(a_cluster_that_is_down_is_replaced),
        cmocka_unit_test(a_set_that_shrinks_loses_one_too_many),
        cmocka_unit_test(a_sets_selector_is_read_like_a_profiles),
        cmocka_unit_test(a_profile_follows_its_sets),
        cmocka_unit_test(a_cluster_that_is_named_thrice_is_reached_once),
        cmocka_unit_test(a_reference_to_nothing_matches_and_gets_no_summary),
        cmocka_unit_test(a_prerequisite_is_deployed_where_its_dependent_is),
        cmocka_unit_test(a_prerequisite_follows_its_dependent),
        cmocka_unit_test(dependencies_are_followed_to_their_end),
        cmocka_unit_test(a_restart_keeps_prerequisites_where_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
