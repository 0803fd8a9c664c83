/*
 * S11: withdrawals that nobody asked for are found, and those that somebody asked for are not
 * held against the controller.
 */
#include "tests/testlib/bench_life.h"
#include "tests/testlib/bench_verdict.h"

#define LOST "ClusterProfile/p-a: expected default/c1 to keep " \
             "ConfigMap:default/x, which p wants there; found it withdrawn"
#define NARROW "{'clusterSelector':{'matchLabels':{'env':'none'}}," POLICIES "}"
#define EMPTY "{'clusterSelector':{'matchLabels':{'env':'a'}}}"
#define OTHER "{'clusterSelector':{'matchLabels':{'env':'a'}}," \
              "'policyRefs':[{'kind':'ConfigMap','namespace':'default','name':'y'}]}"
#define PRESERVE "{'spec':{'preserveClusterProfilesOnDelete':true}}"
#define RENAME "{'spec':{'stages':[{'name':'z','clusterSelector':{'matchLabels':{'env':'a'}}}]}}"
#define REMOVE "{'spec':{'stages':[{'name':'b','clusterSelector':{'matchLabels':{'env':'b'}}}]}}"
#define ANOTHER "{'spec':{'profileSpec':{'policyRefs':[{'kind':'ConfigMap'," \
                "'namespace':'default','name':'y'}]}}}"

/* What a person does first, as one request. */
struct wish {
    const char *method, *target, *body;
};

static void express(struct bench *bench, const struct wish *wish)
{
    if (wish->method == NULL)
        return;
    int status = bench_user(bench, wish->method, wish->target, MERGE,
                            wish->body != NULL ? wish->body : "");
    assert_in_range(status, 200, 202);
}

/* Stage a is deployed; each thing takes ten seconds. */
static void deploy_stage_a(struct bench *bench)
{
    bench_init(bench);
    bench->rule.takes = (struct world_range){10000, 10000};
    life_begins(bench, AUTO_60S);
    bench_at(bench, 60000);
}

static bool has_withdrawn(const struct bench *bench)
{
    for (size_t i = 0; i < world_item_change_count(bench->world); i++) {
        if (world_item_change_at(bench->world, i)->event == WORLD_ITEM_WITHDRAWN)
            return true;
    }
    return false;
}

static void a_withdrawal_is_a_loss_unless_somebody_asked_for_it(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct wish wishes[2];
        const char *apply; /* what the controller makes of p-a; NULL: it deletes it; "": nothing */
        bool lost;
    } ROWS[] = {
        {"deleted", {{0}}, NULL, true},
        {"narrowed", {{0}}, NARROW, true},
        {"emptied", {{0}}, EMPTY, true},
        {"renamed stage", {{"PATCH", PROMOTION, RENAME}}, NULL, true},
        {"preserved", {{"PATCH", PROMOTION, PRESERVE}, {"DELETE", PROMOTION, NULL}}, NULL, true},
        {"promotion deleted", {{"DELETE", PROMOTION, NULL}}, NULL, false},
        {"stage removed", {{"PATCH", PROMOTION, REMOVE}}, NULL, false},
        {"other content", {{"PATCH", PROMOTION, ANOTHER}}, OTHER, false},
        {"relabelled",
         {{"PATCH", CLUSTERS_API "/c1", "{'metadata':{'labels':{'env':'x'}}}"}}, SPEC_A, false},
        {"moved to the other stage",
         {{"PATCH", CLUSTERS_API "/c1", "{'metadata':{'labels':{'env':'b'}}}"}}, SPEC_A, false},
        {"away for a moment",
         {{"PATCH", CLUSTERS_API "/c1", "{'metadata':{'labels':{'env':'x'}}}"},
          {"PATCH", CLUSTERS_API "/c1", "{'metadata':{'labels':{'env':'a'}}}"}}, NARROW, false},
        {"profile deleted by a person", {{"DELETE", PROFILES "p-a", NULL}}, SPEC_A, false},
        {"profile edited by a person",
         {{"PATCH", PROFILES "p-a", "{'spec':{'policyRefs':null}}"}}, "", false},
    };
    for (size_t i = 0; i < ARRAY_COUNT(ROWS); i++) {
        struct bench bench;
        print_message("%s\n", ROWS[i].name);
        deploy_stage_a(&bench);
        bench_at(&bench, 70000);
        for (size_t j = 0; j < ARRAY_COUNT(ROWS[i].wishes); j++)
            express(&bench, &ROWS[i].wishes[j]);
        if (ROWS[i].apply == NULL)
            assert_int_equal(bench_says(&bench, "DELETE", PROFILES "p-a", NULL, ""), 200);
        else if (ROWS[i].apply[0] != '\0')
            (void)life_apply(&bench, "a", "", ROWS[i].apply);
        bench_at(&bench, 200000);
        assert_true(has_withdrawn(&bench));
        if (ROWS[i].lost)
            expect_found(&bench, "S11", LOST);
        else
            expect_clean(&bench, "S11");
        bench_release(&bench);
    }
}

/* The garbage collector deletes the profiles of a promotion that was to preserve them (B27). */
static void what_the_collector_takes_is_lost(void **state)
{
    (void)state;
    struct bench bench;
    deploy_stage_a(&bench);
    express(&bench, &(struct wish){"PATCH", PROMOTION, PRESERVE});
    express(&bench, &(struct wish){"DELETE", PROMOTION, NULL});
    assert_int_equal(bench_says(&bench, "PATCH", PROMOTION, MERGE,
                                "{'metadata':{'finalizers':null}}"), 200);
    bench_at(&bench, 200000);
    expect_found(&bench, "S11", "expected default/c1 to keep ConfigMap:default/x");
    bench_release(&bench);
}

/* c2 belongs to stage b, which is not entered yet. */
static void what_an_edited_selector_deployed_is_no_loss(void **state)
{
    (void)state;
    for (int persons = 0; persons < 2; persons++) {
        struct bench bench;
        deploy_stage_a(&bench);
        bench_at(&bench, 70000);
        if (persons)
            express(&bench, &(struct wish){"PATCH", PROFILES "p-a", "{'spec':" SPEC_B "}"});
        else
            assert_int_equal(life_apply(&bench, "a", "", SPEC_B), 200);
        bench_at(&bench, 200000); /* deployed to c2, where stage a has nothing to do */
        assert_int_equal(life_apply(&bench, "a", "", SPEC_A), 200);
        bench_at(&bench, 300000);
        assert_true(has_withdrawn(&bench));
        if (persons)
            expect_clean(&bench, "S11");
        else
            expect_found(&bench, "S11", "expected default/c2 to keep ConfigMap:default/x");
        bench_release(&bench);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_withdrawal_is_a_loss_unless_somebody_asked_for_it),
        cmocka_unit_test(what_the_collector_takes_is_lost),
        cmocka_unit_test(what_an_edited_selector_deployed_is_no_loss),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
