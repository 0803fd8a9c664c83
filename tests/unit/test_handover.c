/*
 * Which profile has to let clusters go before the current stage's is applied, how far it is with
 * that, and what of it is written (P11). Stage prod is the current one; web-qa, web-prod and
 * profiles of no stage hold clusters.
 */
#include "controller/core/handover.h"

#include "tests/testlib/scene.h"

#define LEAVES "{'stopMatchingBehavior':'LeavePolicies'}"
#define OUR_REFS "{'f:clusterRefs':{}}"
#define OUR_BEHAVIOR "{'f:stopMatchingBehavior':{}}"
#define REF(name) \
    "{'kind':'SveltosCluster','namespace':'ns','name':'" name "','apiVersion':" \
    "'lib.projectsveltos.io/v1beta1'}"

static void init(struct scene *scene, const char *profile_spec)
{
    char *spec = str_format("{'profileSpec':%s,'stages':["
                            "{'name':'qa','clusterSelector':{'matchLabels':{'env':'qa'}}},"
                            "{'name':'prod','clusterSelector':{'matchLabels':{'env':'prod'}}}]}",
                            profile_spec);
    scene_init(scene);
    scene_promote(scene, "'finalizers':" SCENE_FINALIZERS ",", spec,
                  "{'profileSpecHash':'@P','stagesHash':'@S','currentStageName':'prod','stages':["
                  "{'name':'qa','lastSuccessfulAppliedTime':'2026-01-01T00:00:00Z'},"
                  "{'name':'prod'}]}");
    mem_free(spec);
}

/* A cluster by its name: of an environment, or one of prod with something about it. */
static void put_cluster(struct scene *scene, const char *name)
{
    if (strcmp(name, "going") == 0)
        scene_put_cluster(scene, name, "prod",
                          "{'deletionTimestamp':'2026-01-01T00:00:00Z'}", NULL);
    else if (strcmp(name, "asleep") == 0)
        scene_put_cluster(scene, name, "prod", NULL, "{'ready':false}");
    else if (strcmp(name, "prod-2") == 0)
        scene_put_cluster(scene, name, "prod", NULL, NULL);
    else if (strcmp(name, "gone") != 0)
        scene_put_cluster(scene, name, name, NULL, NULL);
}

/* A profile that holds clusters, as they are named, and where it is with letting them go. */
struct row {
    struct scene_profile holder;
    const char *holds;         /* a cluster; NULL: none */
    const char *holds_too;     /* another one; NULL: none */
    const char *summary_spec;  /* of the first one; members */
    const char *profile_spec;  /* of the promotion; NULL: {} */
    enum handover handover;
    bool stays;
    const char *selects;       /* a cluster that is selected, and has no summary yet */
};

#define SELECTS_PROD "{'clusterSelector':{'matchLabels':{'env':'prod'}}}"
#define LETS_GO "{'clusterSelector':{'matchLabels':{'env':'prod'}},'stopMatchingBehavior':" \
                "'LeavePolicies'}"
#define LET_GO "{'clusterSelector':{},'stopMatchingBehavior':'LeavePolicies'}"
#define OLD "web-old"

