/*
 * ClusterProfile -> ClusterSummary. Rows: facts 5.2 to 5.6, 5.9, 12; baseline (0.3 s).
 */
#include "tests/testlib/world.h"

#define SPEC "{'clusterSelector':{'matchLabels':{'env':'qa'}},'policyRefs':[{'kind':'ConfigMap',\
'namespace':'default','name':'a'}]}"
#define QA "{'env':'qa'}"
#define SUMMARY_C1 SUMMARIES "/rollout-qa-sveltos-c1"
#define PROFILE PROFILES "/rollout-qa"

static void add_labelled_profile(struct stage *stage)
{
    stage_add_profile(stage,
                      "{'name':'rollout-qa','labels':{'config.projectsveltos.io/promotionname':"
                      "'rollout'},'annotations':{'config.projectsveltos.io/stagename':'qa'}}",
                      SPEC);
}

/* 5.5, 5.6, 12: the example object. */
static void a_summary_has_the_names_labels_and_owner_of_its_profile(void **state)
{
    (void)state;
    struct stage *stage = stage_create(NULL, 0);
    stage_add_cluster(stage, "c1", QA);
    add_labelled_profile(stage);
    stage_run_until(stage, 299);
    assert_false(stage_has(stage, SUMMARY_C1)); /* baseline: 0.3 s */
    stage_run_until(stage, 300);
    assert_at(stage, SUMMARY_C1, "metadata.labels",
              "{'config.projectsveltos.io/promotionname':'rollout',"
              "'projectsveltos.io/cluster-name':'c1',"
              "'projectsveltos.io/cluster-profile-name':'rollout-qa',"
              "'projectsveltos.io/cluster-type':'Sveltos'}");
    assert_at(stage, SUMMARY_C1, "metadata.annotations",
              "{'config.projectsveltos.io/stagename':'qa'}");
    assert_at(stage, SUMMARY_C1, "metadata.finalizers",
              "['clustersummaryfinalizer.projectsveltos.io']");
    assert_at(stage, SUMMARY_C1, "spec.clusterName", "'c1'");
    assert_at(stage, SUMMARY_C1, "spec.clusterNamespace", "'default'");
    assert_at(stage, SUMMARY_C1, "spec.clusterType", "'Sveltos'");
    struct json *profile = stage_get(stage, PROFILE);
    struct json *summary = stage_get(stage, SUMMARY_C1);
    const struct json *owner = json_item(json_at(summary, "metadata.ownerReferences"), 0);
    assert_str(json_text_at(owner, "kind"), "ClusterProfile");
    assert_str(json_text_at(owner, "name"), "rollout-qa");
    assert_true(str_equal(json_text_at(owner, "uid"), json_text_at(profile, "metadata.uid")));
    assert_int_equal(json_count(owner), 4);
    assert_true(json_equal(json_get(profile, "spec"), json_at(summary, "spec.clusterProfileSpec")));
    json_free(profile);
    json_free(summary);
    stage_free(stage);
}

/* 12: the profile after the controller. 5.6: only a profile with labels gets more. */
static void a_profile_gets_finalizer_status_and_foreign_labels(void **state)
{
    (void)state;
    struct stage *stage = stage_create(NULL, 0);
    stage_add_cluster(stage, "c1", QA);
    add_labelled_profile(stage);
    stage_add_profile(stage, "{'name':'bare'}", SPEC);
    stage_run_until(stage, 1000);
    assert_at(stage, PROFILE, "metadata.finalizers",
              "['clusterprofilefinalizer.projectsveltos.io']");
    assert_at(stage, PROFILE, "status",
              "{'matchingClusters':[{'apiVersion':'lib.projectsveltos.io/v1beta1',"
              "'kind':'SveltosCluster','name':'c1','namespace':'default'}],"
              "'updatedClusters':{},'updatingClusters':{}}");
    assert_at(stage, PROFILE, "metadata.labels",
              "{'config.projectsveltos.io/promotionname':'rollout',"
              "'projectsveltos.io/cluster-name':'c1',"
              "'projectsveltos.io/cluster-profile-name':'rollout-qa',"
              "'projectsveltos.io/cluster-type':'Sveltos'}");
    assert_at(stage, PROFILES "/bare", "metadata.labels", "");
    assert_at(stage, PROFILES "/bare", "metadata.generation", "1");
    assert_at(stage, PROFILE, "metadata.generation", "1");
    stage_free(stage);
}

