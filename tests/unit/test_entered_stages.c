/* What the entered stages' profiles prove of the configuration that status records, with Sveltos
 * v1.13's and with ours: D12, P4, P5, P14. */
#include "controller/core/entered_stages.h"

#include "tests/testlib/scene.h"

#define STAGES \
    "'stages':[{'name':'qa','clusterSelector':{'matchLabels':{'env':'qa'}},'trigger':{'auto':{" \
    "'postDelayHealthChecks':[{'name':'up','featureID':'Resources'}]}}}," \
    "{'name':'prod','clusterSelector':{'matchLabels':{'env':'prod'}}}]"
#define ENTERED_QA "{'name':'qa','lastSuccessfulAppliedTime':'2026-01-01T00:00:00Z'}"
#define DONE(text) \
    "{'name':'prod','lastSuccessfulAppliedTime':'2026-01-01T00:10:00Z'," \
    "'currentStatusDescription':'" text " (2026-01-01T00:10:00Z)'}"
#define HASHES "'profileSpecHash':'@P','stagesHash':'@S','currentStageName':'prod'"
#define COMPLETED "'lastPromotionTime':'2026-01-01T00:20:00Z'"

static void init(struct scene *scene, const char *profile_spec, const char *status)
{
    char *spec = str_format("{'profileSpec':%s," STAGES "}", profile_spec);
    scene_init(scene);
    scene_promote(scene, "'finalizers':" SCENE_FINALIZERS ",", spec, status);
    mem_free(spec);
}

/* Two entered stages, and what is there of their profiles. */
static const struct row {
    const char *what;
    const char *profile_spec;
    const char *hashes; /* NULL: the present ones */
    struct scene_profile profiles[2];
    bool absent[2];
    bool unclaimed, recorded, deployed;
    size_t kept;
} rows[] = {
    {"ours", "{}", NULL, {{.stage = 0}, {.stage = 1}}, .recorded = true, .kept = 2},
    {"v1.13's", "{}", NULL, {{.unclaimed = true}, {.stage = 1, .unclaimed = true}},
     .unclaimed = true, .recorded = true, .kept = 2},
    {"v1.13's, with its checks in", "{}", NULL,
     {{.unclaimed = true, .role = ROLE_GATED}, {.stage = 1, .unclaimed = true}},
     .unclaimed = true, .recorded = true, .kept = 2},
    {"v1.13's, and somebody deleted the first", "{}", NULL,
     {{.stage = 0}, {.stage = 1, .unclaimed = true}}, {true, false}, .unclaimed = true,
     .recorded = true, .kept = 0}, /* nothing shows what it selected */
    {"v1.13's, with another configuration", "{'tier':50}", NULL,
     {{.unclaimed = true, .spec = "{'tier':60}"}, {.stage = 1, .unclaimed = true}},
     .unclaimed = true, .kept = 2},
    {"v1.13's, with another configuration and hash", "{'tier':50}", "'profileSpecHash':'x'",
     {{.unclaimed = true, .spec = "{'tier':60}"}, {.stage = 1, .unclaimed = true}},
     .unclaimed = true, .kept = 2},
    {"ours, by another schema's hash", "{}", "'profileSpecHash':'x','stagesHash':'@S'",
     {{.stage = 0}, {.stage = 1}}, .deployed = true, .kept = 2},
    {"ours, by another hash, and nothing proves the first stage", "{}",
     "'profileSpecHash':'x','stagesHash':'@S'", {{.stage = 0}, {.stage = 1}}, {true, false},
     .kept = 2},
    {"ours, and somebody took the first one's annotation away", "{}", NULL,
     {{.unclaimed = true}, {.stage = 1}}, .recorded = true, .kept = 2},
    {"ours, by another hash, and somebody took the first one's annotation away", "{}",
     "'profileSpecHash':'x','stagesHash':'@S'", {{.unclaimed = true}, {.stage = 1}}, .kept = 2},
    {"malformed: what it asks for is not known", "{'tier':'high'}", "'profileSpecHash':'x'",
     {{.metadata = "{'annotations':{'" ANNOTATION_CONFIGURATION "':'v1:"
                   "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef:"
                   "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'}}"},
      {.stage = 1}}, {false, true}, .kept = 0},
};

