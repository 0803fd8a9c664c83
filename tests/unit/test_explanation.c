/* The words of explanations: each reason to wait says what for, each write what it does, and what
 * stands in braces is known. What they say of real promotions is in tests/explain; here is what a
 * cache may hold besides. */
#include "controller/core/explanation.h"

#include "controller/core/explanation_words.h"
#include "tests/testlib/scene.h"

/* As explanation.c replaces them. */
static const char *const tokens[] = {"index", "name", "stage", "trigger", "delay", "from", "to",
                                     "selector", "checks", "check", "next", "detail", "field",
                                     "promotion", "manager", "object", "left", "total"};

static bool is_known(struct str token)
{
    for (size_t i = 0; i < ARRAY_COUNT(tokens); i++) {
        if (str_is(token, tokens[i]))
            return true;
    }
    return false;
}

/* Braces with letters alone between them. */
static void check_tokens(const char *words)
{
    struct str text = str_from(words);
    for (size_t at = str_find(text, '{', 0); at < text.len; at = str_find(text, '{', at + 1)) {
        struct str token = str_slice(text, at + 1, str_find(text, '}', at));
        if (token.len > 0 && token.data[0] >= 'a' && token.data[0] <= 'z' && !is_known(token))
            fail_msg("%s: {%.*s} is no token", words, STR_ARGS(token));
    }
}

static bool is_a_wait(enum promotion_reason reason)
{
    return (reason >= REASON_PROVISIONING && reason <= REASON_OTHER_CONTROLLER) ||
           reason == REASON_DELETING || reason == REASON_PRESERVING;
}

static void every_wait_says_what_for(void **state)
{
    (void)state;
    for (unsigned i = 0; i < PROMOTION_REASON_COUNT; i++) {
        enum promotion_reason reason = (enum promotion_reason)i;
        struct explanation_words words = promotion_reason_words(reason);
        assert_int_equal(words.waits_for != NULL, is_a_wait(reason));
        check_tokens(words.waits_for);
        check_tokens(words.remedy);
    }
}

/* Where Sveltos, time or the controller itself end a wait, people need do nothing. */
static void what_waits_for_people_says_what_to_do(void **state)
{
    (void)state;
    for (unsigned i = 0; i < PROMOTION_REASON_COUNT; i++) {
        enum promotion_reason reason = (enum promotion_reason)i;
        bool for_people = (reason >= REASON_NAME_TAKEN && reason <= REASON_OTHER_CONTROLLER) ||
                          promotion_reason_is_failure(reason) ||
                          reason == REASON_AWAITING_APPROVAL || reason == REASON_STAGE_EMPTY;
        if (for_people)
            assert_non_null(promotion_reason_words(reason).remedy);
    }
}

static void every_write_says_what_it_does(void **state)
{
    (void)state;
    assert_null(promotion_write_words(WRITE_NONE));
    for (unsigned i = WRITE_NONE + 1; i <= WRITE_COMPLETE; i++) {
        assert_non_null(promotion_write_words((enum promotion_write)i));
        check_tokens(promotion_write_words((enum promotion_write)i));
    }
}

#define STAGE(name, trigger) \
    "{'name':'" name "','clusterSelector':{'matchLabels':{'env':'" name "'}}" trigger "}"
#define TWO_STAGES STAGE("qa", "") "," STAGE("prod", "")
#define STATUS(current, entries) \
    "{'profileSpecHash':'@P','stagesHash':'@S','currentStageName':'" current "','stages':[" \
    entries "]}"
#define DONE(name) "{'name':'" name "','lastSuccessfulAppliedTime':'2026-01-01T00:30:00Z'}"
#define SAYS(name, text) "{'name':'" name "','currentStatusDescription':'" text "'}"
#define DELETED "'deletionTimestamp':'2026-01-01T00:59:00Z'"
#define DELETED_MS (SCENE_NOW_MS - 60000)