/* 2.1: the field manager of Sveltos' own writes. */
static void writes_are_those_of_manager(void **state)
{
    (void)state;
    struct stage *stage = stage_create(NULL, 0);
    stage_add_cluster(stage, "c1", QA);
    add_labelled_profile(stage);
    stage_run_until(stage, 1000);
    struct json *summary = stage_get(stage, SUMMARY_C1);
    const struct json *entries = json_at(summary, "metadata.managedFields");
    assert_true(json_count(entries) >= 2); /* the object and its status */
    JSON_EACH(entry, entries) {
        assert_str(json_text_at(entry, "manager"), "manager");
        assert_str(json_text_at(entry, "operation"), "Update");
    }
    json_free(summary);
    stage_free(stage);
}

static size_t matching_count(struct stage *stage, const char *profile)
{
    struct json *object = stage_get(stage, profile);
    size_t count = json_count(json_at(object, "status.matchingClusters"));
    json_free(object);
    return count;
}

/* 5.2: ready and not deleting; 5.1: a cluster that becomes ready, or changes its labels. */
static void only_ready_clusters_match_and_changes_are_followed(void **state)
{
    (void)state;
    struct stage *stage = stage_create(NULL, 0);
    stage_add_cluster(stage, "c1", QA);
    stage_add_cluster(stage, "c2", "{'env':'prod'}");
    stage_post(stage, CLUSTERS,
               "{'apiVersion':'lib.projectsveltos.io/v1beta1','kind':'SveltosCluster',"
               "'metadata':{'name':'c3','labels':{'env':'qa'}},'spec':{}}");
    add_labelled_profile(stage);
    stage_run_until(stage, 1000);
    assert_int_equal(matching_count(stage, PROFILE), 1);
    stage_patch(stage, CLUSTERS "/c3/status", "{'status':{'ready':true}}");
    stage_patch(stage, CLUSTERS "/c2", "{'metadata':{'labels':{'env':'qa'}}}");
    stage_run_until(stage, 2000);
    assert_int_equal(matching_count(stage, PROFILE), 3);
    assert_true(stage_has(stage, SUMMARIES "/rollout-qa-sveltos-c2"));
    assert_true(stage_has(stage, SUMMARIES "/rollout-qa-sveltos-c3"));
    stage_free(stage);
}

/* 5.2: an empty selector matches nothing; an invalid one leaves no trace but its retries. */
static void empty_and_invalid_selectors_match_nothing(void **state)
{
    (void)state;
    struct stage *stage = stage_create(NULL, 0);
    stage_add_cluster(stage, "c1", QA);
    stage_add_profile(stage, "{'name':'empty'}", "{'clusterSelector':{}}");
    stage_add_profile(stage, "{'name':'invalid'}",
                      "{'clusterSelector':{'matchExpressions':[{'key':'env','operator':'in',"
                      "'values':['qa']}]}}");
    stage_run_until(stage, 1000);
    assert_at(stage, PROFILES "/empty", "status", "{'updatedClusters':{},'updatingClusters':{}}");
    assert_at(stage, PROFILES "/invalid", "status.matchingClusters", "");
    assert_at(stage, PROFILES "/invalid", "metadata.finalizers",
              "['clusterprofilefinalizer.projectsveltos.io']");
    unsigned steps = stage_run_until(stage, 61000);
    assert_in_range(steps, 6, 12); /* every 10 s */
    stage_free(stage);
}

/* 5.2: clusterRefs are taken as they are written; 5.4: what is not there is skipped. */
static void named_clusters_match_without_a_look(void **state)
{
    (void)state;
    struct stage *stage = stage_create(NULL, 0);
    stage_add_cluster(stage, "c1", QA);
    stage_add_profile(stage, "{'name':'p'}",
                      "{'clusterRefs':[{'kind':'SveltosCluster','apiVersion':"
                      "'lib.projectsveltos.io/v1beta1','namespace':'default','name':'c1'},"
                      "{'kind':'SveltosCluster','apiVersion':'lib.projectsveltos.io/v1beta1',"
                      "'namespace':'default','name':'nowhere'}]}");
    stage_run_until(stage, 1000);
    assert_int_equal(matching_count(stage, PROFILES "/p"), 2);
    assert_true(stage_has(stage, SUMMARIES "/p-sveltos-c1"));
    assert_false(stage_has(stage, SUMMARIES "/p-sveltos-nowhere"));
    stage_free(stage);
}

