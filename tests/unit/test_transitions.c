/* The story that the audit log tells, line by line. */
#include "tests/testlib/bench_life.h"

#include "scenarios/engine/transitions.h"

static char *story_of(const struct bench *bench)
{
    struct transitions found;
    struct buf out;
    buf_init(&out, 1u << 20);
    transitions_collect(bench->api, &found);
    for (size_t i = 0; i < found.count; i++) {
        const struct transition *item = &found.items[i];
        buf_printf(&out, "+%d %s %s: ", (int)((item->at_ms - BENCH_START_MS) / 1000),
                   transition_kind_name(item->kind), item->stage != NULL ? item->stage : "-");
        transition_describe(item, &out);
        if (item->stage != NULL)
            buf_printf(&out, " %u/%u", item->clusters_done, item->clusters_total);
        buf_append_char(&out, '\n');
    }
    transitions_release(&found);
    return buf_steal(&out);
}

static void a_whole_life_is_told_in_order(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    life_whole(&bench);
    char *story = story_of(&bench);
    assert_str(str_from(story),
               "+0 created -: promotion created\n"
               "+0 waiting a: waits: Clusters are being provisioned 0/0\n"
               "+0 entered a: stage entered 0/0\n"
               "+0 profile-created a: ClusterProfile p-a created 0/0\n"
               "+60 provisioned a: stage provisioned 1/1\n"
               "+60 waiting a: waits: Delayed: Waiting for Time Window: 2026-01-01T00:02:00Z 1/1\n"
               "+120 entered b: stage entered 0/0\n"
               "+120 profile-created b: ClusterProfile p-b created 0/0\n"
               "+200 provisioned b: stage provisioned 1/1\n"
               "+200 complete -: promotion complete\n");
    mem_free(story);
    bench_release(&bench);
}

static void the_same_text_with_another_time_is_no_new_reason(void **state)
{
    (void)state;
    struct bench bench;
    struct transitions found;
    bench_init(&bench);
    life_begins(&bench, MANUAL);
    for (int i = 1; i <= 3; i++) {
        bench_at(&bench, i * 60000);
        (void)life_status(&bench, "'stages':[{'name':'a','currentStatusDescription':"
                                  "'Paused: Awaiting Manual Approval (@T)'}]");
    }
    unsigned waits = 0;
    transitions_collect(bench.api, &found);
    for (size_t i = 0; i < found.count; i++)
        waits += found.items[i].kind == TRANSITION_WAITING ? 1 : 0;
    assert_int_equal(waits, 2);
    transitions_release(&found);
    bench_release(&bench);
}

static void restarts_edits_approvals_and_deletion_are_told(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench);
    life_begins(&bench, MANUAL);
    bench_at(&bench, 60000);
    life_provisioned(&bench, "Paused: Awaiting Manual Approval");
    assert_int_equal(bench_user(&bench, "PATCH", PROMOTION, JSON_PATCH,
                                "[{'op':'add','path':'/spec/stages/0/trigger/manual/approved',"
                                "'value':true}]"), 200);
    assert_int_equal(bench_says(&bench, "PATCH", PROMOTION, JSON_PATCH,
                                "[{'op':'remove',"
                                "'path':'/spec/stages/0/trigger/manual/approved'}]"), 200);
    assert_int_equal(life_status(&bench, "'profileSpecHash':'" HASH_2 "','stages':[" ENTRY_A_NEW
                                         "]"), 200);
    assert_int_equal(bench_user(&bench, "PATCH", PROFILES "p-a", MERGE, "{'spec':{'tier':7}}"),
                     200);
    assert_int_equal(bench_user(&bench, "DELETE", PROFILES "p-a", NULL, ""), 200);
    bench_at(&bench, 200000);
    assert_int_equal(bench_user(&bench, "PATCH", PROMOTION, MERGE,
                                "{'metadata':{'finalizers':null}}"), 200);
    assert_int_equal(bench_user(&bench, "DELETE", PROMOTION, NULL, ""), 200);
    char *story = story_of(&bench);
    assert_true(str_contains(str_from(story), STR("+60 approved a: approved by kubectl 1/1\n"
                                                  "+60 approval-consumed a: approval removed by "
                                                  "promoter 1/1\n"
                                                  "+60 waiting a: waits: Clusters are being "
                                                  "provisioned 1/1\n"
                                                  "+60 restarted -: restarted: ")));
    assert_true(str_contains(str_from(story), STR("\n+60 entered a: stage entered 1/1\n"
                                                  "+60 profile-updated a: ClusterProfile p-a "
                                                  "updated 1/1\n")));
    assert_true(str_contains(str_from(story), STR("profile-deleted a: ClusterProfile p-a deleted "
                                                  "0/0\n")));
    assert_true(str_ends_with(str_from(story), STR("+200 deleted -: promotion deleted\n")));
    mem_free(story);
    bench_release(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_life_is_told_in_order),
        cmocka_unit_test(the_same_text_with_another_time_is_no_new_reason),
        cmocka_unit_test(restarts_edits_approvals_and_deletion_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
