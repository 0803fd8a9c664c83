/*
 * What becomes of deployed things that somebody edits on the cluster.
 * Rows: facts 1.2 (syncMode, driftExclusions), 6.1 (resourceSummaryDeployed), 6.3 (hashes).
 */
#include "tests/testlib/world_items.h"

#include "fakeapi/sveltos/drift.h"

#define QA "{'env':'qa'}"
#define SELECTOR "'clusterSelector':{'matchLabels':{'env':'qa'}}"
#define RESOURCES "'policyRefs':[{'kind':'ConfigMap','namespace':'default','name':'a'}]"
#define HELM "'helmCharts':[{'repositoryURL':'https://a','repositoryName':'r','chartName':'c'," \
             "'chartVersion':'1','releaseName':'n','releaseNamespace':'m'}]"
#define DETECTING "'syncMode':'ContinuousWithDriftDetection'"
#define SPEC(mode) "{" SELECTOR "," RESOURCES "," mode "}"
#define SUMMARY SUMMARIES "/p-sveltos-c1"
#define CONFIG_MAP "ConfigMap:default/a"
#define EDITED "10 c1 p deploys ConfigMap:default/a\n60 c1 p edited ConfigMap:default/a\n"

static const struct world_rule at_once = {.has_created_after = true, .has_stale_for = true};

/* `path` NULL: not said. */
static bool edit(struct stage *stage, const char *item, const char *path)
{
    struct world_edit edit = {.cluster_namespace = STR("default"),
                              .cluster = STR("c1"),
                              .cluster_type = STR("Sveltos"),
                              .item = str_from(item),
                              .path = path != NULL ? str_from(path) : STR_NONE};
    return world_edit(stage->world, &edit);
}

/* Deployed at 10 s; the minute is full. */
static struct stage *stage_with(const char *spec)
{
    struct stage *stage = stage_create(&at_once, 1);
    stage_add_cluster(stage, "c1", QA);
    stage_add_profile(stage, "{'name':'p'}", spec);
    stage_run_until(stage, 60000);
    return stage;
}

static void only_one_mode_puts_right_what_was_edited(void **state)
{
    (void)state;
    static const struct {
        const char *spec;
        bool restored;
    } rows[] = {
        {SPEC("'syncMode':'Continuous'"), false},
        {SPEC("'syncMode':'OneTime'"), false},
        {SPEC(DETECTING), true},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct stage *stage = stage_with(rows[i].spec);
        assert_true(edit(stage, CONFIG_MAP, "/data/x"));
        stage_run_until(stage, 60000 + DRIFT_NOTICED_AFTER_MS);
        assert_feature(stage, SUMMARY, 0, "status",
                       rows[i].restored ? "Provisioning" : "Provisioned");
        stage_run_until(stage, 24 * 3600 * 1000);
        assert_feature(stage, SUMMARY, 0, "status", "Provisioned");
        assert_items(stage, rows[i].restored ? EDITED "80 c1 p deploys ConfigMap:default/a\n"
                                             : EDITED);
        stage_free(stage);
    }
}

static void an_exclusion_covers_paths_of_what_it_targets(void **state)
{
    (void)state;
    static const struct {
        const char *exclusions;
        bool excluded;
    } rows[] = {
        {"{'paths':['/data/x']}", true},
        {"{'paths':['/data/y','/data/x']}", true},
        {"{'paths':['/data']}", false},
        {"{'paths':['/data/x'],'target':{'kind':'ConfigMap'}}", true},
        {"{'paths':['/data/x'],'target':{'kind':'ConfigMap','namespace':'default','name':'a',"
         "'version':'v1'}}", true},
        {"{'paths':['/data/x'],'target':{'kind':'Secret'}}", false},
        {"{'paths':['/data/x'],'target':{'kind':'ConfigMap','name':'b'}}", false},
        {"{'paths':['/data/y']},{'paths':['/data/x']}", true},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        char *spec = str_format("{" SELECTOR "," RESOURCES "," DETECTING ",'driftExclusions':[%s]}",
                                rows[i].exclusions);
        struct stage *stage = stage_with(spec);
        edit(stage, CONFIG_MAP, "/data/x");
        stage_run_until(stage, 90000);
        assert_items(stage, rows[i].excluded ? EDITED
                                             : EDITED "80 c1 p deploys ConfigMap:default/a\n");
        stage_free(stage);
        mem_free(spec);
    }
}