/* 5.5: spec and annotations follow; labels of the profile do not. */
static void a_changed_profile_changes_its_summaries(void **state)
{
    (void)state;
    struct stage *stage = stage_create(NULL, 0);
    stage_add_cluster(stage, "c1", QA);
    add_labelled_profile(stage);
    stage_run_until(stage, 20000);
    stage_patch(stage, PROFILE,
                "{'metadata':{'labels':{'late':'x'},'annotations':{'a':'b'}},'spec':{'tier':50}}");
    stage_run_until(stage, 20299);
    assert_at(stage, SUMMARY_C1, "spec.clusterProfileSpec.tier", "100");
    stage_run_until(stage, 20300);
    assert_at(stage, SUMMARY_C1, "spec.clusterProfileSpec.tier", "50");
    assert_at(stage, SUMMARY_C1, "metadata.annotations",
              "{'a':'b','config.projectsveltos.io/stagename':'qa'}");
    assert_at(stage, SUMMARY_C1, "metadata.labels.late", "");
    stage_free(stage);
}

/* world.h, created_after: a cluster that left meanwhile starts to wait anew. */
static void a_late_summary_is_late_again_for_a_cluster_that_came_back(void **state)
{
    (void)state;
    const struct world_rule rule = {.has_created_after = true, .created_after = {9000, 9000}};
    struct stage *stage = stage_create(&rule, 1);
    stage_add_cluster(stage, "c1", QA);
    add_labelled_profile(stage);
    stage_run_until(stage, 1000);
    stage_patch(stage, CLUSTERS "/c1", "{'metadata':{'labels':{'env':'prod'}}}");
    stage_run_until(stage, 20000);
    assert_false(stage_has(stage, SUMMARY_C1));
    stage_patch(stage, CLUSTERS "/c1", "{'metadata':{'labels':{'env':'qa'}}}");
    stage_run_until(stage, 28999);
    assert_false(stage_has(stage, SUMMARY_C1));
    stage_run_until(stage, 29000);
    assert_true(stage_has(stage, SUMMARY_C1));
    stage_free(stage);
}

/* P1, B41: what a summary shows is what Go's types made of the profile. */
static void a_summary_shows_the_spec_as_go_renders_it(void **state)
{
    (void)state;
    struct stage *stage = stage_create(NULL, 0);
    stage_add_cluster(stage, "c1", QA);
    stage_add_profile(stage, "{'name':'p'}",
                      "{'clusterSelector':{'matchLabels':{'env':'qa'}},'helmCharts':[{"
                      "'repositoryURL':'https://a','repositoryName':'r','chartName':'c',"
                      "'chartVersion':'1','releaseName':'n','releaseNamespace':'m','options':{"
                      "'timeout':'600s','upgradeOptions':{'maxHistory':0}}}]}");
    stage_run_until(stage, 1000);
    struct json *summary = stage_get(stage, SUMMARIES "/p-sveltos-c1");
    const struct json *chart =
        json_item(json_at(summary, "spec.clusterProfileSpec.helmCharts"), 0);
    assert_str(json_text_at(chart, "options.timeout"), "10m0s");
    assert_json(json_at(chart, "options.upgradeOptions.maxHistory"), "2");
    json_free(summary);
    size_t requests = fakeapi_audit_count(stage->api);
    stage_run_until(stage, 60000);
    /* Two status writes of the deployment, and no fight over the history that was lost. */
    assert_in_range(fakeapi_audit_count(stage->api) - requests, 1, 4);
    stage_free(stage);
}

static void add_clusters(struct stage *stage, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        char *name = str_format("c%u", i);
        stage_add_cluster(stage, name, QA);
        mem_free(name);
    }
}

static size_t summary_count(struct stage *stage)
{
    struct json *list = stage_get(stage, SUMMARIES);
    size_t count = json_count(json_get(list, "items"));
    json_free(list);
    return count;
}

/* 5.4, B08: batch by batch, each 10 s loop after the last was provisioned; the lists are told
 * while it lasts, and emptied with the last batch under way. */
