/*
 * What a view of a promotion is made of. When memory for it is short, it is at any size refused as
 * a whole, or it is the whole one, and what was said in little memory is said in much.
 */
#include "controller/core/promotion_view.h"

#include "controller/core/explanation.h"
#include "controller/core/promotion_event.h"
#include "controller/core/stage_conditions.h"
#include "tests/testlib/scene.h"

#define SELECTOR "{'matchLabels':{'env':'qa'}}"
#define REFS "[{'kind':'ConfigMap','name':'a'}]"

/* Two stages, the first of which was entered, and provisioned an hour ago. */
static void promote(struct scene *scene, const char *trigger)
{
    char *spec = str_format("{'profileSpec':{'policyRefs':" REFS "},'stages':[{'name':'qa',"
                            "'clusterSelector':" SELECTOR ",'trigger':{'auto':%s}},"
                            "{'name':'prod','clusterSelector':" SELECTOR "}]}", trigger);
    scene_init(scene);
    scene_promote(scene, "'finalizers':" SCENE_FINALIZERS ",", spec,
                  "{'profileSpecHash':'@P','stagesHash':'@S','currentStageName':'qa','stages':[{"
                  "'name':'qa','lastSuccessfulAppliedTime':'2026-01-01T00:00:00Z'}]}");
    mem_free(spec);
}

/* Clusters of all kinds, and both profiles of the first stage. */
static void scene_fill(struct scene *scene)
{
    const struct scene_profile stage = {.role = ROLE_STAGE};
    const struct scene_profile check = {.role = ROLE_CHECK};
    promote(scene, "{'preHealthCheckDeployment':" REFS ",'promotionWindow':{'from':'0 24 * * *',"
                   "'to':'@daily'}}");
    (void)scene_put_profile(scene, &stage);
    (void)scene_put_profile(scene, &check);
    scene_put_cluster(scene, "waits", "qa", NULL, NULL);
    scene_put_cluster(scene, "sleeps", "qa", NULL, "{'ready':false}");
    scene_put_cluster(scene, "goes", "qa", "{'deletionTimestamp':'2026-01-01T00:00:00Z'}", NULL);
}

static bool look(const struct scene *scene, struct arena *arena, struct promotion_sight *ret_sight)
{
    return promotion_view_build(&scene->store, scene->promotion, &scene->memory, scene->now,
                                arena, ret_sight);
}

static void a_view_is_whole_or_refused(void **state)
{
    struct scene scene;
    struct promotion_sight whole;
    struct arena much;
    unsigned refused = 0;
    (void)state;
    scene_fill(&scene);
    arena_init(&much, SCENE_ARENA_BYTES);
    assert_true(look(&scene, &much, &whole));
    assert_str(whole.view.readiness_names, "ns/waits");
    assert_str(whole.view.check_names, "ns/waits");
    assert_str(whole.view.left_out, "ns/sleeps");
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
    scene_release(&scene);
}

static void events_are_whole_or_refused(void **state)
{
    const struct decision decision = {.kind = DECISION_DONE, .stage_index = STAGE_NONE};
    struct scene scene;
    struct promotion_sight sight;
    struct arena much;
    unsigned refused = 0;
    (void)state;
    scene_fill(&scene);
    arena_init(&much, SCENE_ARENA_BYTES);
    assert_true(look(&scene, &much, &sight));
    for (size_t bytes = 0; bytes < 4096; bytes += 16) {
        struct promotion_events events;
        struct arena arena;
        arena_init(&arena, bytes);
        if (promotion_events_find(&sight, &decision, STR("x"), scene.now, &arena, &events)) {
            for (size_t i = 0; i < events.count; i++)
                assert_non_null(events.items[i].note.data);
        } else {
            refused++;
        }
        arena_release(&arena);
    }
    assert_in_range(refused, 10, 255);
    arena_release(&much);
    scene_release(&scene);
}

static bool explain(const struct scene *scene, struct arena *arena,
                    struct explanation *ret_explanation)
{
    return promotion_explain(&scene->store, scene->promotion, &scene->memory, scene->now, arena,
                             ret_explanation);
}

