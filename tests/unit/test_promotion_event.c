/* Which news are found in what is seen and decided (D25), and in which words. */
#include "controller/core/promotion_event.h"

#include "controller/core/stage_conditions.h"
#include "tests/testlib/scene.h"

#define STAGE(name, env, trigger) \
    "{'name':'" name "','clusterSelector':{'matchLabels':{'env':'" env "'}}" trigger "}"
#define ENTRY(name, members) "{'name':'" name "'" members "}"
#define PROVISIONED ",'lastSuccessfulAppliedTime':'2026-01-01T00:30:00Z'"
#define STATUS(current, entries) \
    "{'profileSpecHash':'@P','stagesHash':'@S','currentStageName':'" current "','stages':[" \
    entries "]}"
#define APPROVED ",'trigger':{'manual':{'approved':true}}"

static void init(struct scene *scene, const char *stages, const char *status)
{
    char *spec = str_format("{'profileSpec':{'policyRefs':[{'kind':'ConfigMap','name':'a'}]},"
                            "'stages':[%s]}", stages);
    scene_init(scene);
    scene_promote(scene, "'finalizers':" SCENE_FINALIZERS ",", spec, status);
    mem_free(spec);
}

static struct promotion_events find(struct scene *scene, const struct promotion_sight *sight,
                                    const struct decision *decision)
{
    struct promotion_events events;
    assert_true(promotion_events_find(sight, decision, STR_NONE, scene->now, &scene->arena,
                                      &events));
    return events;
}

/* The note of the event with this reason; empty: there is none. */
static struct str note_of(const struct promotion_events *events, enum promotion_reason reason)
{
    for (size_t i = 0; i < events->count; i++) {
        if (events->items[i].reason == reason)
            return events->items[i].note;
    }
    return STR_NONE;
}

static struct str note(struct scene *scene, enum promotion_write write,
                       enum promotion_reason reason)
{
    struct promotion_sight sight = scene_look(scene);
    const struct decision decision = {
        .kind = write == WRITE_NONE ? DECISION_DONE : DECISION_WRITE,
        .write = write,
        .stage_index = STAGE_NONE};
    struct promotion_events events = find(scene, &sight, &decision);
    return note_of(&events, reason);
}

#define NONE ""

/* An approval of the stage before the current one is used up: the spec still shows it. */
static void an_approval_is_used_for_the_stage_behind_it(void **state)
{
    static const struct {
        const char *stages, *note;
    } rows[] = {
        {STAGE("qa", "qa", APPROVED) "," STAGE("prod", "prod", ""),
         "The approval of stage qa was used for stage prod"},
        {STAGE("qa", "qa", ",'trigger':{'manual':{}}") "," STAGE("prod", "prod", ""), NONE},
        {STAGE("qa", "qa", ",'trigger':{'auto':{}}") "," STAGE("prod", "prod", ""), NONE},
        {STAGE("renamed", "qa", APPROVED) "," STAGE("prod", "prod", ""), NONE},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct scene scene;
        init(&scene, rows[i].stages,
             STATUS("prod", ENTRY("qa", PROVISIONED) "," ENTRY("prod", "")));
        assert_str(note(&scene, WRITE_NONE, REASON_APPROVAL_USED), rows[i].note);
        scene_release(&scene);
    }
}

/* A sentence that has to wait (P8) is news all the same. */
static void a_wait_is_told_also_while_its_sentence_has_to_wait(void **state)
{
    const struct decision said = {.kind = DECISION_WRITE, .write = WRITE_SAY,
                                  .reason = REASON_FAILING, .stage_index = 0,
                                  .text = "Deployment is failing on ns/one"};
    struct decision written = said;
    struct scene scene;
    (void)state;
    init(&scene, STAGE("qa", "qa", ""), STATUS("qa", ENTRY("qa", "")));
    struct promotion_sight sight = scene_look(&scene);
    struct promotion_events events = find(&scene, &sight, &said);
    assert_str(note_of(&events, REASON_FAILING), "Stage qa: Deployment is failing on ns/one");
    written.write = WRITE_ADVANCE;
    events = find(&scene, &sight, &written);
    assert_null(note_of(&events, REASON_FAILING).data);
    scene_release(&scene);
}

/* What a write puts an end to is not told of before. */
static void conditions_are_told_of_what_goes_on(void **state)
{
    static const struct {
        enum promotion_write write;
        const char *left_out, *withdrawal;
    } rows[] = {
        {WRITE_NONE, "Stage qa leaves out clusters that are not ready: ns/asleep", "any"},
        {WRITE_APPLY_PROFILE, "Stage qa leaves out clusters that are not ready: ns/asleep", "any"},
        {WRITE_ADVANCE, NONE, "any"},
        {WRITE_COMPLETE, NONE, "any"},
        {WRITE_START, NONE, NONE},
        {WRITE_CUT_STAGES, NONE, NONE},
    };
    const struct scene_profile qa = {.stage = 0};
    const struct scene_profile old = {.name = "web-old"};
    struct scene scene;
    (void)state;
    init(&scene, STAGE("qa", "qa", ""), STATUS("qa", ENTRY("qa", "")));
    (void)scene_put_profile(&scene, &qa);
    (void)scene_put_profile(&scene, &old);
    scene_put_cluster(&scene, "asleep", "qa", NULL, "{'ready':false}");
    scene_put_cluster(&scene, "awake", "qa", NULL, NULL);
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        assert_str(note(&scene, rows[i].write, REASON_CLUSTER_NOT_READY), rows[i].left_out);
        struct str withdrawal = note(&scene, rows[i].write, REASON_WOULD_WITHDRAW);
        assert_int_equal(str_is_empty(withdrawal), str_is(str_from(rows[i].withdrawal), NONE));
    }
    scene_release(&scene);
}