static const struct row rows[] = {
    /* of no stage: each step */
    {{.name = OLD, .spec = SELECTS_PROD}, "prod", NULL, NULL, NULL, HANDOVER_HELD, false, NULL},
    {{.name = OLD, .spec = LETS_GO}, "prod", NULL, NULL, NULL, HANDOVER_RELEASED, false, NULL},
    {{.name = OLD, .spec = LETS_GO}, "prod", NULL, "{'clusterProfileSpec':{}}", NULL,
     HANDOVER_AWAITED, false, NULL},
    {{.name = OLD, .spec = LETS_GO}, "prod", NULL, "{'clusterProfileSpec':{'tier':'high'}}", NULL,
     HANDOVER_AWAITED, false, NULL}, /* undecodable: shows nothing */
    {{.name = OLD, .spec = LET_GO}, "prod", NULL, NULL, NULL, HANDOVER_AWAITED, false, NULL},
    {{.name = OLD, .spec = SELECTS_PROD,
      .metadata = "{'deletionTimestamp':'2026-01-01T00:00:00Z'}"},
     "prod", NULL, NULL, NULL, HANDOVER_AWAITED, false, NULL},
    /* what will come is to go elsewhere at once; only ready clusters are told, in sync or not */
    {{.name = OLD, .spec = SELECTS_PROD}, NULL, NULL, NULL, NULL, HANDOVER_HELD, false, "prod"},
    {{.name = OLD, .spec = LETS_GO}, NULL, NULL, NULL, NULL, HANDOVER_RELEASED, false, "prod"},
    {{.name = OLD, .spec = LETS_GO, .metadata = "{'deletionTimestamp':'2026-01-01T00:00:00Z'}"},
     NULL, NULL, NULL, NULL, HANDOVER_NONE, false, "prod"},
    {{.name = OLD, .spec = LETS_GO}, "asleep", NULL, "{'clusterProfileSpec':{}}", NULL,
     HANDOVER_RELEASED, false, NULL},
    /* who writes its summaries once, or in batches, may never show it there */
    {{.name = OLD, .spec = LETS_GO}, "prod", NULL, "{'clusterProfileSpec':{}}",
     "{'syncMode':'OneTime'}", HANDOVER_RELEASED, false, NULL},
    {{.name = OLD, .spec = LETS_GO}, "prod", NULL, "{'clusterProfileSpec':{}}",
     "{'maxUpdate':1}", HANDOVER_RELEASED, false, NULL},
    /* one has left, but is still there; another is selected yet */
    {{.name = OLD, .spec = "{'clusterSelector':{},'clusterRefs':[" REF("prod") "]}",
      .ours = OUR_REFS},
     "prod-2", "prod", NULL, NULL, HANDOVER_HELD, false, NULL},
    /* what is on its way out, gone, not ready, or of nobody is not waited for */
    {{.name = OLD, .spec = SELECTS_PROD}, "going", NULL, NULL, NULL, HANDOVER_NONE, false, NULL},
    {{.name = OLD, .spec = SELECTS_PROD}, "gone", NULL, NULL, NULL, HANDOVER_NONE, false, NULL},
    {{.name = OLD, .spec = LET_GO}, "asleep", NULL, NULL, NULL, HANDOVER_NONE, false, NULL},
    {{.name = OLD, .spec = SELECTS_PROD}, "spare", NULL, NULL, NULL, HANDOVER_NONE, false, NULL},
    {{.name = OLD, .spec = SELECTS_PROD}, "qa", NULL, NULL, NULL, HANDOVER_NONE, false, NULL},
    /* of a stage before: it stays, and gets its policy back */
    {{.spec = "{'clusterSelector':{'matchLabels':{}},'clusterRefs':[" REF("prod") "]}"}, "qa",
     "prod", NULL, NULL, HANDOVER_HELD, true, NULL},
    {{.spec = LEAVES, .ours = OUR_BEHAVIOR}, "qa", NULL, NULL, NULL, HANDOVER_NARROWED, true, NULL},
    {{.spec = LEAVES}, "qa", NULL, NULL, NULL, HANDOVER_NONE, true, NULL}, /* others' wish */
    {{.spec = LEAVES, .ours = OUR_BEHAVIOR}, "qa", NULL, NULL, LEAVES, HANDOVER_NONE, true, NULL},
    {{.name = OLD, .spec = LET_GO, .ours = OUR_BEHAVIOR}, "spare", NULL, NULL, NULL,
     HANDOVER_NONE, false, NULL},
    /* the current stage's own: what no stage selects is kept by name, unless it is already, or
     * the list is somebody else's */
    {{.stage = 1, .spec = "{'clusterSelector':{'matchLabels':{'env':'spare'}}}"}, "spare", NULL,
     NULL, NULL, HANDOVER_RELEASED, true, NULL},
    {{.stage = 1, .spec = "{'clusterRefs':[" REF("spare") "]}", .ours = OUR_REFS}, "spare", NULL,
     NULL, NULL, HANDOVER_NONE, true, NULL},
    {{.stage = 1, .spec = "{'clusterSelector':{'matchLabels':{'env':'spare'}},'clusterRefs':["
                          REF("other") "]}"},
     "spare", NULL, NULL, NULL, HANDOVER_NONE, true, NULL},
    {{.stage = 1, .spec = "{'tier':7}"}, "spare", NULL, NULL, NULL, HANDOVER_NONE, true, NULL},
    {{.stage = 1, .spec = "{'clusterSelector':{'matchLabels':{'env':'qa'}}}"}, "qa", NULL, NULL,
     NULL, HANDOVER_HELD, true, NULL},
};

static void hold(struct scene *scene, const struct row *row)
{
    const struct profile *holder = scene_put_profile(scene, &row->holder);
    const char *const held[] = {row->holds, row->holds_too};
    for (size_t i = 0; i < ARRAY_COUNT(held); i++) {
        if (held[i] == NULL)
            continue;
        put_cluster(scene, held[i]);
        scene_put_summary(scene, holder, held[i], NULL, i == 0 ? row->summary_spec : NULL, NULL);
    }
    if (row->selects != NULL)
        put_cluster(scene, row->selects);
}

static void a_holder_lets_go_step_by_step(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct scene scene;
        init(&scene, rows[i].profile_spec != NULL ? rows[i].profile_spec : "{}");
        hold(&scene, &rows[i]);
        struct promotion_sight sight = scene_look(&scene);
        if (sight.view.handover != rows[i].handover)
            fail_msg("row %zu: handover %d", i, (int)sight.view.handover);
        if (sight.view.handover != HANDOVER_NONE) {
            assert_int_equal(sight.view.holder_stays, rows[i].stays);
            assert_non_null(sight.holder);
        }
        scene_release(&scene);
    }
}

