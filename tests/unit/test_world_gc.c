/*
 * The garbage collector, Sveltos being down, determinism, rest.
 * Rows: facts B27 (owner references), 13; issue's determinism [D1]; design's hygiene [H1].
 */
#include "tests/testlib/world.h"

#define QA "{'env':'qa'}"
#define SPEC "{'clusterSelector':{'matchLabels':{'env':'qa'}},'policyRefs':[{'kind':'ConfigMap',\
'name':'a'}]}"
/* Of another resource: two profiles with one would be in conflict. */
#define OTHER_SPEC "{'clusterSelector':{'matchLabels':{'env':'qa'}},'policyRefs':[{'kind':\
'ConfigMap','name':'b'}]}"
#define OWNER "'apiVersion':'config.projectsveltos.io/v1beta1','kind':'ClusterPromotion'"

/* The uid of a promotion that is made here; owned. */
static char *add_promotion(struct stage *stage, const char *name)
{
    char *body = str_format("{'apiVersion':'config.projectsveltos.io/v1beta1','kind':"
                            "'ClusterPromotion','metadata':{'name':'%s'},'spec':{'stages':[{"
                            "'name':'qa'}]}}",
                            name);
    struct json *promotion = NULL;
    assert_int_equal(stage_request(stage, "POST", PROMOTIONS, body, &promotion), 201);
    char *uid = str_dup(json_text_at(promotion, "metadata.uid"));
    json_free(promotion);
    mem_free(body);
    return uid;
}

static void add_owned_profile(struct stage *stage, const char *name, const char *owners)
{
    char *metadata = str_format("{'name':'%s','ownerReferences':[%s]}", name, owners);
    stage_add_profile(stage, metadata, "{}");
    mem_free(metadata);
}

static char *owner(const char *name, const char *uid, bool blocks)
{
    return str_format("{" OWNER ",'name':'%s','uid':'%s','blockOwnerDeletion':%s}", name, uid,
                      blocks ? "true" : "false");
}

static void a_profile_goes_when_its_only_owner_is_gone(void **state)
{
    (void)state;
    struct stage *stage = stage_create(NULL, 0);
    char *uid = add_promotion(stage, "cp");
    char *reference = owner("cp", uid, false);
    add_owned_profile(stage, "mine", reference);
    add_owned_profile(stage, "free", "");
    stage_run_until(stage, 1000);
    assert_true(stage_has(stage, PROFILES "/mine"));
    stage_delete(stage, PROMOTIONS "/cp");
    stage_run_until(stage, 2000);
    assert_false(stage_has(stage, PROFILES "/mine"));
    assert_true(stage_has(stage, PROFILES "/free"));
    assert_int_equal(stage_run_until(stage, 86400000), 0);
    mem_free(uid);
    mem_free(reference);
    stage_free(stage);
}

/* An owner of the same name is another object. */
static void owners_are_compared_by_uid(void **state)
{
    (void)state;
    struct stage *stage = stage_create(NULL, 0);
    mem_free(add_promotion(stage, "cp"));
    char *reference = owner("cp", "00000000-0000-4000-8000-000000000000", false);
    add_owned_profile(stage, "stray", reference);
    stage_run_until(stage, 1000);
    assert_false(stage_has(stage, PROFILES "/stray"));
    mem_free(reference);
    stage_free(stage);
}

/* One owner is enough to stay; the reference to the other goes. */
static void a_second_owner_keeps_the_object(void **state)
{
    (void)state;
    struct stage *stage = stage_create(NULL, 0);
    char *uid_a = add_promotion(stage, "a");
    char *uid_b = add_promotion(stage, "b");
    char *owner_a = owner("a", uid_a, false);
    char *owner_b = owner("b", uid_b, false);
    char *both = str_format("%s,%s", owner_a, owner_b);
    add_owned_profile(stage, "shared", both);
    stage_run_until(stage, 1000);
    stage_delete(stage, PROMOTIONS "/a");
    stage_run_until(stage, 2000);
    struct json *profile = stage_get(stage, PROFILES "/shared");
    const struct json *owners = json_at(profile, "metadata.ownerReferences");
    assert_int_equal(json_count(owners), 1);
    assert_str(json_text_at(json_item(owners, 0), "uid"), uid_b);
    json_free(profile);
    stage_delete(stage, PROMOTIONS "/b");
    stage_run_until(stage, 3000);
    assert_false(stage_has(stage, PROFILES "/shared"));
    mem_free(uid_a);
    mem_free(uid_b);
    mem_free(owner_a);
    mem_free(owner_b);
    mem_free(both);
    stage_free(stage);
}

