/*
 * What a view of a promotion is made of when memory for it is short: at any size it is refused as
 * a whole, or it is the whole one, and what was said in little memory is said in much.
 */
#include "controller/core/promotion_view.h"

#include "controller/base/mem.h"
#include "controller/core/explanation.h"
#include "controller/core/names.h"
#include "controller/core/profile_wanted.h"
#include "controller/core/promotion_event.h"
#include "controller/core/stage_conditions.h"
#include "tests/testlib/object.h"

#define ARENA_BYTES (64u << 10)
#define NOW ((struct ktime){0, INT64_C(1767229200000)}) /* 2026-01-01T01:00:00Z */
#define SELECTOR "{\"matchLabels\":{\"env\":\"qa\"}}"
#define REFS "[{\"kind\":\"ConfigMap\",\"name\":\"a\"}]"

struct scene {
    struct store store;
    struct promotion *promotion; /* in the store */
};

static void ignore_change(void *ctx, const struct object *before, const struct object *after)
{
    (void)ctx;
    assert_true(before != NULL || after != NULL);
}

static const struct store_listener listener = {NULL, ignore_change};

static void put(struct scene *scene, enum kube_resource resource, const char *text)
{
    struct object *object = object_of(resource, text);
    assert_non_null(object);
    store_put(&scene->store, object, 1, &listener);
}

/* Its first stage is entered and was provisioned an hour ago. */
static char *promotion_text(const char *hash, const char *stages_hash)
{
    return str_format(
        "{\"metadata\":{\"name\":\"web\",\"uid\":\"u\",\"resourceVersion\":\"1\",\"finalizers\":[\""
        FINALIZER_OWN "\",\"" FINALIZER_SHARED "\"]},\"spec\":{\"profileSpec\":{\"policyRefs\":"
        REFS "},\"stages\":[{\"name\":\"qa\",\"clusterSelector\":" SELECTOR ","
        "\"trigger\":{\"auto\":{\"preHealthCheckDeployment\":" REFS ","
        "\"promotionWindow\":{\"from\":\"0 24 * * *\",\"to\":\"@daily\"}}}},{\"name\":\"prod\","
        "\"clusterSelector\":" SELECTOR "}]},\"status\":{"
        "\"profileSpecHash\":\"%s\",\"stagesHash\":\"%s\",\"currentStageName\":\"qa\",\"stages\":[{"
        "\"name\":\"qa\",\"lastSuccessfulAppliedTime\":\"2026-01-01T00:00:00Z\"}]}}",
        hash, stages_hash);
}

/* `role`: whose configuration the profile carries. */
static void put_profile(struct scene *scene, const char *name, enum profile_role role)
{
    const struct stage_spec *stage = &scene->promotion->stages[0];
    CLEANUP(json_free_pointer) struct json *spec = wanted_spec(scene->promotion, stage, role);
    char *printed = json_print_text(spec);
    char *text = str_format(
        "{\"metadata\":{\"name\":\"%s\",\"uid\":\"p\",\"resourceVersion\":\"1\",\"labels\":{\""
        LABEL_PROMOTION_NAME "\":\"web\"%s},\"ownerReferences\":[{\"uid\":\"u\"}],\"annotations\":{"
        "\"" ANNOTATION_STAGE_NAME "\":\"qa\",\"" ANNOTATION_OWNER_UID "\":\"u\",\""
        ANNOTATION_CONFIGURATION "\":\"%s\",\"" ANNOTATION_REDEPLOYS "\":\"{}\"},"
        "\"managedFields\":[{\"manager\":\""
        FIELD_MANAGER_APPLY "\",\"operation\":\"Apply\",\"fieldsV1\":{}}]},\"spec\":%s}",
        name, role == ROLE_CHECK ? ",\"" LABEL_VERIFICATION "\":\"true\"" : "",
        stage->wanted[role].configuration, printed);
    put(scene, KUBE_CLUSTER_PROFILES, text);
    mem_free(text);
    mem_free(printed);
}

static void put_cluster(struct scene *scene, const char *name, const char *beside)
{
    char *text = str_format("{\"metadata\":{\"namespace\":\"n\",\"name\":\"%s\",\"uid\":\"%s\","
                            "\"resourceVersion\":\"1\",\"labels\":{\"env\":\"qa\"}%s}",
                            name, name, beside);
    put(scene, KUBE_SVELTOS_CLUSTERS, text);
    mem_free(text);
}

#define READY "},\"status\":{\"ready\":true}"
#define GOING ",\"deletionTimestamp\":\"2026-01-01T00:00:00Z\"},\"status\":{\"ready\":true}"

static void scene_init(struct scene *scene)
{
    char *text = promotion_text("", "");
    struct promotion *draft =
        (struct promotion *)object_of(KUBE_CLUSTER_PROMOTIONS, text);
    mem_free(text);
    text = promotion_text(draft->profile_spec_hash, draft->stages_hash);
    object_free(&draft->object);
    store_init(&scene->store);
    struct object *object = object_of(KUBE_CLUSTER_PROMOTIONS, text);
    mem_free(text);
    store_put(&scene->store, object, 1, &listener);
    scene->promotion = (struct promotion *)object;
    put_profile(scene, "web-qa", ROLE_STAGE);
    put_profile(scene, CHECK_PROFILE_PREFIX "web-qa", ROLE_CHECK);
    put_cluster(scene, "waits", READY);
    put_cluster(scene, "sleeps", "}");
    put_cluster(scene, "goes", GOING);
}