static void max_update_rolls_out_in_batches(void **state)
{
    (void)state;
    const struct world_rule rule = {.has_created_after = true};
    struct stage *stage = stage_create(&rule, 1);
    add_clusters(stage, 10);
    stage_add_profile(stage, "{'name':'p'}",
                      "{'clusterSelector':{'matchLabels':{'env':'qa'}},'maxUpdate':'30%',"
                      "'policyRefs':[{'kind':'ConfigMap','name':'a'}]}");
    static const struct {
        int64_t at_ms;
        size_t summaries;
    } rows[] = {{0, 3}, {9999, 3}, {10001, 3}, {20001, 6}, {30001, 6}, {40001, 9}, {60001, 10}};
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        stage_run_until(stage, rows[i].at_ms);
        struct json *profile = stage_get(stage, PROFILES "/p");
        assert_int_equal(summary_count(stage), rows[i].summaries);
        if (i == 0) {
            assert_int_equal(json_count(json_at(profile, "status.updatingClusters.clusters")), 3);
            assert_int_equal(json_text_at(profile, "status.updatingClusters.hash").len, 44);
            assert_int_equal(json_text_at(profile, "status.updatedClusters.hash").len, 44);
        }
        json_free(profile);
    }
    assert_at(stage, PROFILES "/p", "status.updatingClusters", "{}");
    assert_at(stage, PROFILES "/p", "status.updatedClusters", "{}");
    stage_free(stage);
}

/* 5.4 with a slow world: never more than two under way. */
static void max_update_holds_when_summaries_are_late(void **state)
{
    (void)state;
    const struct world_rule rule = {.has_created_after = true, .created_after = {1000, 9000}};
    struct stage *stage = stage_create(&rule, 1);
    add_clusters(stage, 6);
    stage_add_profile(stage, "{'name':'p'}",
                      "{'clusterSelector':{'matchLabels':{'env':'qa'}},'maxUpdate':2,"
                      "'policyRefs':[{'kind':'ConfigMap','name':'a'}]}");
    stage_run_until(stage, 10000);
    assert_in_range(summary_count(stage), 1, 2);
    stage_run_until(stage, 300000);
    assert_int_equal(summary_count(stage), 6);
    stage_free(stage);
}

/* 5.4: a summary that somebody deletes in the middle of a rollout comes back. */
static void max_update_survives_a_deleted_summary(void **state)
{
    (void)state;
    struct stage *stage = stage_create(NULL, 0);
    add_clusters(stage, 2);
    stage_add_profile(stage, "{'name':'p'}",
                      "{'clusterSelector':{'matchLabels':{'env':'qa'}},'maxUpdate':1,"
                      "'policyRefs':[{'kind':'ConfigMap','name':'a'}]}");
    stage_run_until(stage, 1000);
    struct json *list = stage_get(stage, SUMMARIES);
    char *target = str_format(SUMMARIES "/%.*s",
                              STR_ARGS(json_text_at(json_item(json_get(list, "items"), 0),
                                                    "metadata.name")));
    stage_delete(stage, target);
    stage_run_until(stage, 120000);
    assert_feature(stage, SUMMARIES "/p-sveltos-c0", 0, "status", "Provisioned");
    assert_feature(stage, SUMMARIES "/p-sveltos-c1", 0, "status", "Provisioned");
    assert_at(stage, PROFILES "/p", "status.updatingClusters", "{}");
    assert_int_equal(stage_run_until(stage, 86400000), 0);
    mem_free(target);
    json_free(list);
    stage_free(stage);
}

/* 5.2 */
static void a_cluster_that_is_being_deleted_does_not_match(void **state)
{
    (void)state;
    struct stage *stage = stage_create(NULL, 0);
    stage_add_cluster(stage, "c1", QA);
    stage_patch(stage, CLUSTERS "/c1", "{'metadata':{'finalizers':['example.com/hold']}}");
    stage_delete(stage, CLUSTERS "/c1");
    add_labelled_profile(stage);
    stage_run_until(stage, 1000);
    assert_int_equal(matching_count(stage, PROFILE), 0);
    stage_free(stage);
}

/* 5.4: with maxUpdate a paused cluster is left out. */
static void max_update_leaves_out_paused_clusters(void **state)
{
    (void)state;
    struct stage *stage = stage_create(NULL, 0);
    stage_add_cluster(stage, "c1", QA);
    stage_patch(stage, CLUSTERS "/c1", "{'spec':{'paused':true}}");
    stage_add_profile(stage, "{'name':'batched'}",
                      "{'clusterSelector':{'matchLabels':{'env':'qa'}},'maxUpdate':1}");
    stage_add_profile(stage, "{'name':'at-once'}",
                      "{'clusterSelector':{'matchLabels':{'env':'qa'}}}");
    stage_run_until(stage, 30000);
    assert_false(stage_has(stage, SUMMARIES "/batched-sveltos-c1"));
    assert_true(stage_has(stage, SUMMARIES "/at-once-sveltos-c1"));
    stage_free(stage);
}