/* B27: kubectl delete --cascade=orphan is the way to keep the profiles. */
static void orphaning_keeps_the_dependents(void **state)
{
    (void)state;
    struct stage *stage = stage_create(NULL, 0);
    char *uid = add_promotion(stage, "cp");
    char *reference = owner("cp", uid, false);
    add_owned_profile(stage, "mine", reference);
    stage_run_until(stage, 1000);
    stage_delete(stage, PROMOTIONS "/cp?propagationPolicy=Orphan");
    stage_run_until(stage, 2000);
    assert_false(stage_has(stage, PROMOTIONS "/cp"));
    assert_at(stage, PROFILES "/mine", "metadata.ownerReferences", "");
    assert_true(stage_has(stage, PROFILES "/mine"));
    mem_free(uid);
    mem_free(reference);
    stage_free(stage);
}

/* The owner goes after the dependents that block it, these after their own finalizers. */
static void foreground_deletion_waits_for_what_blocks_it(void **state)
{
    (void)state;
    struct stage *stage = stage_create(NULL, 0);
    char *uid = add_promotion(stage, "cp");
    char *reference = owner("cp", uid, true);
    char *metadata = str_format("{'name':'held','finalizers':['example.com/hold'],"
                                "'ownerReferences':[%s]}",
                                reference);
    stage_add_profile(stage, metadata, "{}");
    stage_run_until(stage, 1000);
    stage_delete(stage, PROMOTIONS "/cp?propagationPolicy=Foreground");
    stage_run_until(stage, 20000);
    assert_at(stage, PROFILES "/held", "metadata.deletionTimestamp", "'2026-01-01T00:00:01Z'");
    assert_true(stage_has(stage, PROMOTIONS "/cp"));
    stage_patch(stage, PROFILES "/held", "{'metadata':{'finalizers':null}}");
    stage_run_until(stage, 21000);
    assert_false(stage_has(stage, PROFILES "/held"));
    assert_false(stage_has(stage, PROMOTIONS "/cp"));
    mem_free(uid);
    mem_free(reference);
    mem_free(metadata);
    stage_free(stage);
}

/* The whole chain: promotion, profile, summary, deployment. */
static void a_promotion_takes_its_workloads_along(void **state)
{
    (void)state;
    struct stage *stage = stage_create(NULL, 0);
    char *uid = add_promotion(stage, "cp");
    char *reference = owner("cp", uid, false);
    char *metadata = str_format("{'name':'p','ownerReferences':[%s]}", reference);
    stage_add_cluster(stage, "c1", QA);
    stage_add_profile(stage, metadata, SPEC);
    stage_run_until(stage, 20000);
    stage_delete(stage, PROMOTIONS "/cp");
    stage_run_until(stage, 60000);
    assert_false(stage_has(stage, PROFILES "/p"));
    assert_false(stage_has(stage, SUMMARIES "/p-sveltos-c1"));
    assert_int_equal(world_deployment_count(stage->world), 2);
    assert_true(world_deployment_at(stage->world, 1)->withdrawn);
    mem_free(uid);
    mem_free(reference);
    mem_free(metadata);
    stage_free(stage);
}

/* world_set_down: nothing happens, running jobs are lost, all is caught up with later; what
 * belongs to Kubernetes goes on. */
static void while_sveltos_is_down_only_garbage_is_collected(void **state)
{
    (void)state;
    struct stage *stage = stage_create(NULL, 0);
    char *uid = add_promotion(stage, "cp");
    char *reference = owner("cp", uid, false);
    stage_add_cluster(stage, "c1", QA);
    stage_add_profile(stage, "{'name':'p'}", SPEC);
    stage_run_until(stage, 5000);
    world_set_down(stage->world, true);
    add_owned_profile(stage, "mine", reference);
    stage_add_profile(stage, "{'name':'q'}", OTHER_SPEC);
    stage_delete(stage, PROMOTIONS "/cp");
    stage_run_until(stage, 60000);
    assert_false(stage_has(stage, PROFILES "/mine"));
    assert_at(stage, PROFILES "/q", "metadata.finalizers", "");
    assert_feature(stage, SUMMARIES "/p-sveltos-c1", 0, "status", "Provisioning");
    assert_int_equal(world_deployment_count(stage->world), 0);
    world_set_down(stage->world, false);
    stage_run_until(stage, 80000);
    assert_feature(stage, SUMMARIES "/p-sveltos-c1", 0, "status", "Provisioned");
    assert_feature(stage, SUMMARIES "/q-sveltos-c1", 0, "status", "Provisioned");
    assert_int_equal(world_deployment_count(stage->world), 2);
    mem_free(uid);
    mem_free(reference);
    stage_free(stage);
}

