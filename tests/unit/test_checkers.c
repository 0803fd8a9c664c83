/*
 * Each checker is shown a life without fault, in which it must find nothing, and a planted
 * fault of each kind that it is there for: a checker that never failed is not known to work.
 */
#include "tests/testlib/bench_life.h"
#include "tests/testlib/bench_verdict.h"

#define EVENTS "/apis/events.k8s.io/v1/namespaces/default/events"

static void a_life_without_fault_breaks_nothing(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    life_whole(&bench);
    expect_clean(&bench, NULL);
    bench_release(&bench);
}

static void every_invariant_has_a_checker_and_a_promise(void **state)
{
    (void)state;
    struct bench bench;
    size_t count = 0;
    bench_init(&bench);
    for (; checker_names[count] != NULL; count++) {
        assert_non_null(checker_promise(str_from(checker_names[count])));
        expect_clean(&bench, checker_names[count]);
    }
    assert_int_equal(count, 11);
    assert_null(checker_promise(STR("S99")));
    bench_release(&bench);
}

static void s1_finds_a_stage_entered_before_the_one_before_is_deployed(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    life_begins(&bench, AUTO_60S);
    bench_at(&bench, 1000);
    life_advances(&bench, "2026-01-01T00:00:01Z");
    expect_found(&bench, "S1", "S1 at +1s ClusterPromotion/p: the next stage is entered: expected "
                               "stage a to be deployed on all its clusters; found: Resources of "
                               "p-a is not deployed to default/c1");
    expect_found(&bench, "S1", "recorded as provisioned");
    bench_release(&bench);
}

static void s1_finds_a_new_cluster_that_was_not_reached(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    life_begins(&bench, AUTO_60S);
    bench_at(&bench, 60000);
    life_provisioned(&bench, "Delayed");
    bench.rule.takes = (struct world_range){600000, 600000};
    life_cluster(&bench, "c3", "a");
    bench_at(&bench, 120000);
    life_advances(&bench, "2026-01-01T00:01:00Z");
    expect_found(&bench, "S1", "S1 at +2m0s ClusterPromotion/p: the next stage is entered: "
                               "expected stage a to be deployed on all its clusters; found: "
                               "Resources of p-a is not deployed to default/c3");
    bench_release(&bench);
}

static void s1_finds_that_the_deployed_configuration_is_an_older_one(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    life_begins(&bench, AUTO_60S);
    bench_at(&bench, 60000);
    life_provisioned(&bench, "Delayed");
    bench.rule.takes = (struct world_range){600000, 600000};
    assert_int_equal(bench_user(&bench, "PATCH", PROFILES "p-a", MERGE, "{'spec':{'tier':7}}"),
                     200);
    bench_at(&bench, 120000);
    life_advances(&bench, "2026-01-01T00:01:00Z");
    expect_found(&bench, "S1", "Resources of p-a is not deployed to default/c1");
    bench_release(&bench);
}

static void s1_accepts_a_change_that_deploys_nothing_anew(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    life_begins(&bench, AUTO_60S);
    bench_at(&bench, 60000);
    life_provisioned(&bench, "Delayed");
    bench.rule.takes = (struct world_range){600000, 600000};
    assert_int_equal(bench_user(&bench, "PATCH", PROFILES "p-a", MERGE,
                                "{'spec':{'continueOnError':true}}"), 200);
    bench_at(&bench, 120000);
    life_advances(&bench, "2026-01-01T00:01:00Z");
    expect_clean(&bench, "S1");
    bench_release(&bench);
}

static void s1_finds_a_profile_applied_before_its_stage_is_entered(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    life_begins(&bench, AUTO_60S);
    bench_at(&bench, 60000);
    assert_int_equal(life_apply(&bench, "b", "0", SPEC_B), 201);
    expect_found(&bench, "S1", "S1 at +1m0s ClusterProfile/p-b: a new configuration is applied: "
                               "expected stage b to be entered in status before");
    bench_release(&bench);
}

static void s1_finds_another_configuration_than_that_of_the_stage_before(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    life_begins(&bench, AUTO_60S);
    bench_at(&bench, 60000);
    life_provisioned(&bench, "Delayed");
    bench_at(&bench, 120000);
    life_advances(&bench, "2026-01-01T00:01:00Z");
    assert_int_equal(life_apply(&bench, "b", "0",
                                "{'clusterSelector':{'matchLabels':{'env':'b'}},'tier':9,"
                                POLICIES "}"), 201);
    expect_found(&bench, "S1", "ClusterProfile/p-b: a new configuration is applied: expected what "
                               "p-a has; found: another");
    bench_release(&bench);
}