/* 5.4, B03: a summary that cannot be created is told in failedClusters and tried every 10 s. */
static void a_label_that_is_too_long_fails_the_cluster(void **state)
{
    (void)state;
    const struct world_rule rule = {.has_created_after = true};
    struct stage *stage = stage_create(&rule, 1);
    stage_add_cluster(stage, "c1", QA);
    stage_add_profile(
        stage, "{'name':'p123456789012345678901234567890123456789012345678901234567890123'}",
        SPEC);
    stage_run_until(stage, 25000);
    struct json *list = stage_get(stage, PROFILES);
    const struct json *failed =
        json_item(json_at(json_item(json_get(list, "items"), 0), "status.failedClusters"), 0);
    assert_str(json_text_at(failed, "clusterRef.name"), "c1");
    assert_str(json_text_at(failed, "lastFailureTime"), "2026-01-01T00:00:20Z");
    assert_true(str_contains(json_text_at(failed, "failureMessage"), STR("must be no more than")));
    assert_int_equal(summary_count(stage), 0);
    json_free(list);
    stage_free(stage);
}

/* 5.5, 6.5: a cluster that leaves loses its summary, after the deployment was taken away. */
static void a_cluster_that_stops_matching_is_withdrawn(void **state)
{
    (void)state;
    struct stage *stage = stage_create(NULL, 0);
    stage_add_cluster(stage, "c1", QA);
    add_labelled_profile(stage);
    stage_run_until(stage, 20000);
    stage_patch(stage, CLUSTERS "/c1", "{'metadata':{'labels':{'env':'prod'}}}");
    stage_run_until(stage, 29999);
    assert_feature(stage, SUMMARY_C1, 0, "status", "Removing");
    stage_run_until(stage, 30000);
    assert_false(stage_has(stage, SUMMARY_C1));
    assert_int_equal(world_deployment_count(stage->world), 2);
    assert_true(world_deployment_at(stage->world, 1)->withdrawn);
    assert_int_equal(stage_run_until(stage, 39999), 0);
    /* The 10 s loop sees that all is gone; two watches tell of the ClusterConfiguration. */
    assert_int_equal(stage_run_until(stage, 40000), 3);
    assert_int_equal(stage_run_until(stage, 86400000), 0);
    stage_free(stage);
}

/* 5.9 */
static void deleting_a_profile_withdraws_everything_first(void **state)
{
    (void)state;
    struct stage *stage = stage_create(NULL, 0);
    stage_add_cluster(stage, "c1", QA);
    stage_add_cluster(stage, "c2", QA);
    add_labelled_profile(stage);
    stage_run_until(stage, 20000);
    stage_delete(stage, PROFILE);
    stage_run_until(stage, 25000);
    assert_at(stage, PROFILE, "status.matchingClusters", "");
    assert_true(stage_has(stage, PROFILE));
    stage_run_until(stage, 40000);
    assert_false(stage_has(stage, PROFILE));
    assert_int_equal(summary_count(stage), 0);
    assert_int_equal(world_deployment_count(stage->world), 4);
    assert_int_equal(stage_run_until(stage, 86400000), 0);
    stage_free(stage);
}

/* 5.9: LeavePolicies leaves what is deployed; 5.5: the summary is told before it is deleted. */
static void leave_policies_takes_nothing_away(void **state)
{
    (void)state;
    struct stage *stage = stage_create(NULL, 0);
    stage_add_cluster(stage, "c1", QA);
    add_labelled_profile(stage);
    stage_run_until(stage, 20000);
    stage_patch(stage, PROFILE, "{'spec':{'stopMatchingBehavior':'LeavePolicies'}}");
    stage_delete(stage, PROFILE);
    stage_run_until(stage, 40000);
    assert_false(stage_has(stage, PROFILE));
    assert_int_equal(summary_count(stage), 0);
    assert_int_equal(world_deployment_count(stage->world), 1);
    stage_free(stage);
}

/* 5.3.1: even a deletion waits. */
static void a_paused_profile_is_left_alone(void **state)
{
    (void)state;
    struct stage *stage = stage_create(NULL, 0);
    stage_add_cluster(stage, "c1", QA);
    stage_add_profile(stage, "{'name':'p','annotations':{'profile.projectsveltos.io/paused':''}}",
                      SPEC);
    stage_run_until(stage, 1000);
    assert_at(stage, PROFILES "/p", "status.reconciliationSuspended", "true");
    assert_at(stage, PROFILES "/p", "status.suspensionReason", "'ClusterProfile is paused'");
    assert_at(stage, PROFILES "/p", "metadata.finalizers", "");
    assert_int_equal(summary_count(stage), 0);
    stage_patch(stage, PROFILES "/p",
                "{'metadata':{'annotations':{'profile.projectsveltos.io/paused':null}}}");
    stage_run_until(stage, 2000);
    assert_at(stage, PROFILES "/p", "status.reconciliationSuspended", "");
    assert_int_equal(summary_count(stage), 1);
    stage_free(stage);
}

