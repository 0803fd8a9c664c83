/*
 * Each checker is shown a life without fault, in which it must find nothing, and a planted
 * fault of each kind that it is there for: a checker that never failed is not known to work.
 */
#include "tests/testlib/bench_life.h"
#include "tests/testlib/bench_verdict.h"

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

/* Stage a is provisioned and soaks; what is to be deployed from here on takes ten minutes. */
static void soak_begins(struct bench *bench)
{
    bench_init(bench);
    life_begins(bench, AUTO_60S);
    bench_at(bench, 60000);
    life_provisioned(bench, "Delayed");
    bench->rule.takes = (struct world_range){600000, 600000};
}

static void s1_finds_a_new_cluster_that_was_not_reached(void **state)
{
    (void)state;
    struct bench bench;
    soak_begins(&bench);
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
    soak_begins(&bench);
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
    soak_begins(&bench);
    assert_int_equal(bench_user(&bench, "PATCH", PROFILES "p-a", MERGE,
                                "{'spec':{'continueOnError':true}}"), 200);
    bench_at(&bench, 120000);
    life_advances(&bench, "2026-01-01T00:01:00Z");
    expect_clean(&bench, "S1");
    bench_release(&bench);
}

/* Sveltos writes no summary again that deploys once (D23). */
static void s1_judges_what_is_deployed_once_by_what_it_was_then(void **state)
{
    (void)state;
    static const char *const MODES[] = {"OneTime", "Continuous"};
    for (size_t i = 0; i < ARRAY_COUNT(MODES); i++) {
        struct bench bench;
        soak_begins(&bench);
        char *patch = str_format("{'spec':{'syncMode':'%s','kustomizationRefs':[{'kind':"
                                 "'ConfigMap','namespace':'default','name':'k'}]}}", MODES[i]);
        assert_int_equal(bench_user(&bench, "PATCH", PROFILES "p-a", MERGE, patch), 200);
        mem_free(patch);
        bench_at(&bench, 120000);
        life_advances(&bench, "2026-01-01T00:01:00Z");
        if (i == 0)
            expect_clean(&bench, "S1");
        else
            expect_found(&bench, "S1", "Kustomize of p-a is not deployed to default/c1");
        bench_release(&bench);
    }
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

#define MALFORMED "'stages':[{'name':'a','lastUpdateReconciledTime':'2026-01-01T00:00:00Z'," \
                  "'lastSuccessfulAppliedTime':'2026-01-01T00:01:00Z'," \
                  "'currentStatusDescription':'Malformed: so (@T)'}]"

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
        for (int edited = 0; edited < 3; edited++) {
            struct bench bench;
            manual_life(&bench);
            if (edited)
                assert_int_equal(bench_user(&bench, "PATCH", PROMOTION, MERGE,
                                            "{'spec':{'profileSpec':{'tier':7}}}"), 200);
            if (edited == 2) /* only something is said at first */
                assert_int_equal(life_status(&bench, MALFORMED), 200);
            assert_int_equal(life_status(&bench, ROWS[i].status), 200);
            if (edited)
                expect_clean(&bench, "S7");
            else
                expect_found(&bench, "S7", ROWS[i].found);
            bench_release(&bench);
        }
    }
}

static void s7_excuses_one_restart_by_a_change(void **state)
{
    (void)state;
    struct bench bench;
    manual_life(&bench);
    assert_int_equal(bench_user(&bench, "PATCH", PROMOTION, MERGE,
                                "{'spec':{'profileSpec':{'tier':7}}}"), 200);
    assert_int_equal(life_status(&bench, "'profileSpecHash':'" HASH_2 "','stages':[" ENTRY_A_NEW
                                         "]"), 200);
    bench_at(&bench, 120000);
    life_provisioned(&bench, "Paused: Awaiting Manual Approval");
    expect_clean(&bench, "S7");
    assert_int_equal(life_status(&bench, "'stages':[" ENTRY_A_NEW "]"), 200);
    expect_found(&bench, "S7", "found no time");
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
        cmocka_unit_test(s1_judges_what_is_deployed_once_by_what_it_was_then),
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
        cmocka_unit_test(s6_finds_objects_that_are_not_ours),
        cmocka_unit_test(s6_finds_the_finalizer_removed_too_early),
        cmocka_unit_test(s7_finds_a_finished_stage_that_regresses),
        cmocka_unit_test(s7_excuses_one_restart_by_a_change),
        cmocka_unit_test(s9_finds_fields_that_are_not_ours),
        cmocka_unit_test(memory_at_rest_returns_to_its_baseline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
