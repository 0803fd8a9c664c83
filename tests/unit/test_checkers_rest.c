/*
 * The judges of rest, of windows and of what a writer knew, each shown what is right and a planted
 * fault.
 */
#include "tests/testlib/bench_life.h"
#include "tests/testlib/bench_verdict.h"

/* What L1 says of a promotion that rests as it is; "" when it is content; owned. */
static char *found_at_rest(struct bench *bench)
{
    struct evidence evidence;
    struct verdict verdict = {0};
    bench_evidence(bench, &evidence);
    evidence.quiet_from_ms = evidence.now_ms;
    (void)checkers_run_one(STR("L1"), &evidence, &verdict);
    char *text = str_dup(verdict.total == 0 ? STR("") : str_from(verdict.items[0].text));
    verdict_release(&verdict);
    return text;
}

static void expect_rest(const char *trigger, const char *description, const char *fragment)
{
    struct bench bench;
    bench_init(&bench);
    life_begins(&bench, trigger);
    bench_at(&bench, 60000);
    life_provisioned(&bench, description);
    bench_at(&bench, 600000);
    char *found = found_at_rest(&bench);
    if (fragment[0] == '\0' ? found[0] != '\0' : strstr(found, fragment) == NULL)
        fail_msg("%s: expected \"%s\", found \"%s\"", description, fragment, found);
    mem_free(found);
    bench_release(&bench);
}

#define LEAVING "Waiting for the end of a ClusterProfile that is being deleted: "

