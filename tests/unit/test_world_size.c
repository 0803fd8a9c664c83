/*
 * A fleet of 1,000 clusters and 20 profiles, each of which selects 50: it settles, in a bounded
 * number of steps and requests, and then costs nothing.
 */
#include "tests/testlib/world.h"

#define CLUSTER_COUNT 1000u
#define PROFILE_COUNT 20u

static struct stage *big_stage(void)
{
    struct stage *stage = stage_create(NULL, 0);
    for (unsigned i = 0; i < CLUSTER_COUNT; i++) {
        char *name = str_format("c%u", i);
        char *labels = str_format("{'group':'g%u'}", i % PROFILE_COUNT);
        stage_add_cluster(stage, name, labels);
        mem_free(name);
        mem_free(labels);
    }
    for (unsigned i = 0; i < PROFILE_COUNT; i++) {
        char *metadata = str_format("{'name':'p%u','labels':{'team':'t'}}", i);
        char *spec = str_format("{'clusterSelector':{'matchLabels':{'group':'g%u'}},'policyRefs':["
                                "{'kind':'ConfigMap','namespace':'default','name':'a%u'}]}", i, i);
        stage_add_profile(stage, metadata, spec);
        mem_free(metadata);
        mem_free(spec);
    }
    return stage;
}

static unsigned changes_since(const struct stage *stage, size_t index, const char *kind)
{
    unsigned count = 0;
    for (; index < fakeapi_audit_count(stage->api); index++) {
        const struct fakeapi_audit *audit = fakeapi_audit_at(stage->api, index);
        count += audit->changed && str_is(audit->kind, kind);
    }
    return count;
}

static void a_big_fleet_settles(void **state)
{
    (void)state;
    struct stage *stage = big_stage();
    size_t set_up = fakeapi_audit_count(stage->api);
    unsigned steps = stage_run_until(stage, 60000);
    assert_int_equal(world_deployment_count(stage->world), CLUSTER_COUNT);
    /* Per cluster: created, a finalizer, Provisioning, Provisioned. */
    assert_true(changes_since(stage, set_up, "ClusterSummary") <= 5 * CLUSTER_COUNT);
    /* Per profile: a finalizer, labels, and at most three times its status. */
    assert_true(changes_since(stage, set_up, "ClusterProfile") <= 5 * PROFILE_COUNT);
    /* With the two forms of an event and a ClusterConfiguration that is made and filled. */
    assert_true(fakeapi_audit_count(stage->api) - set_up <= 9 * CLUSTER_COUNT);
    assert_true(steps < 40 * CLUSTER_COUNT);
    assert_int_equal(stage_run_until(stage, 25 * 3600 * 1000), 0);
    stage_free(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_big_fleet_settles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
