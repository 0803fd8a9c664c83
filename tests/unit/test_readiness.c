/* What one cluster's summary proves, and in which words it is told what it lacks: D2, D3, P7. */
#include "controller/core/readiness.h"

#include "tests/testlib/scene.h"

#define RESOURCES(status) "{'featureID':'Resources','status':'" status "'}"
#define HELM(status) "{'featureID':'Helm','status':'" status "'}"
#define FEATURES(list) "{'featureSummaries':[" list "]}"
#define REFS "'policyRefs':[{'kind':'ConfigMap','name':'a'}]"

struct row {
    const char *metadata, *spec, *status; /* of the summary; members; NULL: as deployed */
    const char *feature, *lack;           /* NULL: none */
    enum readiness readiness;
};

static const struct row rows[] = {
    {NULL, NULL, NULL, NULL, NULL, READINESS_PROVISIONED},
    /* not of this profile as it is */
    {"{'ownerReferences':[{'kind':'ClusterProfile','uid':'before'}]}", NULL, NULL, NULL,
     "has a ClusterSummary of a ClusterProfile that is gone", READINESS_PROVISIONING},
    {"{'deletionTimestamp':'2026-01-01T00:00:00Z'}", NULL, NULL, NULL,
     "has a ClusterSummary that is being deleted", READINESS_PROVISIONING},
    {NULL, NULL, "{'reconciliationSuspended':true}", NULL,
     "has a ClusterSummary whose reconciliation is suspended", READINESS_PROVISIONING},
    {NULL, "{'clusterProfileSpec':{'tier':7}}", NULL, NULL,
     "has a ClusterSummary without this configuration yet", READINESS_PROVISIONING},
    {NULL, "{'clusterProfileSpec':{'tier':'high'}}", NULL, NULL,
     "has a ClusterSummary without this configuration yet", READINESS_PROVISIONING},
    /* what is in the way is told by the first that fails, else by the first that lacks */
    {NULL, NULL, FEATURES(""), "Resources", "is not reported yet", READINESS_PROVISIONING},
    {NULL, NULL, FEATURES(RESOURCES("Provisioning")), "Resources", "is being deployed",
     READINESS_PROVISIONING},
    {NULL, NULL, FEATURES(RESOURCES("Failed")), "Resources", "fails", READINESS_FAILING},
    {NULL, NULL, FEATURES(RESOURCES("Provisioned") "," HELM("Failed")), "Helm", "fails",
     READINESS_FAILING},
    {NULL, NULL, FEATURES(RESOURCES("Provisioning") "," HELM("Failed")), "Helm", "fails",
     READINESS_FAILING},
    {NULL, NULL, FEATURES(RESOURCES("Provisioning") "," HELM("Provisioning")), "Resources",
     "is being deployed", READINESS_PROVISIONING},
    {NULL, NULL, FEATURES(RESOURCES("Failed") "," HELM("Failed")), "Resources", "fails",
     READINESS_FAILING},
    {NULL, NULL, FEATURES(RESOURCES("Failed") "," HELM("Provisioning")), "Resources", "fails",
     READINESS_FAILING},
};

#define REDEPLOYED                                                                              \
    "{'annotations':{'" ANNOTATION_REDEPLOYS                                                    \
    "':'{\\\"Resources\\\":\\\"2026-01-01T00:00:00Z\\\"}'}}"
#define WRITTEN(generation, given)                                                              \
    "{'generation':" generation ",'managedFields':[{'manager':'manager','operation':'Update',"  \
    "'time':'" given "','fieldsV1':{'f:spec':{'f:clusterProfileSpec':{}}}}]}"
#define APPLIED(time)                                                                           \
    "{'featureSummaries':[{'featureID':'Resources','status':'Provisioned','lastAppliedTime':'"  \
    time "'}]}"
#define NOT_YET "has a ClusterSummary without this configuration yet"

/* While a batch is under way a summary does not get our annotations: its own times prove that it
 * was deployed as it is. */
static const struct {
    const char *profile_spec, *summary, *status;
    const char *lack; /* NULL: none */
} batches[] = {
    {"{'maxUpdate':1}", WRITTEN("1", "2026-01-01T00:10:00Z"), APPLIED("2026-01-01T00:05:00Z"),
     NULL},
    {"{}", WRITTEN("1", "2026-01-01T00:10:00Z"), APPLIED("2026-01-01T00:05:00Z"), NOT_YET},
    {"{'maxUpdate':1}", WRITTEN("2", "2026-01-01T00:05:00Z"), APPLIED("2026-01-01T00:10:00Z"),
     NULL},
    {"{'maxUpdate':1}", WRITTEN("2", "2026-01-01T00:10:00Z"), APPLIED("2026-01-01T00:05:00Z"),
     NOT_YET},
    {"{'maxUpdate':1}", "{'generation':2}", APPLIED("2026-01-01T00:05:00Z"), NOT_YET},
};

