/* Projections of what is watched, and which changes of them are none (D19). */
#include "controller/core/object.h"

#include "controller/base/mem.h"
#include "controller/core/cluster.h"
#include "controller/core/names.h"
#include "controller/core/profile.h"
#include "controller/core/summary.h"
#include "tests/testlib/object.h"

#define META(rest) "{\"metadata\":{\"name\":\"n\",\"namespace\":\"s\",\"uid\":\"u\"," rest "}"
#define BARE META("\"resourceVersion\":\"1\"")
#define SUMMARY(labels, owner, rest)                                                             \
    META("\"resourceVersion\":\"1\",\"generation\":1,\"labels\":{" labels "},"                    \
         "\"ownerReferences\":[{\"kind\":\"ConfigMap\",\"uid\":\"x\"},"                         \
         "{\"kind\":\"ClusterProfile\",\"uid\":\"" owner "\"}]") "," rest "}"
#define OF_PROFILE(name) "\"" LABEL_PROFILE_NAME "\":\"" name "\""
#define DONE                                                                                     \
    "\"status\":{\"featureSummaries\":[{\"featureID\":\"Helm\",\"status\":\"Provisioned\","        \
    "\"lastAppliedTime\":\"2026-01-01T00:00:00Z\"}]}"

/* The second after the first: a change that somebody must look at, or none. */
static const struct {
    enum kube_resource resource;
    const char *before, *after;
    bool same;
} changes[] = {
    {KUBE_SVELTOS_CLUSTERS, BARE "}", META("\"resourceVersion\":\"2\"") "}", true},
    {KUBE_SVELTOS_CLUSTERS, BARE "}", BARE ",\"status\":{\"ready\":true}}", false},
    {KUBE_SVELTOS_CLUSTERS, BARE "}", BARE ",\"spec\":{\"paused\":true}}", false},
    {KUBE_SVELTOS_CLUSTERS, BARE "}",
     META("\"resourceVersion\":\"2\",\"labels\":{\"a\":\"b\"}") "}", false},
    {KUBE_SVELTOS_CLUSTERS, BARE "}",
     META("\"resourceVersion\":\"2\",\"annotations\":{\"a\":\"b\"}") "}", true},
    {KUBE_CAPI_CLUSTERS, BARE "}", META("\"resourceVersion\":\"2\"") "}", true},
    {KUBE_CAPI_CLUSTERS, BARE "}",
     META("\"resourceVersion\":\"2\",\"annotations\":{\"a\":\"b\"}") "}", false},
    {KUBE_SVELTOS_CLUSTERS, BARE "}",
     META("\"resourceVersion\":\"2\",\"deletionTimestamp\":\"x\"") "}", false},
    {KUBE_SVELTOS_CLUSTERS, BARE "}",
     "{\"metadata\":{\"name\":\"n\",\"uid\":\"other\",\"resourceVersion\":\"2\"}}", false},
    {KUBE_CLUSTER_PROFILES, BARE "}", BARE "}", true},
    {KUBE_CLUSTER_PROFILES, BARE "}", META("\"resourceVersion\":\"2\"") "}", false},
    {KUBE_CLUSTER_PROMOTIONS, BARE "}", META("\"resourceVersion\":\"2\"") "}", false},
    {KUBE_CLUSTER_SUMMARIES, SUMMARY(OF_PROFILE("p"), "o", DONE),
     SUMMARY(OF_PROFILE("p"), "o", DONE), true},
    {KUBE_CLUSTER_SUMMARIES, SUMMARY(OF_PROFILE("p"), "o", DONE),
     SUMMARY(OF_PROFILE("q"), "o", DONE), false},
    {KUBE_CLUSTER_SUMMARIES, SUMMARY(OF_PROFILE("p"), "o", DONE),
     SUMMARY(OF_PROFILE("p") ",\"" LABEL_PROMOTION_NAME "\":\"w\"", "o", DONE), false},
    {KUBE_CLUSTER_SUMMARIES, SUMMARY("", "o", DONE), SUMMARY("", "other", DONE), false},
    {KUBE_CLUSTER_SUMMARIES, SUMMARY("", "o", DONE), SUMMARY("", "o", "\"status\":{}"), false},
    {KUBE_CLUSTER_SUMMARIES, SUMMARY("", "o", "\"status\":{}"),
     SUMMARY("", "o", "\"status\":{\"reconciliationSuspended\":true}"), false},
    {KUBE_CLUSTER_SUMMARIES, SUMMARY("", "o", "\"spec\":{\"clusterProfileSpec\":{}}"),
     SUMMARY("", "o", "\"spec\":{\"clusterProfileSpec\":{\"tier\":7}}"), false},
    {KUBE_CLUSTER_SUMMARIES, SUMMARY("", "o", "\"spec\":{\"clusterProfileSpec\":{}}"),
     SUMMARY("", "o", "\"spec\":{\"clusterProfileSpec\":{\"tier\":\"x\"}}"), false},
    {KUBE_CLUSTER_SUMMARIES, BARE "}",
     META("\"resourceVersion\":\"2\",\"annotations\":{\"" ANNOTATION_CONFIGURATION
          "\":\"v1\"}") "}",
     false},
    {KUBE_CLUSTER_SUMMARIES, META("\"resourceVersion\":\"1\",\"generation\":1") "}",
     META("\"resourceVersion\":\"2\",\"generation\":2") "}", false},
    {KUBE_CLUSTER_SUMMARIES, META("\"resourceVersion\":\"1\",\"generation\":2") "}",
     META("\"resourceVersion\":\"2\",\"generation\":3") "}", true},
    {KUBE_CLUSTER_SUMMARIES, BARE "}",
     META("\"resourceVersion\":\"2\",\"managedFields\":[{\"manager\":\"m\",\"time\":"
          "\"2026-01-01T00:00:00Z\"}]") "}",
     false},
};