static void l1_finds_reasons_to_wait_that_are_not_true(void **state)
{
    (void)state;
    static const struct {
        const char *trigger, *description, *fragment;
    } ROWS[] = {
        {MANUAL, "Paused: Awaiting Manual Approval", ""},
        {"{'manual':{'approved':true}}", "Paused: Awaiting Manual Approval", "it is approved"},
        {AUTO_60S, "Paused: Awaiting Manual Approval", "needs no approval"},
        {AUTO_60S, "Delayed: Waiting for Time Window: 2026-01-01T00:20:00Z", ""},
        {AUTO_60S, "Delayed: Waiting for Time Window: 2026-01-01T00:02:00Z", "time is over"},
        {AUTO_60S, "Delayed: Waiting", "names no time"},
        {AUTO_60S, "Clusters are being provisioned", "everything is deployed"},
        {AUTO_60S, "Deployment is failing on default/c1", "everything is deployed"},
        {AUTO_60S, "Waiting for paused clusters: default/c1", "no cluster of the stage is paused"},
        {AUTO_60S, "No matching cluster is ready: default/c1", "1 of its 1 clusters are ready"},
        {AUTO_60S, "Dry run: nothing is promoted", "syncMode is not DryRun"},
        {AUTO_60S, "Pre-check deployment is being provisioned", ""},
        {AUTO_60S, "Malformed: x", "in order"},
        {AUTO_60S, "A ClusterProfile that is not ours has the name p-a", "free, or ours"},
        {AUTO_60S, "No deployment would run the health check x", "something to run with"},
        {AUTO_60S, "The API server refused: no", "nothing was refused"},
        {AUTO_60S, LEAVING "p-a", "no ClusterProfile p-a is being deleted"},
        {AUTO_60S, "Successfully provisioned", "explains nothing"},
        {"{'auto':{'promotionWindow':{'from':'0 2 * * *','to':'0 4 * * *'}}}",
         "Window Closed: Waiting for Next Schedule (2026-01-01T02:00:00Z).", ""},
        {"{'auto':{'promotionWindow':{'from':'0 0 * * *','to':'0 4 * * *'}}}",
         "Window Closed: Waiting for Next Schedule (2026-01-02T00:00:00Z).", "window is open"},
        {"{'auto':{'promotionWindow':{'from':'0 0 31 2 *','to':'0 4 * * *'}}}",
         "Promotion window: never", ""},
        {"{'auto':{'promotionWindow':{'from':'0 0 * * *','to':'0 4 * * *'}}}",
         "Promotion window: never", "the window opens"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(ROWS); i++)
        expect_rest(ROWS[i].trigger, ROWS[i].description, ROWS[i].fragment);
}

/* One that an earlier promotion preserved belongs to nobody, and has the name still. */
static void l1_accepts_the_wait_for_a_profile_that_is_nobodys(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    life_begins(&bench, AUTO_60S);
    assert_int_equal(bench_user(&bench, "POST", CONFIG_API "/clusterprofiles", JSON_TYPE,
                                "{'apiVersion':'config.projectsveltos.io/v1beta1',"
                                "'kind':'ClusterProfile','metadata':{'name':'p-b',"
                                "'finalizers':['example.com/stays']},'spec':{}}"), 201);
    assert_int_equal(bench_user(&bench, "DELETE", PROFILES "p-b", NULL, ""), 200);
    bench_at(&bench, 60000);
    life_provisioned(&bench, LEAVING "p-b");
    bench_at(&bench, 600000);
    char *found = found_at_rest(&bench);
    assert_string_equal(found, "");
    mem_free(found);
    bench_release(&bench);
}

static void l1_finds_a_promotion_at_which_nothing_was_ever_done(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    life_given(&bench, MANUAL);
    bench_at(&bench, 600000);
    char *found = found_at_rest(&bench);
    assert_non_null(strstr(found, "no stage was ever entered"));
    mem_free(found);
    bench_release(&bench);
}

static void s2_finds_a_stage_that_is_left_outside_its_window(void **state)
{
    (void)state;
    static const struct {
        const char *window;
        bool open;
    } ROWS[] = {
        {"'from':'0 0 * * *','to':'0 4 * * *'", true},
        {"'from':'0 2 * * *','to':'0 4 * * *'", false},
        {"'from':'* * * * *','to':'0 4 * * *'", true},
        {"'from':'*/2 * * * *','to':'1-59/2 * * * *'", true},  /* +2m0s: at the opening */
        {"'from':'1-59/2 * * * *','to':'*/2 * * * *'", false}, /* +2m0s: at the closing */
        {"'from':'0 0 1 * 5','to':'0 0 2 * *'", true},         /* a Thursday, but the first */
        {"'from':'0 0 * * 5','to':'0 0 * * 6'", false},
        {"'from':'CRON_TZ=UTC 0 2 * * *','to':'CRON_TZ=UTC 0 4 * * *'", true}, /* no opinion */
    };
    for (size_t i = 0; i < ARRAY_COUNT(ROWS); i++) {
        struct bench bench;
        char *trigger = str_format("{'auto':{'promotionWindow':{%s}}}", ROWS[i].window);
        bench_init(&bench);
        life_begins(&bench, trigger);
        bench_at(&bench, 60000);
        life_provisioned(&bench, "Window Closed: x");
        bench_at(&bench, 120000);
        life_advances(&bench, "2026-01-01T00:01:00Z");
        if (ROWS[i].open)
            expect_clean(&bench, "S2");
        else
            expect_found(&bench, "S2", "expected its window to be open");
        bench_release(&bench);
        mem_free(trigger);
    }
}

/* A process that had listed nothing, and one that had listed all, before the cluster came. */
static void s1_holds_against_a_writer_only_what_it_was_told(void **state)
{
    (void)state;
    struct bench bench;
    struct evidence evidence;
    bench_init(&bench);
    life_begins(&bench, AUTO_60S);
    bench_at(&bench, 60000);
    life_provisioned(&bench, "Delayed");
    bench.rule.takes = (struct world_range){600000, 600000};
    static const char *const LISTS[] = {
        CONFIG_API "/clusterpromotions?limit=500", CONFIG_API "/clusterprofiles?limit=500",
        CONFIG_API "/clustersummaries?limit=500", CLUSTERS_API "?limit=500",
        "/apis/cluster.x-k8s.io/v1beta2/clusters?limit=500"};
    for (size_t i = 0; i < ARRAY_COUNT(LISTS); i++)
        assert_int_equal(bench_says(&bench, "GET", LISTS[i], NULL, ""), 200);
    life_cluster(&bench, "c3", "a");
    bench_at(&bench, 120000);
    life_advances(&bench, "2026-01-01T00:01:00Z");
    expect_found(&bench, "S1", "Resources of p-a is not deployed to default/c3");
    struct verdict verdict = {0};
    bench_evidence(&bench, &evidence);
    evidence.by_told = true;
    (void)checkers_run_one(STR("S1"), &evidence, &verdict);
    for (size_t i = 0; i < verdict.total; i++)
        assert_false(str_contains(str_from(verdict.items[i].text), STR("next stage is entered")));
    verdict_release(&verdict);
    bench_release(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(l1_finds_reasons_to_wait_that_are_not_true),
        cmocka_unit_test(l1_accepts_the_wait_for_a_profile_that_is_nobodys),
        cmocka_unit_test(l1_finds_a_promotion_at_which_nothing_was_ever_done),
        cmocka_unit_test(s2_finds_a_stage_that_is_left_outside_its_window),
        cmocka_unit_test(s1_holds_against_a_writer_only_what_it_was_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