static void judge(struct scene *scene, const struct profile *profile,
                  struct stage_readiness *ret_readiness)
{
    const struct readiness_question question = {.store = &scene->store,
                                                .stage = &scene->promotion->stages[0],
                                                .profile = profile,
                                                .now = scene->now};
    assert_true(stage_readiness_judge(&question, &scene->arena, ret_readiness));
}

static void init(struct scene *scene)
{
    scene_init(scene);
    scene_promote(scene, "",
                  "{'profileSpec':{" REFS "},'stages':[{'name':'qa','clusterSelector':"
                  "{'matchLabels':{'env':'qa'}}}]}",
                  "{}");
    scene_put_cluster(scene, "one", "qa", NULL, NULL);
}

static void a_summary_proves_what_it_says_of_the_profile_as_it_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        const struct scene_profile qa = {.stage = 0};
        struct stage_readiness found;
        struct scene scene;
        init(&scene);
        const struct profile *profile = scene_put_profile(&scene, &qa);
        scene_put_summary(&scene, profile, "one", rows[i].metadata, rows[i].spec, rows[i].status);
        judge(&scene, profile, &found);
        print_message("row %zu: %s\n", i, found.waited_count > 0 ? found.waited[0].lack : "done");
        assert_int_equal(found.readiness, rows[i].readiness);
        assert_int_equal(found.done, rows[i].lack == NULL);
        if (rows[i].lack != NULL) {
            assert_str(found.names, "ns/one");
            assert_string_equal(found.waited[0].lack, rows[i].lack);
            assert_str(str_from(found.waited[0].feature),
                       rows[i].feature != NULL ? rows[i].feature : "");
        }
        scene_release(&scene);
    }
}

static void a_batch_is_proven_by_its_own_times(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(batches); i++) {
        const struct scene_profile qa = {.spec = batches[i].profile_spec, .metadata = REDEPLOYED};
        struct stage_readiness found;
        struct scene scene;
        init(&scene);
        const struct profile *profile = scene_put_profile(&scene, &qa);
        scene_put_summary(&scene, profile, "one", batches[i].summary, NULL, batches[i].status);
        judge(&scene, profile, &found);
        print_message("batch %zu: %s\n", i,
                      found.waited_count > 0 ? found.waited[0].lack : "done");
        assert_int_equal(found.done, batches[i].lack == NULL);
        if (batches[i].lack != NULL)
            assert_string_equal(found.waited[0].lack, batches[i].lack);
        scene_release(&scene);
    }
}

/* A minute of rest, confirmed by who reads the summary after it (P7). */
static void rest_proves_a_feature_once_it_is_confirmed(void **state)
{
    (void)state;
    static const struct {
        int64_t rested_ms, confirmed_after_ms; /* since the profile was applied; 0: never */
        bool done, unconfirmed;
    } ROWS[] = {
        {SETTLE_MS - 1, 0, false, false},
        {SETTLE_MS, 0, false, true},
        {SETTLE_MS, SETTLE_MS - 1, false, true},
        {SETTLE_MS, SETTLE_MS, true, false},
        {SETTLE_MS * 9, SETTLE_MS, true, false},
    };
    for (size_t i = 0; i < ARRAY_COUNT(ROWS); i++) {
        const struct scene_profile qa = {
            .stage = 0,
            .metadata = "{'annotations':{'" ANNOTATION_REDEPLOYS
                        "':'{\\'Resources\\':\\'unsettled\\'}'}}"};
        struct stage_readiness found;
        struct scene scene;
        init(&scene);
        const struct profile *profile = scene_put_profile(&scene, &qa);
        scene_put_summary(&scene, profile, "one", "{'generation':2}", NULL, NULL);
        struct summary *summary = (struct summary *)store_find(
            &scene.store, KUBE_CLUSTER_SUMMARIES, STR("ns/web-qa-sveltos-one"));
        assert_non_null(summary);
        summary->changed_ms = profile->applied_ms;
        summary->annotations_hash = profile->annotations_hash;
        if (ROWS[i].confirmed_after_ms > 0)
            summary->confirmed_ms = profile->applied_ms + ROWS[i].confirmed_after_ms;
        scene.now.wall_ms = profile->applied_ms + ROWS[i].rested_ms;
        judge(&scene, profile, &found);
        assert_int_equal(found.readiness == READINESS_PROVISIONED, ROWS[i].done);
        assert_int_equal(found.unconfirmed == summary, ROWS[i].unconfirmed);
        assert_int_equal(found.settles_ms, i == 0 ? profile->applied_ms + SETTLE_MS : KTIME_NEVER);
        scene_release(&scene);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_summary_proves_what_it_says_of_the_profile_as_it_is),
        cmocka_unit_test(a_batch_is_proven_by_its_own_times),
        cmocka_unit_test(rest_proves_a_feature_once_it_is_confirmed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