static void init(struct scene *scene, const char *metadata, const char *stages,
                 const char *status)
{
    char *spec = str_format("{'profileSpec':{'policyRefs':[{'kind':'ConfigMap','name':'a'}]},"
                            "'stages':[%s]}", stages);
    char *beside = str_format("'finalizers':" SCENE_FINALIZERS ",%s", metadata);
    scene_init(scene);
    scene_promote(scene, beside, spec, status);
    mem_free(beside);
    mem_free(spec);
}

static struct explanation explain(struct scene *scene)
{
    struct explanation explanation;
    arena_clear(&scene->arena);
    assert_true(promotion_explain(&scene->store, scene->promotion, &scene->memory, scene->now,
                                  &scene->arena, &explanation));
    return explanation;
}

/* What is still to come behind the clusters; behind the last stage nothing is waited for (D5). */
static void what_follows_is_what_the_trigger_still_asks_for(void **state)
{
    static const char window[] =
        STAGE("qa", ",'trigger':{'auto':{'promotionWindow':{'from':'0 2 * * *','to':'@hourly'}}}");
    static const char manual[] = STAGE("qa", ",'trigger':{'manual':{'delay':'5m'}}");
    static const char approved[] = STAGE("qa", ",'trigger':{'manual':{'approved':true}}");
    static const struct {
        const char *stage, *next, *next_of_the_last;
    } rows[] = {
        {window, "its promotion window, then stage prod is entered", "the promotion is complete"},
        {manual, "5m0s of soak, an approval, then stage prod is entered",
         "5m0s of soak, then the promotion is complete"},
        {approved, "stage prod is entered", "the promotion is complete"},
    };
    const struct scene_profile qa = {.stage = 0};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows) * 2; i++) {
        bool last = i % 2 == 1;
        char *stages = str_format("%s%s", rows[i / 2].stage, last ? "" : "," STAGE("prod", ""));
        struct scene scene;
        init(&scene, "", stages, STATUS("qa", SAYS("qa", "")));
        (void)scene_put_profile(&scene, &qa);
        scene_put_cluster(&scene, "one", "qa", NULL, NULL);
        assert_str(explain(&scene).next,
                   last ? rows[i / 2].next_of_the_last : rows[i / 2].next);
        scene_release(&scene);
        mem_free(stages);
    }
}

/* A sentence may stand without a time, or with one that is none. */
static void since_when_is_what_is_known(void **state)
{
    static const struct {
        const char *description;
        int64_t since_ms;
    } rows[] = {
        {"Clusters are being provisioned (2026-01-01T00:59:00Z)", DELETED_MS},
        {"Clusters are being provisioned", SCENE_NOW_MS},
        {"Clusters are being provisioned (yesterday)", SCENE_NOW_MS},
    };
    const struct scene_profile qa = {.stage = 0};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        char *entry = str_format("{'name':'qa','currentStatusDescription':'%s'}",
                                 rows[i].description);
        char *status = str_format(STATUS("qa", "%s"), entry);
        struct scene scene;
        init(&scene, "", TWO_STAGES, status);
        (void)scene_put_profile(&scene, &qa);
        scene_put_cluster(&scene, "one", "qa", NULL, NULL);
        struct explanation found = explain(&scene);
        assert_int_equal(found.reason, REASON_PROVISIONING);
        assert_int_equal(found.since_ms, rows[i].since_ms);
        scene_release(&scene);
        mem_free(status);
        mem_free(entry);
    }
}