static void only_what_is_used_is_a_change(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(changes); i++) {
        struct object *before = object_of(changes[i].resource, changes[i].before);
        struct object *after = object_of(changes[i].resource, changes[i].after);
        if (object_same(before, after) != changes[i].same)
            fail_msg("row %zu", i);
        object_free(before);
        object_free(after);
    }
    object_free(NULL);
}

static void what_has_no_name_uid_or_version_is_no_object(void **state)
{
    static const char *const texts[] = {
        "{}", "{\"metadata\":{\"name\":\"n\",\"uid\":\"u\"}}",
        "{\"metadata\":{\"name\":\"n\",\"resourceVersion\":\"1\"}}",
        "{\"metadata\":{\"uid\":\"u\",\"resourceVersion\":\"1\"}}", "[]", "null",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
        for (unsigned kind = 0; kind < KUBE_RESOURCE_COUNT; kind++)
            assert_null(object_of((enum kube_resource)kind, texts[i]));
    }
}

/* Cluster API: v1beta2 says it in `initialization`, v1beta1 in a condition. */
static const struct {
    const char *status;
    bool ready;
} clusters[] = {
    {"{}", false},
    {"{\"initialization\":{\"controlPlaneInitialized\":true}}", true},
    {"{\"initialization\":{\"controlPlaneInitialized\":false}}", false},
    {"{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}", false},
    {"{\"conditions\":[{\"type\":\"Ready\",\"status\":\"False\"},"
     "{\"type\":\"ControlPlaneInitialized\",\"status\":\"True\"}]}", true},
    {"{\"conditions\":[{\"type\":\"ControlPlaneInitialized\",\"status\":\"False\"}]}", false},
    {"{\"ready\":true}", false},
};