/* A profile that is as wanted is not touched for what it happens to hold. */
static void nothing_is_taken_before_the_current_stage_needs_it(void **state)
{
    const struct row held = {{.name = OLD, .spec = SELECTS_PROD}, .holds = "prod"};
    const struct scene_profile current = {.stage = 1};
    struct scene scene;
    (void)state;
    init(&scene, "{}");
    hold(&scene, &held);
    assert_int_equal(scene_look(&scene).view.handover, HANDOVER_HELD);
    (void)scene_put_profile(&scene, &current);
    assert_int_equal(scene_look(&scene).view.handover, HANDOVER_NONE);
    scene_release(&scene);
}

/* The cache has no order; the names have one. */
static void holders_and_keepers_come_in_the_order_of_names(void **state)
{
    static const char *const names[] = {"web-d", "web-b", "web-e", "web-a", "web-c", "web-f"};
    struct scene scene;
    (void)state;
    init(&scene, "{}");
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        struct row held = {{.name = names[i], .spec = SELECTS_PROD}, .holds = "prod"};
        hold(&scene, &held);
    }
    assert_str(scene_look(&scene).view.holder_name, "web-a");
    scene_release(&scene);
}

static void of_two_keepers_the_first_by_name_withdraws_first(void **state)
{
    struct scene scene;
    (void)state;
    for (size_t stage = 0; stage < 2; stage++) { /* in both orders */
        const struct scene_profile first = {
            .stage = stage, .spec = "{'clusterRefs':[" REF("spare") "]}", .ours = OUR_REFS};
        const struct scene_profile second = {
            .stage = 1 - stage, .spec = "{'clusterRefs':[" REF("spare") "]}", .ours = OUR_REFS};
        init(&scene, "{}");
        (void)scene_put_profile(&scene, &first);
        (void)scene_put_profile(&scene, &second);
        struct promotion_sight sight = scene_look(&scene);
        assert_true(sight.view.has_kept);
        assert_str(sight.keeper->object.meta.name, "web-prod");
        scene_release(&scene);
    }
}

static void check_narrowed(const struct row *row, const char *expected)
{
    struct scene scene;
    init(&scene, "{}");
    hold(&scene, row);
    struct promotion_sight sight = scene_look(&scene);
    assert_int_equal(sight.view.handover, HANDOVER_RELEASED);
    CLEANUP(json_free_pointer) struct json *narrowed = handover_narrowed(&sight);
    CLEANUP(json_free_pointer) struct json *wanted = scene_json(expected);
    if (!json_equal(narrowed, wanted)) {
        char *text = json_print_text(narrowed);
        fail_msg("%s", text);
    }
    scene_release(&scene);
}

static void what_is_kept_is_listed_and_what_leaves_is_not(void **state)
{
    static const struct row kept = {
        {.stage = 1, .spec = "{'clusterSelector':{'matchLabels':{'env':'spare'}}}"},
        .holds = "spare", .holds_too = "lost"};
    static const struct row leaving = {{.name = OLD, .spec = LETS_GO}, .holds = "prod"};
    static const struct row holding_none = {{.name = OLD, .spec = LETS_GO}, .selects = "prod"};
    static const struct row listed_by_others = {
        {.name = OLD, .spec = "{'clusterSelector':{'matchLabels':{'env':'prod'}},"
                              "'stopMatchingBehavior':'LeavePolicies',"
                              "'clusterRefs':[" REF("other") "]}"},
        .holds = "prod"};
    (void)state;
    check_narrowed(&kept,
                   "{'clusterSelector':{'matchLabels':null,'matchExpressions':["
                   "{'key':'env','operator':'In','values':['spare']},"
                   "{'key':'env','operator':'In','values':['prod']}]},"
                   "'clusterRefs':[" REF("spare") "]}");
    check_narrowed(&leaving, "{'clusterSelector':{'matchLabels':null,'matchExpressions':null},"
                             "'clusterRefs':null}");
    check_narrowed(&holding_none, "{'clusterSelector':{'matchLabels':null,'matchExpressions':"
                                  "null},'clusterRefs':null}");
    check_narrowed(&listed_by_others,
                   "{'clusterSelector':{'matchLabels':null,'matchExpressions':null}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_holder_lets_go_step_by_step),
        cmocka_unit_test(nothing_is_taken_before_the_current_stage_needs_it),
        cmocka_unit_test(holders_and_keepers_come_in_the_order_of_names),
        cmocka_unit_test(of_two_keepers_the_first_by_name_withdraws_first),
        cmocka_unit_test(what_is_kept_is_listed_and_what_leaves_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