static void an_explanation_is_whole_or_refused(void **state)
{
    struct scene scene;
    struct explanation whole;
    struct arena much;
    unsigned refused = 0;
    (void)state;
    scene_fill(&scene);
    arena_init(&much, SCENE_ARENA_BYTES);
    assert_true(explain(&scene, &much, &whole));
    assert_int_equal(whole.state, EXPLANATION_WAITING);
    assert_int_equal(whole.stage_count, 2);
    for (size_t bytes = 0; bytes < 16384; bytes += 16) {
        struct explanation found;
        struct arena arena;
        arena_init(&arena, bytes);
        if (explain(&scene, &arena, &found)) {
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
    scene_release(&scene);
}

/* A cluster that goes is no more in two stages; one that Sveltos must not bring in never was. */
static void clusters_on_their_way_out_overlap_no_more(void **state)
{
    struct scene scene;
    (void)state;
    scene_fill(&scene);
    (void)scene_put(&scene, KUBE_CAPI_CLUSTERS,
                    "{'metadata':{'namespace':'ns','name':'kept-out','uid':'k',"
                    "'resourceVersion':'1','labels':{'env':'qa'}}}");
    struct promotion_sight sight = scene_look(&scene);
    assert_str(stage_overlap_text(&sight, &scene.arena),
               "ns/kept-out (qa and prod), ns/sleeps (qa and prod), ns/waits (qa and prod)");
    sight.capi_onboard_annotation = STR("bring-in");
    assert_str(stage_overlap_text(&sight, &scene.arena),
               "ns/sleeps (qa and prod), ns/waits (qa and prod)");
    scene_release(&scene);
}

/* No leap day comes within five years, as robfig/cron searches. */
static void a_window_that_opens_no_more_is_invalid(void **state)
{
    struct scene scene;
    (void)state;
    promote(&scene, "{'promotionWindow':{'from':'0 0 29 2 *','to':'0 0 1 3 *'}}");
    assert_int_equal(scene_look(&scene).view.window, GATE_WINDOW_CLOSED);
    scene.now.wall_ms = INT64_C(4020969600000); /* 2097-06-02 */
    struct promotion_view view = scene_look(&scene).view;
    assert_int_equal(view.window, GATE_WINDOW_INVALID);
    assert_str(view.window_fault, "closed for ever");
    scene_release(&scene);
}

#define GATE "{'name':'up','featureID':'Resources'}"

/* Sveltos v1.13 put the checks into the profile itself: as they stand there they count. */
static void checks_of_the_old_controller_count_where_they_stand(void **state)
{
    static const struct {
        struct scene_profile profile;
        enum profile_standing standing;
    } rows[] = {
        {{.unclaimed = true, .role = ROLE_GATED}, PROFILE_AS_WANTED},
        {{.unclaimed = true, .role = ROLE_STAGE}, PROFILE_DIFFERS},
        {{.unclaimed = true, .role = ROLE_GATED,
          .metadata = "{'deletionTimestamp':'2026-01-01T00:00:00Z'}"},
         PROFILE_TERMINATING},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct scene scene;
        promote(&scene, "{'postDelayHealthChecks':[" GATE "]}");
        (void)scene_put_profile(&scene, &rows[i].profile);
        assert_int_equal(scene_look(&scene).view.stages[0].profile, rows[i].standing);
        scene_release(&scene);
    }
}

/* What is wanted is not known, so nothing is. */
static void nothing_is_as_a_malformed_promotion_wants_it(void **state)
{
    const struct scene_profile taken = {
        .unclaimed = true, .spec = "{'tier':50}",
        .metadata = "{'annotations':{'" ANNOTATION_STAGE_NAME "':'qa','" ANNOTATION_OWNER_UID
                    "':'u','" ANNOTATION_REDEPLOYS "':'{}'}}"};
    struct scene scene;
    (void)state;
    scene_init(&scene);
    scene_promote(&scene, "",
                  "{'profileSpec':{'tier':'high'},'stages':[{'name':'qa','clusterSelector':"
                  SELECTOR "}]}",
                  "{}");
    (void)scene_put_profile(&scene, &taken);
    struct promotion_view view = scene_look(&scene).view;
    assert_false(str_is_empty(view.fault));
    assert_int_equal(view.stages[0].profile, PROFILE_DIFFERS);
    scene_release(&scene);
}

#define APPLIED(time) \
    "{'managedFields':[{'manager':'" FIELD_MANAGER_APPLY "','operation':'Apply','time':'" time \
    "','fieldsV1':{}}]}"

/* Whoever applies without our annotations after we wrote is given way (D26), by the last one. */
static void another_controller_is_quiet_ten_minutes_after_its_last_apply(void **state)
{
    static const struct {
        const char *times[2];
        int64_t quiet_ms; /* after the hour; 0: nobody else is there */
    } rows[] = {
        {{"2026-01-01T00:58:00Z", "2026-01-01T00:59:00Z"}, 9 * 60000},
        {{"2026-01-01T00:59:00Z", "2026-01-01T00:58:00Z"}, 9 * 60000},
        {{"2026-01-01T00:29:00Z", "2026-01-01T00:59:00Z"}, 9 * 60000},
        {{"2026-01-01T00:29:00Z", "2026-01-01T00:30:00Z"}, 0}, /* we wrote later */
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct scene scene;
        scene_init(&scene);
        scene_promote(&scene,
                      "'managedFields':[{'manager':'" FIELD_MANAGER_OTHER "','operation':"
                      "'Update','time':'2026-01-01T00:30:00Z','fieldsV1':{}}],",
                      "{'profileSpec':{},'stages':[{'name':'qa','clusterSelector':" SELECTOR "},"
                      "{'name':'prod','clusterSelector':" SELECTOR "}]}",
                      "{}");
        for (size_t stage = 0; stage < 2; stage++) {
            char *metadata = str_format(APPLIED("%s"), rows[i].times[stage]);
            const struct scene_profile applied = {
                .stage = stage, .unclaimed = true, .metadata = metadata};
            (void)scene_put_profile(&scene, &applied);
            mem_free(metadata);
        }
        struct promotion_view view = scene_look(&scene).view;
        assert_int_equal(view.others_quiet_ms,
                         rows[i].quiet_ms > 0 ? SCENE_NOW_MS + rows[i].quiet_ms : 0);
        scene_release(&scene);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_view_is_whole_or_refused),
        cmocka_unit_test(events_are_whole_or_refused),
        cmocka_unit_test(an_explanation_is_whole_or_refused),
        cmocka_unit_test(clusters_on_their_way_out_overlap_no_more),
        cmocka_unit_test(a_window_that_opens_no_more_is_invalid),
        cmocka_unit_test(checks_of_the_old_controller_count_where_they_stand),
        cmocka_unit_test(nothing_is_as_a_malformed_promotion_wants_it),
        cmocka_unit_test(another_controller_is_quiet_ten_minutes_after_its_last_apply),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