/* What only quiet proves is read once more, which is told like any other work (P7). */
static void a_look_at_a_summary_is_explained(void **state)
{
    const struct scene_profile qa = {.redeploys = "{\"Resources\":\"unsettled\"}"};
    struct scene scene;
    (void)state;
    init(&scene, "", TWO_STAGES, STATUS("qa", SAYS("qa", "")));
    const struct profile *profile = scene_put_profile(&scene, &qa);
    scene_put_cluster(&scene, "one", "qa", NULL, NULL);
    scene_put_summary(&scene, profile, "one", "{'generation':2}", NULL, NULL);
    struct summary *summary = (struct summary *)store_find(
        &scene.store, KUBE_CLUSTER_SUMMARIES, STR("ns/web-qa-sveltos-one"));
    summary->annotations_hash = profile->annotations_hash;
    struct explanation found = explain(&scene);
    assert_int_equal(found.state, EXPLANATION_AT_WORK);
    assert_str(found.does, "looks whether a ClusterSummary is still as it was seen");
    scene_release(&scene);
}

/* Nothing is said in status any more: the memory tells, and the object. */
static void a_deletion_that_is_refused_is_explained(void **state)
{
    struct scene scene;
    (void)state;
    init(&scene, DELETED ",", TWO_STAGES, STATUS("qa", SAYS("qa", "")));
    scene.memory.refusal = STR("no");
    scene.memory.refused_until_ms = SCENE_NOW_MS + 1000;
    struct explanation found = explain(&scene);
    assert_int_equal(found.reason, REASON_REFUSED);
    assert_int_equal(found.since_ms, SCENE_NOW_MS + 1000 - REFUSED_RETRY_MS);
    assert_int_equal(found.until_ms, SCENE_NOW_MS + 1000);
    scene_release(&scene);
}

/* Of ours that go, ten by name; others' and those that stay are not waited for. */
static void profiles_that_go_are_waited_for(void **state)
{
    struct scene scene;
    (void)state;
    init(&scene, "'deletionTimestamp':'soon',", TWO_STAGES, STATUS("qa", SAYS("qa", "")));
    for (unsigned i = 0; i < NAMED_CLUSTERS_MAX + 2; i++) {
        char *name = str_format("web-%02u", i);
        const struct scene_profile going = {.name = name, .metadata = "{" DELETED "}"};
        (void)scene_put_profile(&scene, &going);
        mem_free(name);
    }
    const struct scene_profile foreign = {
        .name = "db", .metadata = "{" DELETED ",'labels':{},'ownerReferences':[]}"};
    const struct scene_profile staying = {.name = "db-2",
                                          .metadata = "{'labels':{},'ownerReferences':[]}"};
    (void)scene_put_profile(&scene, &foreign);
    (void)scene_put_profile(&scene, &staying);
    struct explanation found = explain(&scene);
    assert_int_equal(found.reason, REASON_DELETING);
    assert_int_equal(found.waited_count, NAMED_CLUSTERS_MAX + 2);
    for (size_t i = 0; i < NAMED_CLUSTERS_MAX; i++)
        assert_true(str_starts_with(found.waited[i].name, STR("web-")));
    assert_int_equal(found.since_ms, SCENE_NOW_MS); /* no time that anybody can read */
    scene_release(&scene);
}

/* Clusters of the holder that the current stage selects; it may hold others, too. */
static void clusters_that_are_held_are_waited_for(void **state)
{
    const struct scene_profile old = {
        .name = "web-old", .spec = "{'clusterSelector':{'matchLabels':{'env':'prod'}}}",
        .metadata = "{" DELETED "}"};
    struct scene scene;
    (void)state;
    init(&scene, "", TWO_STAGES, STATUS("prod", DONE("qa") "," SAYS("prod", "")));
    const struct profile *holder = scene_put_profile(&scene, &old);
    scene_put_cluster(&scene, "one", "prod", NULL, NULL);
    scene_put_cluster(&scene, "other", "spare", NULL, NULL);
    scene_put_summary(&scene, holder, "one", NULL, NULL, NULL);
    scene_put_summary(&scene, holder, "other", NULL, NULL, NULL);
    scene_put_summary(&scene, holder, "gone", NULL, NULL, NULL);
    const struct scene_profile qa = {.stage = 0};
    (void)scene_put_profile(&scene, &qa);
    struct explanation found = explain(&scene);
    assert_int_equal(found.reason, REASON_HANDING_OVER);
    assert_int_equal(found.waited_count, 1);
    assert_str(found.waited[0].name, "ns/one");
    assert_str(found.waited[0].why, "is held by ClusterProfile web-old");
    scene_release(&scene);
}