static void s2_finds_an_advance_before_the_delay_has_elapsed(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    life_begins(&bench, AUTO_60S);
    bench_at(&bench, 60000);
    life_provisioned(&bench, "Delayed");
    bench_at(&bench, 119999);
    life_advances(&bench, "2026-01-01T00:01:00Z");
    expect_found(&bench, "S2", "S2 at +1m59.999s ClusterPromotion/p: stage a is left: expected a "
                               "wait of 60000 ms since it was provisioned; found 59999 ms");
    bench_release(&bench);
}

static void s2_finds_a_provisioned_time_in_the_past(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    life_begins(&bench, AUTO_60S);
    bench_at(&bench, 120000);
    life_advances(&bench, "2026-01-01T00:01:00Z");
    expect_found(&bench, "S2", "stage a: expected to be recorded as provisioned now; found a time "
                               "-60000 ms away");
    bench_release(&bench);
}

static void s2_finds_a_provisioned_time_that_was_rounded_down(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    bench.rule.takes = (struct world_range){5400, 5400};
    life_begins(&bench, AUTO_60S);
    bench_at(&bench, 5800);
    assert_int_equal(life_status(&bench, "'stages':[{'name':'a','lastSuccessfulAppliedTime':"
                                         "'2026-01-01T00:00:05Z'}]"), 200);
    expect_found(&bench, "S1", "S2 at +5.8s ClusterPromotion/p: stage a: expected to be recorded "
                               "as provisioned after its last deployment; found a time ");
    bench_release(&bench);
}

#define APPROVE "[{'op':'add','path':'/spec/stages/0/trigger/manual/approved','value':true}]"
#define CONSUME "[{'op':'remove','path':'/spec/stages/0/trigger/manual/approved'}]"

static void approve(struct bench *bench)
{
    assert_int_equal(bench_user(bench, "PATCH", PROMOTION, JSON_PATCH, APPROVE), 200);
}

static void consume(struct bench *bench)
{
    assert_int_equal(bench_says(bench, "PATCH", PROMOTION, JSON_PATCH, CONSUME), 200);
}

static void manual_life(struct bench *bench)
{
    bench_init(bench);
    life_begins(bench, MANUAL);
    bench_at(bench, 60000);
    life_provisioned(bench, "Paused: Awaiting Manual Approval");
}

static void s3_accepts_an_approval_used_once_and_then_removed(void **state)
{
    (void)state;
    struct bench bench;
    manual_life(&bench);
    approve(&bench);
    life_advances(&bench, "2026-01-01T00:01:00Z");
    consume(&bench);
    expect_clean(&bench, "S3");
    bench_release(&bench);
}

static void s3_finds_an_advance_without_approval(void **state)
{
    (void)state;
    struct bench bench;
    manual_life(&bench);
    life_advances(&bench, "2026-01-01T00:01:00Z");
    expect_found(&bench, "S3", "stage a is left: expected an approval; found none");
    bench_release(&bench);
}

static void s3_finds_an_approval_used_twice(void **state)
{
    (void)state;
    struct bench bench;
    manual_life(&bench);
    approve(&bench);
    life_advances(&bench, "2026-01-01T00:01:00Z");
    life_provisioned(&bench, "Paused: Awaiting Manual Approval");
    life_advances(&bench, "2026-01-01T00:01:00Z");
    expect_found(&bench, "S3", "expected an approval; found one that was used before");
    bench_release(&bench);
}

static void s3_finds_an_approval_of_another_configuration(void **state)
{
    (void)state;
    struct bench bench;
    manual_life(&bench);
    approve(&bench);
    assert_int_equal(bench_user(&bench, "PATCH", PROMOTION, MERGE,
                                "{'spec':{'profileSpec':{'tier':7}}}"), 200);
    assert_int_equal(life_status(&bench, "'profileSpecHash':'" HASH_2 "','stages':[" ENTRY_A_NEW
                                         "]"), 200);
    life_advances(&bench, "2026-01-01T00:01:00Z");
    expect_found(&bench, "S3", "expected an approval; found one of another configuration");
    bench_release(&bench);
}

static void s3_finds_a_lost_approval(void **state)
{
    (void)state;
    struct bench bench;
    manual_life(&bench);
    approve(&bench);
    consume(&bench);
    expect_found(&bench, "S3", "the approval of stage a is removed: expected it to be used up or "
                               "stale; found: it was never used");
    bench_release(&bench);
}

static void s3_accepts_the_reset_of_a_stale_approval(void **state)
{
    (void)state;
    struct bench bench;
    manual_life(&bench);
    approve(&bench);
    assert_int_equal(bench_user(&bench, "PATCH", PROMOTION, MERGE,
                                "{'spec':{'profileSpec':{'tier':7}}}"), 200);
    consume(&bench);
    expect_clean(&bench, "S3");
    bench_release(&bench);
}