#define WITHDRAWS(from) \
    "No stage wants ClusterProfile web-old any more: deleted once the promotion is complete, " \
    "which withdraws it from " from

/* Of the clusters of a profile that no stage wants, those that no stage selects lose it. */
static void a_withdrawal_counts_the_clusters_that_lose_something(void **state)
{
    static const struct {
        const char *clusters[2]; /* with summaries; "gone" is no cluster */
        const char *spec;
        const char *note;
    } rows[] = {
        {{NULL}, NULL, WITHDRAWS("0 clusters")},
        {{"qa"}, NULL, WITHDRAWS("0 clusters")},
        {{"spare"}, NULL, WITHDRAWS("1 cluster")},
        {{"spare", "spare-2"}, NULL, WITHDRAWS("2 clusters")},
        {{"spare", "gone"}, NULL, WITHDRAWS("1 cluster")},
        {{"spare"}, "{'stopMatchingBehavior':'LeavePolicies'}", WITHDRAWS("0 clusters")},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        const struct scene_profile old = {.name = "web-old", .spec = rows[i].spec};
        struct scene scene;
        init(&scene, STAGE("qa", "qa", ""), STATUS("qa", ENTRY("qa", "")));
        scene_put_cluster(&scene, "qa", "qa", NULL, NULL);
        scene_put_cluster(&scene, "spare", "spare", NULL, NULL);
        scene_put_cluster(&scene, "spare-2", "spare", NULL, NULL);
        const struct profile *profile = scene_put_profile(&scene, &old);
        for (size_t j = 0; j < 2 && rows[i].clusters[j] != NULL; j++)
            scene_put_summary(&scene, profile, rows[i].clusters[j], NULL, NULL, NULL);
        assert_str(note(&scene, WRITE_NONE, REASON_WOULD_WITHDRAW), rows[i].note);
        scene_release(&scene);
    }
}

#define FAILS "{'featureSummaries':[{'featureID':'Helm','status':'Failed'}]}"

/* A stage that was left and fails now; not by a summary that is on its way out. */
static void a_stage_that_was_left_regresses(void **state)
{
    static const struct {
        const char *metadata, *status, *note;
    } rows[] = {
        {NULL, FAILS, "Stage qa was provisioned and now fails on ns/one"},
        {NULL, NULL, NONE},
        {"{'deletionTimestamp':'2026-01-01T00:00:00Z'}", FAILS, NONE},
    };
    const struct scene_profile qa = {.stage = 0};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct scene scene;
        init(&scene, STAGE("qa", "qa", "") "," STAGE("prod", "prod", ""),
             STATUS("prod", ENTRY("qa", PROVISIONED) "," ENTRY("prod", "")));
        const struct profile *profile = scene_put_profile(&scene, &qa);
        scene_put_summary(&scene, profile, "one", rows[i].metadata, NULL, rows[i].status);
        assert_str(note(&scene, WRITE_NONE, REASON_STAGE_REGRESSED), rows[i].note);
        scene_release(&scene);
    }
}

#define GATE ",'trigger':{'auto':{'postDelayHealthChecks':[{'name':'up','featureID':'Resources'}]}}"

/* What is taken over with its checks in was never applied by us: nothing in it is beside ours. */
static void what_was_taken_over_has_no_foreign_fields(void **state)
{
    const struct scene_profile ours = {.stage = 0, .spec = "{'maxUpdate':7}"};
    const struct scene_profile taken = {
        .stage = 0, .unclaimed = true, .role = ROLE_GATED, .spec = "{'maxUpdate':7}"};
    struct scene scene;
    (void)state;
    init(&scene, STAGE("qa", "qa", GATE) "," STAGE("prod", "prod", ""),
         STATUS("qa", ENTRY("qa", PROVISIONED)));
    (void)scene_put_profile(&scene, &ours);
    assert_str(note(&scene, WRITE_NONE, REASON_FOREIGN_FIELDS),
               "ClusterProfile web-qa has fields that are not ours: spec.maxUpdate");
    (void)scene_put_profile(&scene, &taken);
    assert_int_equal(scene_look(&scene).view.stages[0].profile, PROFILE_AS_WANTED);
    assert_str(note(&scene, WRITE_NONE, REASON_FOREIGN_FIELDS), NONE);
    scene_release(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_approval_is_used_for_the_stage_behind_it),
        cmocka_unit_test(a_wait_is_told_also_while_its_sentence_has_to_wait),
        cmocka_unit_test(conditions_are_told_of_what_goes_on),
        cmocka_unit_test(a_withdrawal_counts_the_clusters_that_lose_something),
        cmocka_unit_test(a_stage_that_was_left_regresses),
        cmocka_unit_test(what_was_taken_over_has_no_foreign_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
