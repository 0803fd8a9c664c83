/*
 * The judges of how the controller writes: one write at a time, with a precondition, with effect,
 * not too often, and none at rest. Each is shown what is right and a planted fault.
 */
#include "tests/testlib/bench_life.h"
#include "tests/testlib/bench_verdict.h"

#define EVENTS "/apis/events.k8s.io/v1/namespaces/default/events"

static void s4_finds_two_writes_in_flight(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    life_begins(&bench, AUTO_60S);
    expect_clean(&bench, "S4");
    bench_mutters(&bench, "PATCH", PROMOTION "/status", MERGE,
                  "{'status':{'currentStageName':'x'}}");
    bench_mutters(&bench, "PATCH", PROFILES "p-a", MERGE, "{'spec':{'tier':7}}");
    bench_at(&bench, 0);
    expect_found(&bench, "S4", "expected no other write of promotion p in flight; found PATCH "
                               PROMOTION "/status");
    bench_release(&bench);
}

static void s5_finds_each_form_of_write_without_a_precondition(void **state)
{
    (void)state;
    static const struct {
        const char *method, *target, *type, *bad, *good;
    } ROWS[] = {
        {"PATCH", PROMOTION, MERGE, "{'metadata':{'finalizers':null}}",
         "{'metadata':{'resourceVersion':'1','finalizers':null}}"},
        {"PATCH", PROMOTION, JSON_PATCH,
         "[{'op':'remove','path':'/spec/stages/0/trigger/manual/approved'}]",
         "[{'op':'replace','path':'/metadata/resourceVersion','value':'1'}]"},
        {"PATCH", PROMOTION, JSON_PATCH,
         "[{'op':'remove','path':'/metadata/resourceVersion'}]",
         "[{'op':'test','path':'/metadata/resourceVersion','value':'1'}]"},
        {"PATCH", PROFILES "p-b" APPLY_QUERY, APPLY,
         "{'apiVersion':'config.projectsveltos.io/v1beta1','kind':'ClusterProfile',"
         "'metadata':{'name':'p-b'},'spec':{}}",
         "{'apiVersion':'config.projectsveltos.io/v1beta1','kind':'ClusterProfile',"
         "'metadata':{'name':'p-b','resourceVersion':'0'},'spec':{}}"},
        {"DELETE", PROFILES "p-a", JSON_TYPE,
         "{'preconditions':{'uid':'00000000-0000-4000-8000-000000000000'}}",
         "{'preconditions':{'resourceVersion':'1'}}"},
        {"DELETE", PROFILES "p-a", NULL, "", NULL},
    };
    for (size_t i = 0; i < ARRAY_COUNT(ROWS); i++) {
        for (int bad = 0; bad < 2; bad++) {
            const char *body = bad ? ROWS[i].bad : ROWS[i].good;
            struct bench bench;
            if (body == NULL)
                continue;
            bench_init(&bench);
            life_begins(&bench, MANUAL);
            (void)bench_says(&bench, ROWS[i].method, ROWS[i].target, ROWS[i].type, body);
            if (bad)
                expect_found(&bench, "S5", "expected a precondition on resourceVersion");
            else
                expect_clean(&bench, "S5");
            bench_release(&bench);
        }
    }
}

static void s8_finds_writes_without_effect(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    life_begins(&bench, AUTO_60S);
    bench_at(&bench, 60000);
    assert_int_equal(life_status(&bench, "'currentStageName':'a'"), 200);
    expect_found(&bench, "S8", "ClusterPromotion/p: PATCH: expected a write to change something");
    bench_release(&bench);
}

#define PRE_CHECKS \
    "'preHealthCheckDeployment':[{'kind':'ConfigMap','namespace':'default','name':'job'}]"
#define GATE_CHECKS "'postDelayHealthChecks':[{'name':'gate','featureID':'Resources'," \
                    "'group':'batch','version':'v1','kind':'Job','namespace':'n'}]"