static void a_release_is_put_right_alone(void **state)
{
    (void)state;
    struct stage *stage = stage_with("{" SELECTOR "," RESOURCES "," HELM "," DETECTING "}");
    size_t before = world_deployment_count(stage->world);
    edit(stage, "Release:m/n", NULL);
    stage_run_until(stage, 90000);
    assert_int_equal(world_deployment_count(stage->world), before + 1);
    assert_str(world_deployment_at(stage->world, before)->feature, "Helm");
    assert_feature(stage, SUMMARY, 0, "lastAppliedTime", "2026-01-01T00:00:10Z");
    assert_feature(stage, SUMMARY, 1, "lastAppliedTime", "2026-01-01T00:01:20Z");
    stage_free(stage);
}

/* 6.1 */
static void the_status_says_where_drift_is_looked_for(void **state)
{
    (void)state;
    struct stage *stage = stage_with(SPEC(DETECTING));
    struct json *detecting = stage_get(stage, SUMMARY);
    assert_true(json_bool_of(json_get(json_item(json_at(detecting, "status.featureSummaries"), 0),
                                      "resourceSummaryDeployed")));
    json_free(detecting);
    stage_patch(stage, PROFILES "/p", "{'spec':{'syncMode':'Continuous'}}");
    stage_run_until(stage, 90000);
    struct json *summary = stage_get(stage, SUMMARY);
    assert_null(json_get(json_item(json_at(summary, "status.featureSummaries"), 0),
                         "resourceSummaryDeployed"));
    json_free(summary);
    stage_free(stage);
}

static void what_is_edited_while_sveltos_is_down_is_found_later(void **state)
{
    (void)state;
    struct stage *stage = stage_with(SPEC(DETECTING));
    world_set_down(stage->world, true);
    assert_true(edit(stage, CONFIG_MAP, NULL));
    stage_run_until(stage, 100000);
    assert_items(stage, EDITED);
    world_set_down(stage->world, false);
    stage_run_until(stage, 150000);
    assert_items(stage, EDITED "120 c1 p deploys ConfigMap:default/a\n");
    stage_free(stage);
}

/* 6.2.8 */
static void a_paused_cluster_keeps_the_edit(void **state)
{
    (void)state;
    struct stage *stage = stage_with(SPEC(DETECTING));
    stage_patch(stage, CLUSTERS "/c1", "{'spec':{'paused':true}}");
    edit(stage, CONFIG_MAP, NULL);
    stage_run_until(stage, 600000);
    assert_items(stage, EDITED);
    stage_patch(stage, CLUSTERS "/c1", "{'spec':{'paused':false}}");
    stage_run_until(stage, 620000);
    assert_items(stage, EDITED "610 c1 p deploys ConfigMap:default/a\n");
    stage_free(stage);
}

static void another_deployment_ends_the_edit(void **state)
{
    (void)state;
    struct stage *stage = stage_with(SPEC("'syncMode':'Continuous'"));
    edit(stage, CONFIG_MAP, NULL);
    stage_run_until(stage, 70000);
    stage_patch(stage, PROFILES "/p", "{'spec':{" DETECTING "}}");
    stage_run_until(stage, 24 * 3600 * 1000);
    assert_items(stage, EDITED "80 c1 p deploys ConfigMap:default/a\n");
    stage_free(stage);
}

static void only_what_is_there_can_be_edited(void **state)
{
    (void)state;
    struct stage *stage = stage_with(SPEC(DETECTING));
    assert_false(edit(stage, "ConfigMap:default/b", NULL));
    stage_delete(stage, PROFILES "/p");
    stage_run_until(stage, 120000);
    assert_false(edit(stage, CONFIG_MAP, NULL));
    stage_free(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_one_mode_puts_right_what_was_edited),
        cmocka_unit_test(an_exclusion_covers_paths_of_what_it_targets),
        cmocka_unit_test(a_release_is_put_right_alone),
        cmocka_unit_test(the_status_says_where_drift_is_looked_for),
        cmocka_unit_test(what_is_edited_while_sveltos_is_down_is_found_later),
        cmocka_unit_test(a_paused_cluster_keeps_the_edit),
        cmocka_unit_test(another_deployment_ends_the_edit),
        cmocka_unit_test(only_what_is_there_can_be_edited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