/* A watch that is told 410 lists again and misses nothing. */
static void compaction_loses_no_change(void **state)
{
    (void)state;
    struct stage *stage = stage_create(NULL, 0);
    stage_add_cluster(stage, "c1", QA);
    stage_add_cluster(stage, "c3", QA);
    stage_add_profile(stage, "{'name':'p'}", SPEC);
    stage_run_until(stage, 20000);
    stage_add_cluster(stage, "c2", QA);
    stage_delete(stage, CLUSTERS "/c3");
    stage_patch(stage, PROFILES "/p", "{'spec':{'tier':50}}");
    fakeapi_compact(stage->api);
    stage_run_until(stage, 60000);
    assert_feature(stage, SUMMARIES "/p-sveltos-c2", 0, "status", "Provisioned");
    assert_at(stage, SUMMARIES "/p-sveltos-c1", "spec.clusterProfileSpec.tier", "50");
    assert_false(stage_has(stage, SUMMARIES "/p-sveltos-c3"));
    assert_int_equal(world_deployment_count(stage->world), 4);
    stage_free(stage);
}

/* "An idle day costs nothing": no timer is left when all is provisioned. */
static void a_world_at_rest_has_no_events(void **state)
{
    (void)state;
    struct stage *stage = stage_create(NULL, 0);
    stage_add_cluster(stage, "c1", QA);
    stage_add_profile(stage, "{'name':'p','labels':{'a':'b'}}", SPEC);
    stage_run_until(stage, 20000);
    size_t requests = fakeapi_audit_count(stage->api);
    assert_int_equal(stage_run_until(stage, 86400000), 0);
    assert_int_equal(fakeapi_audit_count(stage->api), requests);
    stage_free(stage);
}

/* Everything that a run writes, as one number. */
static uint64_t life_of(uint64_t seed, bool crowded)
{
    const struct world_rule rules[] = {
        {.has_takes = true, .takes = {100, 60000}, .has_created_after = true,
         .created_after = {0, 900}, .has_stale_for = true, .stale_for = {0, 3000}},
        {.cluster = STR("c2"), .fails = 3},
    };
    struct stage *stage = stage_create_seeded(rules, ARRAY_COUNT(rules), seed);
    uint64_t hash = STR_HASH_INIT;
    for (unsigned i = 0; i < 5; i++) {
        char *name = str_format("c%u", i);
        stage_add_cluster(stage, name, QA);
        mem_free(name);
    }
    stage_add_profile(stage, "{'name':'p'}", SPEC);
    if (crowded)
        stage_add_profile(stage, "{'name':'other'}", OTHER_SPEC);
    stage_run_until(stage, 90500);
    stage_patch(stage, PROFILES "/p", "{'spec':{'tier':50}}");
    stage_run_until(stage, 900000);
    for (size_t i = 0; i < world_deployment_count(stage->world); i++) {
        const struct world_deployment *deployment = world_deployment_at(stage->world, i);
        if (!str_is(deployment->profile, "p"))
            continue;
        char *line = str_format("%" PRId64 " %.*s %.*s %d\n", deployment->at_ms,
                                STR_ARGS(deployment->cluster),
                                STR_ARGS(deployment->configuration), deployment->failed);
        hash = str_hash(hash, str_from(line));
        mem_free(line);
    }
    stage_free(stage);
    return hash;
}

static void the_same_seed_gives_the_same_life(void **state)
{
    (void)state;
    assert_true(life_of(3, false) == life_of(3, false));
    assert_true(life_of(3, false) != life_of(4, false));
}

/* The weather of one profile is not that of another. */
static void another_profile_changes_no_weather(void **state)
{
    (void)state;
    assert_true(life_of(3, false) == life_of(3, true));
}

static void a_world_returns_its_memory(void **state)
{
    (void)state;
    size_t before = mem_live_blocks();
    life_of(5, true);
    assert_int_equal(mem_live_blocks(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_profile_goes_when_its_only_owner_is_gone),
        cmocka_unit_test(owners_are_compared_by_uid),
        cmocka_unit_test(a_second_owner_keeps_the_object),
        cmocka_unit_test(orphaning_keeps_the_dependents),
        cmocka_unit_test(foreground_deletion_waits_for_what_blocks_it),
        cmocka_unit_test(a_promotion_takes_its_workloads_along),
        cmocka_unit_test(while_sveltos_is_down_only_garbage_is_collected),
        cmocka_unit_test(compaction_loses_no_change),
        cmocka_unit_test(a_world_at_rest_has_no_events),
        cmocka_unit_test(the_same_seed_gives_the_same_life),
        cmocka_unit_test(another_profile_changes_no_weather),
        cmocka_unit_test(a_world_returns_its_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