static void s3_finds_an_approval_removed_that_was_to_stand(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    life_begins(&bench, "{'manual':{'automaticReset':false}}");
    bench_at(&bench, 60000);
    life_provisioned(&bench, "Paused");
    approve(&bench);
    life_advances(&bench, "2026-01-01T00:01:00Z");
    expect_clean(&bench, "S3");
    consume(&bench);
    expect_found(&bench, "S3", "found: automaticReset is false");
    bench_release(&bench);
}

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
        {"PATCH", PROMOTION, JSON_PATCH, CONSUME,
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

static void s6_finds_objects_that_are_not_ours(void **state)
{
    (void)state;
    static const struct {
        const char *method, *target, *body, *found;
    } ROWS[] = {
        {"PATCH", PROFILES "other", "{'spec':{'tier':7}}",
         "ClusterProfile/other: PATCH: expected a profile with the label and owner uid"},
        {"DELETE", PROFILES "labelled", "{}",
         "ClusterProfile/labelled: DELETE: expected a profile with the label and owner uid"},
        {"PATCH", CLUSTERS_API "/c1", "{'metadata':{'labels':{'env':'b'}}}",
         "SveltosCluster/default/c1: PATCH: expected no write to objects of this kind"},
        {"DELETE", PROMOTION, "{}",
         "ClusterPromotion/p: expected promotions to be made and deleted by people"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(ROWS); i++) {
        struct bench bench;
        bench_init(&bench);
        life_begins(&bench, AUTO_60S);
        assert_int_equal(bench_user(&bench, "POST", CONFIG_API "/clusterprofiles", JSON_TYPE,
                                    "{'apiVersion':'config.projectsveltos.io/v1beta1',"
                                    "'kind':'ClusterProfile','metadata':{'name':'other'},"
                                    "'spec':{}}"), 201);
        assert_int_equal(bench_user(&bench, "POST", CONFIG_API "/clusterprofiles", JSON_TYPE,
                                    "{'apiVersion':'config.projectsveltos.io/v1beta1',"
                                    "'kind':'ClusterProfile','metadata':{'name':'labelled',"
                                    "'labels':{'config.projectsveltos.io/promotionname':'p'}},"
                                    "'spec':{}}"), 201);
        expect_clean(&bench, "S6");
        bool patch = strcmp(ROWS[i].method, "PATCH") == 0;
        int code = bench_says(&bench, ROWS[i].method, ROWS[i].target, patch ? MERGE : JSON_TYPE,
                              ROWS[i].body);
        assert_in_range(code, 200, 202);
        expect_found(&bench, "S6", ROWS[i].found);
        bench_release(&bench);
    }
}

static void s6_finds_the_finalizer_removed_too_early(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    life_begins(&bench, AUTO_60S);
    assert_int_equal(bench_user(&bench, "DELETE", PROMOTION, NULL, ""), 200);
    assert_int_equal(bench_says(&bench, "PATCH", PROMOTION, MERGE,
                                "{'metadata':{'finalizers':null}}"), 200);
    expect_found(&bench, "S6", "expected the finalizer to go last; found ClusterProfile/p-a still "
                               "there");
    bench_release(&bench);
    bench_init(&bench);
    life_begins(&bench, AUTO_60S);
    assert_int_equal(bench_says(&bench, "PATCH", PROMOTION, MERGE,
                                "{'metadata':{'finalizers':null}}"), 200);
    expect_found(&bench, "S6", "expected the finalizer to stay while the promotion lives");
    bench_release(&bench);
}

static void s7_finds_a_finished_stage_that_regresses(void **state)
{
    (void)state;
    static const struct {
        const char *status, *found;
    } ROWS[] = {
        {"'stages':[" ENTRY_A_NEW "]", "expected stage a to stay provisioned since the same time; "
                                       "found no time"},
        {"'stages':[{'name':'b'}]", "expected stage a to stay provisioned; found its entry gone"},
        {"'stages':[{'name':'a','lastSuccessfulAppliedTime':'2026-01-01T00:02:00Z'}]",
         "found another time"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(ROWS); i++) {
        for (int edited = 0; edited < 2; edited++) {
            struct bench bench;
            manual_life(&bench);
            if (edited)
                assert_int_equal(bench_user(&bench, "PATCH", PROMOTION, MERGE,
                                            "{'spec':{'profileSpec':{'tier':7}}}"), 200);
            assert_int_equal(life_status(&bench, ROWS[i].status), 200);
            if (edited)
                expect_clean(&bench, "S7");
            else
                expect_found(&bench, "S7", ROWS[i].found);
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

static void s9_finds_fields_that_are_not_ours(void **state)
{
    (void)state;
    static const struct {
        const char *target, *body, *found;
    } ROWS[] = {
        {PROMOTION, "{'spec':{'profileSpec':{'tier':7}}}", ".spec.profileSpec.tier altered"},
        {PROMOTION, "{'metadata':{'labels':{'x':'y'}}}", ".metadata.labels altered"},
        {PROMOTION, "{'metadata':{'finalizers':['promoter.dev/clusterpromotion','theirs/x']}}",
         ".metadata.finalizers altered"},
        {PROMOTION, "{'spec':{'preserveClusterProfilesOnDelete':true}}",
         ".spec.preserveClusterProfilesOnDelete altered"},
        {PROFILES "p-a", "{'metadata':{'labels':{'theirs':'x'}}}", ".metadata.labels altered"},
        {PROFILES "p-a", "{'metadata':{'finalizers':['x/y']}}", ".metadata.finalizers altered"},
        {PROFILES "p-a", "{'spec':{'extraLabels':{'a':'b'}}}", ".spec.extraLabels altered"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(ROWS); i++) {
        struct bench bench;
        bench_init(&bench);
        life_begins(&bench, MANUAL);
        expect_clean(&bench, "S9");
        assert_int_equal(bench_says(&bench, "PATCH", ROWS[i].target, MERGE, ROWS[i].body), 200);
        expect_found(&bench, "S9", ROWS[i].found);
        bench_release(&bench);
    }
    struct bench bench;
    bench_init(&bench);
    life_begins(&bench, MANUAL);
    assert_int_equal(bench_says(&bench, "PATCH", PROMOTION, JSON_PATCH, APPROVE), 200);
    expect_found(&bench, "S9", "expected approvals to be given by people; found that of stage a");
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

static void memory_at_rest_returns_to_its_baseline(void **state)
{
    (void)state;
    size_t blocks = mem_live_blocks();
    struct bench bench;
    struct evidence evidence;
    struct verdict verdict = {0};
    bench_init(&bench);
    life_begins(&bench, AUTO_60S);
    bench_at(&bench, 1000);
    life_advances(&bench, "2026-01-01T00:00:01Z");
    bench_evidence(&bench, &evidence);
    checkers_run(&evidence, &verdict);
    assert_true(verdict.total > 0);
    verdict_release(&verdict);
    bench_release(&bench);
    assert_int_equal(mem_live_blocks(), blocks); /* [H1] */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_life_without_fault_breaks_nothing),
        cmocka_unit_test(every_invariant_has_a_checker_and_a_promise),
        cmocka_unit_test(s1_finds_a_stage_entered_before_the_one_before_is_deployed),
        cmocka_unit_test(s1_finds_a_new_cluster_that_was_not_reached),
        cmocka_unit_test(s1_finds_that_the_deployed_configuration_is_an_older_one),
        cmocka_unit_test(s1_accepts_a_change_that_deploys_nothing_anew),
        cmocka_unit_test(s1_finds_a_profile_applied_before_its_stage_is_entered),
        cmocka_unit_test(s1_finds_another_configuration_than_that_of_the_stage_before),
        cmocka_unit_test(s2_finds_an_advance_before_the_delay_has_elapsed),
        cmocka_unit_test(s2_finds_a_provisioned_time_in_the_past),
        cmocka_unit_test(s2_finds_a_provisioned_time_that_was_rounded_down),
        cmocka_unit_test(s3_accepts_an_approval_used_once_and_then_removed),
        cmocka_unit_test(s3_finds_an_advance_without_approval),
        cmocka_unit_test(s3_finds_an_approval_used_twice),
        cmocka_unit_test(s3_finds_an_approval_of_another_configuration),
        cmocka_unit_test(s3_finds_a_lost_approval),
        cmocka_unit_test(s3_accepts_the_reset_of_a_stale_approval),
        cmocka_unit_test(s3_finds_an_approval_removed_that_was_to_stand),
        cmocka_unit_test(s4_finds_two_writes_in_flight),
        cmocka_unit_test(s5_finds_each_form_of_write_without_a_precondition),
        cmocka_unit_test(s6_finds_objects_that_are_not_ours),
        cmocka_unit_test(s6_finds_the_finalizer_removed_too_early),
        cmocka_unit_test(s7_finds_a_finished_stage_that_regresses),
        cmocka_unit_test(s8_finds_writes_without_effect),
        cmocka_unit_test(s8_finds_too_many_writes_within_a_minute),
        cmocka_unit_test(s8_gives_events_a_budget_of_their_own),
        cmocka_unit_test(s4_counts_events_among_the_writes_in_flight),
        cmocka_unit_test(s9_finds_fields_that_are_not_ours),
        cmocka_unit_test(l1_finds_writes_and_storms_at_rest),
        cmocka_unit_test(l1_lets_a_refused_write_be_tried_every_ten_minutes),
        cmocka_unit_test(memory_at_rest_returns_to_its_baseline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