static void a_cluster_is_ready_by_what_its_kind_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(clusters); i++) {
        char *text = str_format(BARE ",\"status\":%s}", clusters[i].status);
        struct cluster *cluster = (struct cluster *)object_of(KUBE_CAPI_CLUSTERS, text);
        assert_int_equal(cluster->ready, clusters[i].ready);
        object_free(&cluster->object);
        cluster = (struct cluster *)object_of(KUBE_SVELTOS_CLUSTERS, text);
        assert_int_equal(cluster->ready, i == ARRAY_COUNT(clusters) - 1);
        object_free(&cluster->object);
        mem_free(text);
    }
}

static void only_annotated_clusters_of_cluster_api_may_be_brought_in(void **state)
{
    struct object *bare = object_of(KUBE_CAPI_CLUSTERS, BARE "}");
    struct object *annotated = object_of(
        KUBE_CAPI_CLUSTERS, META("\"resourceVersion\":\"1\",\"annotations\":{\"in\":\"\"}") "}");
    struct object *other = object_of(KUBE_SVELTOS_CLUSTERS, BARE "}");
    (void)state;
    assert_true(cluster_is_onboarded((struct cluster *)bare, STR_NONE));
    assert_false(cluster_is_onboarded((struct cluster *)bare, STR("in")));
    assert_true(cluster_is_onboarded((struct cluster *)annotated, STR("in")));
    assert_true(cluster_is_onboarded((struct cluster *)other, STR("in")));
    object_free(bare);
    object_free(annotated);
    object_free(other);
}

static void an_annotation_that_lists_nothing_redeploys_nothing(void **state)
{
    static const char *const texts[] = {"", "not json", "[]", "\\\"x\\\"", "{}"};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
        char *text = str_format(
            META("\"resourceVersion\":\"1\",\"annotations\":{\"" ANNOTATION_REDEPLOYS "\":\"%s\"}")
            ",\"spec\":\"none\"}", texts[i]);
        struct profile *profile = (struct profile *)object_of(KUBE_CLUSTER_PROFILES, text);
        assert_int_equal(profile->redeploys != NULL, i == ARRAY_COUNT(texts) - 1);
        object_free(&profile->object);
        mem_free(text);
    }
}

static void a_feature_fails_when_it_says_so_or_counts_failures(void **state)
{
    static const struct {
        const char *feature;
        bool present, provisioned, failing;
    } rows[] = {
        {"\"status\":\"Provisioned\",\"consecutiveFailures\":3", true, true, false},
        {"\"status\":\"Provisioning\"", true, false, false},
        {"\"status\":\"Provisioning\",\"consecutiveFailures\":1", true, false, true},
        {"\"status\":\"Failed\"", true, false, true},
        {"\"status\":\"FailedNonRetriable\"", true, false, true},
        {"\"status\":\"Removing\",\"lastAppliedTime\":\"yesterday\"", true, false, false},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        char *text = str_format(BARE ",\"status\":{\"featureSummaries\":[{\"featureID\":\"Other\"},"
                                     "{\"featureID\":\"Kustomize\",%s}]}}", rows[i].feature);
        struct summary *summary = (struct summary *)object_of(KUBE_CLUSTER_SUMMARIES, text);
        const struct feature_state *found = &summary->features[FEATURE_KUSTOMIZE];
        assert_int_equal(found->present, rows[i].present);
        assert_int_equal(found->provisioned, rows[i].provisioned);
        assert_int_equal(found->failing, rows[i].failing);
        assert_int_equal(found->applied_ms, 0);
        assert_false(summary->features[FEATURE_HELM].present);
        object_free(&summary->object);
        mem_free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_is_used_is_a_change),
        cmocka_unit_test(what_has_no_name_uid_or_version_is_no_object),
        cmocka_unit_test(a_cluster_is_ready_by_what_its_kind_says),
        cmocka_unit_test(only_annotated_clusters_of_cluster_api_may_be_brought_in),
        cmocka_unit_test(an_annotation_that_lists_nothing_redeploys_nothing),
        cmocka_unit_test(a_feature_fails_when_it_says_so_or_counts_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