/* How many clusters have a stage's configuration: by a profile that is ours, and entered. */
static void clusters_count_by_the_profile_of_an_entered_stage(void **state)
{
    static const struct {
        const char *promotion, *profile; /* metadata */
        size_t stage, done;
    } rows[] = {
        {"", NULL, 0, 1},
        {"", "{'annotations':{}}", 0, 0},           /* another configuration, perhaps */
        {"", NULL, 1, 0},                           /* left over from another run */
        {DELETED ",", "{'annotations':{}}", 0, 1},  /* what is deleted, they have still */
        {DELETED ",", "{'labels':{},'ownerReferences':[],'annotations':{}}", 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        const struct scene_profile profile = {.stage = rows[i].stage,
                                              .metadata = rows[i].profile};
        struct scene scene;
        init(&scene, rows[i].promotion, TWO_STAGES, STATUS("qa", SAYS("qa", "")));
        const struct profile *put = scene_put_profile(&scene, &profile);
        scene_put_cluster(&scene, "one", rows[i].stage == 0 ? "qa" : "prod", NULL, NULL);
        scene_put_summary(&scene, put, "one", NULL, NULL, NULL);
        struct explanation found = explain(&scene);
        assert_int_equal(found.stages[rows[i].stage].cluster_count, 1);
        assert_int_equal(found.stages[rows[i].stage].clusters_done, rows[i].done);
        scene_release(&scene);
    }
}

/* What status tells of a refusal; without a time it is not known until when. */
static void a_refusal_is_recalled_with_its_time(void **state)
{
    static const struct {
        const char *description;
        int64_t until_ms; /* 0: not recalled */
    } rows[] = {
        {"The API server refused: no (2026-01-01T00:59:00Z)", DELETED_MS + REFUSED_RETRY_MS},
        {"The API server refused: no (2026-01-01T00:39:00Z)",
         DELETED_MS - 20 * 60000 + 3 * REFUSED_RETRY_MS},
        {"The API server refused: no (2026-01-01T01:00:01Z)", /* a clock that was set back */
         SCENE_NOW_MS + 1000 + REFUSED_RETRY_MS},
        {"The API server refused: no", 0},
        {"Clusters are being provisioned (2026-01-01T00:59:00Z)", 0},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        char *entry = str_format("{'name':'qa','currentStatusDescription':'%s'}",
                                 rows[i].description);
        char *status = str_format(STATUS("qa", "%s"), entry);
        struct promotion_memory memory = {.zones = NULL};
        struct scene scene;
        init(&scene, "", TWO_STAGES, status);
        promotion_memory_recall(scene.promotion, scene.now, &memory);
        assert_int_equal(memory.refused_until_ms, rows[i].until_ms);
        assert_str(memory.refusal, rows[i].until_ms > 0 ? "no" : "");
        scene_release(&scene);
        mem_free(status);
        mem_free(entry);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_wait_says_what_for),
        cmocka_unit_test(what_waits_for_people_says_what_to_do),
        cmocka_unit_test(every_write_says_what_it_does),
        cmocka_unit_test(what_follows_is_what_the_trigger_still_asks_for),
        cmocka_unit_test(since_when_is_what_is_known),
        cmocka_unit_test(a_look_at_a_summary_is_explained),
        cmocka_unit_test(a_deletion_that_is_refused_is_explained),
        cmocka_unit_test(profiles_that_go_are_waited_for),
        cmocka_unit_test(clusters_that_are_held_are_waited_for),
        cmocka_unit_test(clusters_count_by_the_profile_of_an_entered_stage),
        cmocka_unit_test(a_refusal_is_recalled_with_its_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