static bool look(const struct scene *scene, struct arena *arena, struct promotion_sight *ret_sight)
{
    const struct promotion_memory memory = {.zones = NULL};
    return promotion_view_build(&scene->store, scene->promotion, &memory, NOW, arena, ret_sight);
}

static void a_view_is_whole_or_refused(void **state)
{
    struct scene scene;
    struct promotion_sight whole;
    struct arena much;
    unsigned refused = 0;
    (void)state;
    scene_init(&scene);
    arena_init(&much, ARENA_BYTES);
    assert_true(look(&scene, &much, &whole));
    assert_str(whole.view.readiness_names, "n/waits");
    assert_str(whole.view.check_names, "n/waits");
    assert_str(whole.view.left_out, "n/sleeps");
    assert_true(str_contains(whole.view.window_fault, STR("End of range (24)")));
    for (size_t bytes = 0; bytes < 4096; bytes += 16) {
        struct promotion_sight sight;
        struct arena arena;
        arena_init(&arena, bytes);
        if (look(&scene, &arena, &sight)) {
            assert_true(str_equal(sight.view.readiness_names, whole.view.readiness_names));
            assert_true(str_equal(sight.view.check_names, whole.view.check_names));
            assert_true(str_equal(sight.view.window_fault, whole.view.window_fault));
        } else {
            refused++;
        }
        arena_release(&arena);
    }
    assert_in_range(refused, 10, 255);
    arena_release(&much);
    store_release(&scene.store);
}

static void events_are_whole_or_refused(void **state)
{
    const struct decision decision = {.kind = DECISION_DONE, .stage_index = STAGE_NONE};
    struct scene scene;
    struct promotion_sight sight;
    struct arena much;
    unsigned refused = 0;
    (void)state;
    scene_init(&scene);
    arena_init(&much, ARENA_BYTES);
    assert_true(look(&scene, &much, &sight));
    for (size_t bytes = 0; bytes < 4096; bytes += 16) {
        struct promotion_events events;
        struct arena arena;
        arena_init(&arena, bytes);
        if (promotion_events_find(&sight, &decision, STR("x"), NOW, &arena, &events)) {
            for (size_t i = 0; i < events.count; i++)
                assert_non_null(events.items[i].note.data);
        } else {
            refused++;
        }
        arena_release(&arena);
    }
    assert_in_range(refused, 10, 255);
    arena_release(&much);
    store_release(&scene.store);
}

static void an_explanation_is_whole_or_refused(void **state)
{
    const struct promotion_memory memory = {.zones = NULL};
    struct scene scene;
    struct explanation whole;
    struct arena much;
    unsigned refused = 0;
    (void)state;
    scene_init(&scene);
    arena_init(&much, ARENA_BYTES);
    assert_true(promotion_explain(&scene.store, scene.promotion, &memory, NOW, &much, &whole));
    assert_int_equal(whole.state, EXPLANATION_WAITING);
    assert_int_equal(whole.stage_count, 2);
    for (size_t bytes = 0; bytes < 16384; bytes += 16) {
        struct explanation found;
        struct arena arena;
        arena_init(&arena, bytes);
        if (promotion_explain(&scene.store, scene.promotion, &memory, NOW, &arena, &found)) {
            assert_int_equal(found.state, whole.state);
            assert_int_equal(found.reason, whole.reason);
            assert_int_equal(found.stage_count, whole.stage_count);
        } else {
            refused++;
        }
        arena_release(&arena);
    }
    assert_in_range(refused, 10, 1023);
    arena_release(&much);
    store_release(&scene.store);
}

/* A cluster that goes is no more in two stages; one that Sveltos must not bring in never was. */
static void clusters_on_their_way_out_overlap_no_more(void **state)
{
    struct scene scene;
    struct promotion_sight sight;
    struct arena arena;
    (void)state;
    scene_init(&scene);
    put(&scene, KUBE_CAPI_CLUSTERS,
        "{\"metadata\":{\"namespace\":\"n\",\"name\":\"kept-out\",\"uid\":\"k\","
        "\"resourceVersion\":\"1\",\"labels\":{\"env\":\"qa\"}}}");
    arena_init(&arena, ARENA_BYTES);
    assert_true(look(&scene, &arena, &sight));
    assert_str(stage_overlap_text(&sight, &arena),
               "n/kept-out (qa and prod), n/sleeps (qa and prod), n/waits (qa and prod)");
    sight.capi_onboard_annotation = STR("bring-in");
    assert_str(stage_overlap_text(&sight, &arena),
               "n/sleeps (qa and prod), n/waits (qa and prod)");
    arena_release(&arena);
    store_release(&scene.store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_view_is_whole_or_refused),
        cmocka_unit_test(events_are_whole_or_refused),
        cmocka_unit_test(an_explanation_is_whole_or_refused),
        cmocka_unit_test(clusters_on_their_way_out_overlap_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