/* 5.5: OneTime, but for the mode itself. */
static void a_one_time_summary_keeps_its_spec(void **state)
{
    (void)state;
    struct stage *stage = stage_create(NULL, 0);
    stage_add_cluster(stage, "c1", QA);
    add_labelled_profile(stage);
    stage_run_until(stage, 20000);
    stage_patch(stage, PROFILE,
                "{'metadata':{'annotations':{'a':'b'}},'spec':{'syncMode':'OneTime','tier':50}}");
    stage_run_until(stage, 40000);
    assert_at(stage, SUMMARY_C1, "spec.clusterProfileSpec.syncMode", "'OneTime'");
    assert_at(stage, SUMMARY_C1, "spec.clusterProfileSpec.tier", "100");
    assert_at(stage, SUMMARY_C1, "metadata.annotations.a", "");
    assert_int_equal(world_deployment_count(stage->world), 1); /* 6.2.7: done is done */
    stage_free(stage);
}

static char *order_after(uint64_t seed, unsigned more_passes)
{
    struct stage *stage = stage_create_seeded(NULL, 0, seed);
    struct buf text;
    buf_init(&text, 4096);
    add_clusters(stage, 12);
    add_labelled_profile(stage);
    stage_run_until(stage, 1000);
    for (unsigned i = 0; i < more_passes; i++) {
        char *patch = str_format("{'metadata':{'labels':{'pass':'%u'}}}", i);
        stage_patch(stage, PROFILE, patch);
        stage_run_until(stage, 2000 + i * INT64_C(1000));
        mem_free(patch);
    }
    struct json *profile = stage_get(stage, PROFILE);
    JSON_EACH(reference, json_at(profile, "status.matchingClusters"))
        buf_append(&text, json_text_at(reference, "name"));
    json_free(profile);
    stage_free(stage);
    return buf_steal(&text);
}

/* 5.2: "random order each time", and the same one for the same seed. */
static void matching_clusters_are_in_seeded_random_order(void **state)
{
    (void)state;
    char *one = order_after(1, 0);
    char *again = order_after(1, 0);
    char *two = order_after(2, 0);
    char *later = order_after(1, 1);
    assert_string_equal(one, again);
    assert_string_not_equal(one, two);
    assert_string_not_equal(one, later);
    assert_string_not_equal(one, "c0c1c2c3c4c5c6c7c8c9c10c11");
    mem_free(one);
    mem_free(again);
    mem_free(two);
    mem_free(later);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_summary_has_the_names_labels_and_owner_of_its_profile),
        cmocka_unit_test(a_profile_gets_finalizer_status_and_foreign_labels),
        cmocka_unit_test(writes_are_those_of_manager),
        cmocka_unit_test(only_ready_clusters_match_and_changes_are_followed),
        cmocka_unit_test(empty_and_invalid_selectors_match_nothing),
        cmocka_unit_test(named_clusters_match_without_a_look),
        cmocka_unit_test(a_changed_profile_changes_its_summaries),
        cmocka_unit_test(a_late_summary_is_late_again_for_a_cluster_that_came_back),
        cmocka_unit_test(a_summary_shows_the_spec_as_go_renders_it),
        cmocka_unit_test(max_update_rolls_out_in_batches),
        cmocka_unit_test(max_update_holds_when_summaries_are_late),
        cmocka_unit_test(max_update_survives_a_deleted_summary),
        cmocka_unit_test(a_cluster_that_is_being_deleted_does_not_match),
        cmocka_unit_test(max_update_leaves_out_paused_clusters),
        cmocka_unit_test(a_label_that_is_too_long_fails_the_cluster),
        cmocka_unit_test(a_cluster_that_stops_matching_is_withdrawn),
        cmocka_unit_test(deleting_a_profile_withdraws_everything_first),
        cmocka_unit_test(leave_policies_takes_nothing_away),
        cmocka_unit_test(a_paused_profile_is_left_alone),
        cmocka_unit_test(a_one_time_summary_keeps_its_spec),
        cmocka_unit_test(matching_clusters_are_in_seeded_random_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