static void profiles_tell_which_configuration_was_deployed(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        const struct row *row = &rows[i];
        struct scene scene;
        char *status = str_format("{%s,'currentStageName':'prod','stages':[" ENTERED_QA
                                  ",{'name':'prod'}]}",
                                  row->hashes != NULL ? row->hashes
                                                      : "'profileSpecHash':'@P','stagesHash':'@S'");
        init(&scene, row->profile_spec, status);
        for (size_t stage = 0; stage < 2; stage++) {
            if (!row->absent[stage])
                (void)scene_put_profile(&scene, &row->profiles[stage]);
        }
        struct promotion_view view = scene_look(&scene).view;
        if (view.unclaimed != row->unclaimed || view.configuration_recorded != row->recorded ||
            view.configuration_deployed != row->deployed || view.kept_count != row->kept)
            fail_msg("%s: unclaimed %d recorded %d deployed %d kept %zu", row->what,
                     view.unclaimed, view.configuration_recorded, view.configuration_deployed,
                     view.kept_count);
        scene_release(&scene);
        mem_free(status);
    }
}

enum last_stage { LAST_EMPTY, LAST_DEPLOYED, LAST_UNDER_WAY };

/* Sveltos v1.13 wrote a time of completion when it entered a stage, too (B31). */
static const struct {
    const char *what;
    const char *entry; /* of the last stage */
    bool absent;       /* its profile is */
    enum last_stage last;
    bool unproven;
} completions[] = {
    {"all have it", DONE("Successfully provisioned"), false, LAST_DEPLOYED, false},
    {"one has not yet", DONE("Successfully provisioned"), false, LAST_UNDER_WAY, true},
    {"an empty last stage holds nothing up (D4)", DONE("Successfully provisioned"), false,
     LAST_EMPTY, false},
    {"the last sentence is another", DONE("Paused: Awaiting Manual Approval"), false,
     LAST_DEPLOYED, true},
    {"no time of success", "{'name':'prod'}", false, LAST_DEPLOYED, true},
    {"the profile is gone", DONE("Successfully provisioned"), true, LAST_EMPTY, true},
};

static void init_completed(struct scene *scene, const char *entry, bool absent,
                           enum last_stage last)
{
    const struct scene_profile qa = {.unclaimed = true};
    const struct scene_profile prod = {.stage = 1, .unclaimed = true};
    char *status = str_format("{" HASHES "," COMPLETED ",'stages':[" ENTERED_QA ",%s]}", entry);
    init(scene, "{'policyRefs':[{'kind':'ConfigMap','name':'a'}]}", status);
    (void)scene_put_profile(scene, &qa);
    if (!absent) {
        const struct profile *profile = scene_put_profile(scene, &prod);
        if (last != LAST_EMPTY)
            scene_put_cluster(scene, "prod", "prod", NULL, NULL);
        if (last == LAST_DEPLOYED)
            scene_put_summary(scene, profile, "prod", NULL, NULL, NULL);
    }
    mem_free(status);
}

static void a_completion_of_the_old_controller_is_proven_or_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(completions); i++) {
        struct scene scene;
        init_completed(&scene, completions[i].entry, completions[i].absent, completions[i].last);
        struct promotion_view view = scene_look(&scene).view;
        if (view.completion_unproven != completions[i].unproven)
            fail_msg("%s: unproven %d", completions[i].what, view.completion_unproven);
        scene_release(&scene);
    }
}

static void a_proof_that_does_not_fit_is_refused(void **state)
{
    struct scene scene;
    struct promotion_sight sight;
    size_t refused = 0;
    (void)state;
    init_completed(&scene, DONE("Successfully provisioned"), false, LAST_UNDER_WAY);
    for (size_t bytes = 0; bytes < 2048; bytes += 16) {
        struct arena arena;
        arena_init(&arena, bytes);
        if (promotion_view_build(&scene.store, scene.promotion, &scene.memory, scene.now, &arena,
                                 &sight))
            assert_true(sight.view.completion_unproven);
        else
            refused++;
        arena_release(&arena);
    }
    assert_in_range(refused, 1, 120);
    scene_release(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(profiles_tell_which_configuration_was_deployed),
        cmocka_unit_test(a_completion_of_the_old_controller_is_proven_or_not),
        cmocka_unit_test(a_proof_that_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