static void s8_finds_too_many_writes_within_a_minute(void **state)
{
    (void)state;
    static const struct {
        const char *trigger;
        int count, every_ms;
        const char *found;
    } ROWS[] = {
        {AUTO_60S, 9, 1000, NULL},
        {AUTO_60S, 10, 1000, "at most 12 writes of promotion p within a minute; found 13"},
        {AUTO_60S, 30, 6000, NULL},
        {MANUAL, 10, 1000, NULL},
        {MANUAL, 11, 1000, "at most 13 writes"},
        {"{'auto':{" PRE_CHECKS "}}", 11, 1000, NULL},
        {"{'auto':{" PRE_CHECKS "}}", 12, 1000, "at most 14 writes"},
        {"{'manual':{" PRE_CHECKS "," GATE_CHECKS "}}", 14, 1000, NULL},
        {"{'manual':{" PRE_CHECKS "," GATE_CHECKS "}}", 15, 1000, "at most 17 writes"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(ROWS); i++) {
        struct bench bench;
        bench_init(&bench);
        life_begins(&bench, ROWS[i].trigger); /* three writes; two stages allow twelve */
        for (int n = 1; n <= ROWS[i].count; n++) {
            bench_at(&bench, n * ROWS[i].every_ms);
            char *status = str_format("'currentStageName':'s%d'", n);
            (void)life_status(&bench, status);
            mem_free(status);
        }
        if (ROWS[i].found != NULL)
            expect_found(&bench, "S8", ROWS[i].found);
        else
            expect_clean(&bench, "S8");
        bench_release(&bench);
    }
}

/* `n` makes its name; owned. */
static char *event_about_p(const struct bench *bench, int n)
{
    return str_format("{'apiVersion':'events.k8s.io/v1','kind':'Event',"
                      "'metadata':{'name':'p.%d','namespace':'default'},"
                      "'eventTime':'2026-01-01T00:00:00.000000Z','type':'Normal','reason':'Told',"
                      "'action':'ClusterPromotion','reportingController':'promoter',"
                      "'reportingInstance':'promoter','note':'n','regarding':{"
                      "'kind':'ClusterPromotion','name':'p','uid':'%.*s'}}",
                      n, STR_ARGS(bench_meta(bench, "ClusterPromotion", "p", "uid")));
}

static void s8_gives_events_a_budget_of_their_own(void **state)
{
    (void)state;
    static const struct {
        int count;
        bool found;
    } ROWS[] = {{12, false}, {13, true}};
    for (size_t i = 0; i < ARRAY_COUNT(ROWS); i++) {
        struct bench bench;
        bench_init(&bench);
        life_begins(&bench, AUTO_60S); /* three writes; two stages allow twelve of each */
        for (int n = 1; n <= ROWS[i].count; n++) {
            char *event = event_about_p(&bench, n);
            bench_at(&bench, n * 1000);
            assert_int_equal(bench_says(&bench, "POST", EVENTS, JSON_TYPE, event), 201);
            mem_free(event);
        }
        if (ROWS[i].found)
            expect_found(&bench, "S8", "expected at most 12 Events of promotion p within a minute; "
                                       "found 13");
        else
            expect_clean(&bench, "S8");
        bench_release(&bench);
    }
}

static void s4_counts_events_among_the_writes_in_flight(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    life_begins(&bench, AUTO_60S);
    char *event = event_about_p(&bench, 1);
    bench_mutters(&bench, "POST", EVENTS, JSON_TYPE, event);
    bench_mutters(&bench, "PATCH", PROFILES "p-a", MERGE, "{'spec':{'tier':7}}");
    bench_at(&bench, 0);
    expect_found(&bench, "S4", "expected no other write of promotion p in flight; found POST "
                               EVENTS);
    mem_free(event);
    bench_release(&bench);
}

static void l1_finds_writes_and_storms_at_rest(void **state)
{
    (void)state;
    struct bench bench;
    struct evidence evidence;
    struct verdict verdict = {0};
    int64_t wakeups[600];
    bench_init(&bench);
    bench.rule.takes = (struct world_range){3600000, 3600000};
    life_begins(&bench, MANUAL);
    bench_at(&bench, 600000);
    (void)life_status(&bench, "'lastPromotionTime':'@T'");
    for (int i = 0; i < 70; i++) {
        bench_at(&bench, 700000 + i * 1000);
        (void)bench_says(&bench, "GET", PROMOTION, NULL, "");
    }
    for (size_t i = 0; i < ARRAY_COUNT(wakeups); i++)
        wakeups[i] = BENCH_START_MS + 700000 + (int64_t)i * 1000;
    bench_evidence(&bench, &evidence);
    evidence.wakeups_ms = wakeups;
    evidence.wakeup_count = ARRAY_COUNT(wakeups);
    evidence.quiet_from_ms = BENCH_START_MS + 800000;
    evidence.wakeup_count = 100;
    (void)checkers_run_one(STR("L1"), &evidence, &verdict);
    assert_int_equal(verdict.total, 0);
    evidence.wakeup_count = ARRAY_COUNT(wakeups);
    evidence.quiet_from_ms = BENCH_START_MS + 300000;
    (void)checkers_run_one(STR("L1"), &evidence, &verdict);
    assert_int_equal(verdict.total, 3);
    assert_true(str_contains(str_from(verdict.items[0].text), STR("expected no write at rest")));
    assert_true(str_contains(str_from(verdict.items[1].text), STR("60 requests")));
    assert_true(str_contains(str_from(verdict.items[2].text), STR("400 wake-ups")));
    verdict_release(&verdict);
    bench_release(&bench);
}

static void l1_lets_a_refused_write_be_tried_every_ten_minutes(void **state)
{
    (void)state;
    for (int every_min = 9; every_min <= 10; every_min++) {
        struct bench bench;
        struct evidence evidence;
        struct verdict verdict = {0};
        bench_init(&bench);
        bench.rule.takes = (struct world_range){36000000, 36000000};
        life_begins(&bench, MANUAL);
        for (int i = 1; i <= 5; i++) {
            bench_at(&bench, (int64_t)i * every_min * 60000);
            assert_int_equal(bench_says(&bench, "PATCH", PROMOTION, MERGE,
                                        "{'metadata':{'resourceVersion':'1'}}"), 409);
        }
        bench_evidence(&bench, &evidence);
        evidence.quiet_from_ms = BENCH_START_MS;
        (void)checkers_run_one(STR("L1"), &evidence, &verdict);
        assert_int_equal(verdict.total, every_min == 10 ? 0 : 4);
        verdict_release(&verdict);
        bench_release(&bench);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s4_finds_two_writes_in_flight),
        cmocka_unit_test(s5_finds_each_form_of_write_without_a_precondition),
        cmocka_unit_test(s8_finds_writes_without_effect),
        cmocka_unit_test(s8_finds_too_many_writes_within_a_minute),
        cmocka_unit_test(s8_gives_events_a_budget_of_their_own),
        cmocka_unit_test(s4_counts_events_among_the_writes_in_flight),
        cmocka_unit_test(l1_finds_writes_and_storms_at_rest),
        cmocka_unit_test(l1_lets_a_refused_write_be_tried_every_ten_minutes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
