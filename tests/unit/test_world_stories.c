/*
 * The controller in worlds whose chances matter: its finalizer against the stub's stale patch
 * (facts 10.1, caution 1), and the same world twice.
 */
#include "tests/testlib/test.h"

#include "controller/base/mem.h"
#include "scenarios/engine/run.h"

#define SHARED "config.projectsveltos.io/clusterpromotion"
#define OWN "promoter.dev/clusterpromotion"
#define SEED_COUNT 25u

#define STORY \
    "scenario: s\nwhy: w\n" \
    "fleet:\n" \
    "  - {count: 3, name: 'qa-{i}', labels: {env: qa}}\n" \
    "  - {count: 2, name: 'edge-{i}', kind: Cluster, labels: {env: prod}}\n" \
    "given:\n" \
    "  - apiVersion: config.projectsveltos.io/v1beta1\n" \
    "    kind: ClusterPromotion\n" \
    "    metadata: {name: web}\n" \
    "    spec:\n" \
    "      profileSpec:\n" \
    "        policyRefs: [{kind: ConfigMap, namespace: default, name: web}]\n" \
    "        validateHealths: [{name: up, featureID: Resources, kind: Pod, version: v1, " \
    "script: x}]\n" \
    "      stages:\n" \
    "        - {name: qa, clusterSelector: {matchLabels: {env: qa}}}\n" \
    "        - {name: prod, clusterSelector: {matchLabels: {env: prod}}}\n"
#define COMPLETE \
    "expect:\n  eventually:\n    - {within: 2h, kind: ClusterPromotion/web, match: {status: " \
    "{currentStageName: prod, lastPromotionTime: '*'}}}\n"

static struct scenario *parse(const char *text)
{
    struct scenario *scenario = NULL;
    struct errmsg msg = {{0}};
    if (scenario_parse(str_from(text), "s.yaml", &scenario, &msg) != ERR_NONE)
        print_error("%s\n", msg.text);
    assert_non_null(scenario);
    return scenario;
}

static bool has_finalizer(const struct json *object, const char *finalizer)
{
    JSON_EACH(item, json_at(object, "metadata.finalizers")) {
        if (str_is(json_string_of(item), finalizer))
            return true;
    }
    return false;
}

/* How often somebody else took our finalizer from the promotion. */
static unsigned drops_in(const struct fakeapi *api)
{
    unsigned drops = 0;
    for (size_t i = 0; i < fakeapi_audit_count(api); i++) {
        const struct fakeapi_audit *audit = fakeapi_audit_at(api, i);
        drops += audit->changed && str_is(audit->kind, "ClusterPromotion") &&
                 has_finalizer(audit->before, OWN) && !has_finalizer(audit->after, OWN) &&
                 str_starts_with(audit->user_agent, STR("manager/"));
    }
    return drops;
}

/* At every seed the promotion ends with both finalizers, although the stub really dropped ours. */
static void a_finalizer_that_the_stub_drops_is_put_on_again(void **state)
{
    (void)state;
    struct scenario *scenario =
        parse(STORY "world: [{on: ClusterPromotion, stub: true}]\n" COMPLETE);
    unsigned drops = 0;
    for (uint64_t seed = 1; seed <= SEED_COUNT; seed++) {
        struct run_options options = {.seed = seed, .quiesce_max_ms = 3600000};
        struct fakeapi_response response;
        struct sim *sim = NULL;
        struct errmsg msg = {{0}};
        assert_err(scenario_play(scenario, &options, &sim, &msg), ERR_NONE);
        drops += drops_in(sim_api(sim));
        assert_int_equal(sim_user_request(sim, "GET",
                                          STR("/apis/config.projectsveltos.io/v1beta1/"
                                              "clusterpromotions/web"),
                                          NULL, STR_NONE, &response), 200);
        struct json *promotion = NULL;
        assert_err(json_parse(buf_str(&response.body), NULL, &promotion, NULL), ERR_NONE);
        assert_true(has_finalizer(promotion, OWN) && has_finalizer(promotion, SHARED));
        json_free(promotion);
        fakeapi_response_release(&response);
        sim_free(sim);
    }
    assert_true(drops > 0); /* or this test tests nothing */
    scenario_free(scenario);
}

/* D1: the same seed gives the same trace, another seed another one. */
static void a_seed_decides_all_of_the_world(void **state)
{
    (void)state;
    struct scenario *scenario = parse(STORY
        "world:\n"
        "  - {on: ClusterPromotion, stub: true}\n"
        "  - {on: ClusterSummary, takes: {min: 1s, max: 9.5s}, created-after: {min: 0s, max: 3s}, "
        "stale-for: {min: 0s, max: 2s}, health: {healthy-after: 4m}}\n"
        "  - {on: ClusterSummary, cluster: qa-2, fails-for: 3m, message: m}\n"
        "  - {on: SveltosCluster, cluster: qa-3, active: {from: 10m, to: 50m}}\n"
        "script:\n"
        "  - {at: +2m, sveltos: restart}\n"
        "  - {at: +5m, sveltos: down, for: 2m}\n"
        "  - {at: +12m, cluster: default/edge-1, kind: Cluster, paused: true}\n"
        "  - {at: +30m, cluster: default/edge-1, kind: Cluster, paused: false}\n" COMPLETE);
    uint64_t hashes[3];
    static const uint64_t seeds[] = {7, 7, 8};
    for (size_t i = 0; i < ARRAY_COUNT(seeds); i++) {
        struct run_options options = {.seed = seeds[i]};
        struct run_result result;
        struct errmsg msg = {{0}};
        assert_err(scenario_run(scenario, &options, &result, &msg), ERR_NONE);
        for (size_t n = 0; n < result.failures.count; n++)
            print_error("%s\n", result.failures.items[n].title);
        assert_int_equal(result.failures.total, 0);
        hashes[i] = result.trace_hash;
        run_result_release(&result);
    }
    assert_true(hashes[0] == hashes[1]);
    assert_true(hashes[0] != hashes[2]);
    scenario_free(scenario);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_finalizer_that_the_stub_drops_is_put_on_again),
        cmocka_unit_test(a_seed_decides_all_of_the_world),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
