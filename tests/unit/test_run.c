#include "tests/testlib/test.h"

#include "controller/base/mem.h"
#include "scenarios/engine/run.h"

/* Two stages of one cluster each; staging is left by approval; a deployment takes 20 seconds. */
#define STORY \
    "scenario: s\nwhy: w\n" \
    "fleet:\n" \
    "  - {name: one, labels: {env: staging}}\n" \
    "  - {name: two, labels: {env: production}}\n" \
    "given:\n" \
    "  - apiVersion: config.projectsveltos.io/v1beta1\n" \
    "    kind: ClusterPromotion\n" \
    "    metadata: {name: web}\n" \
    "    spec:\n" \
    "      profileSpec: {policyRefs: [{kind: ConfigMap, namespace: default, name: web}]}\n" \
    "      stages:\n" \
    "        - name: staging\n" \
    "          clusterSelector: {matchLabels: {env: staging}}\n" \
    "          trigger: {manual: {}}\n" \
    "        - name: production\n" \
    "          clusterSelector: {matchLabels: {env: production}}\n" \
    "world: [{on: ClusterSummary, takes: 20s}]\n"
#define APPROVED "script: [{at: +1h, approve: {promotion: web, stage: staging}}]\n"

static struct scenario *parse(const char *text)
{
    struct scenario *scenario = NULL;
    struct errmsg msg = {{0}};
    if (scenario_parse(str_from(text), "s.yaml", &scenario, &msg) != ERR_NONE)
        print_error("%s\n", msg.text);
    assert_non_null(scenario);
    return scenario;
}

static enum err run(const char *text, const struct run_options *options,
                    struct run_result *ret_result, struct errmsg *msg)
{
    struct scenario *scenario = parse(text);
    enum err err = scenario_run(scenario, options, ret_result, msg);
    scenario_free(scenario);
    return err;
}

static void what_is_promised_and_kept_is_no_failure(void **state)
{
    struct run_options options = {.seed = 1};
    struct run_result result;
    struct errmsg msg = {{0}};
    (void)state;
    enum err err = run(STORY APPROVED
        "expect:\n"
        "  always: [S1, S3]\n"
        "  never:\n"
        "    - {kind: ClusterProfile/web-production, before: +1h}\n"
        "    - {kind: ClusterPromotion/web, match: {status: {currentStageName: nowhere}}}\n"
        "  eventually:\n"
        "    - {within: 2h, kind: ClusterPromotion/web, match: {status: {lastPromotionTime: "
        "'*'}}}\n"
        "  at:\n"
        "    - {at: +30m, kind: ClusterPromotion/web, match: {status: {currentStageName: "
        "staging}}}\n"
        "    - {at: +30m, kind: ClusterProfile/web-production, absent: true}\n"
        "    - {at: end, kind: ClusterProfile, name: web-production}\n"
        "  budget: {writes: 12}\n"
        "  quiesce: 2h\n", &options, &result, &msg);
    for (size_t i = 0; i < result.failures.count; i++)
        print_error("%s\n%s", result.failures.items[i].title, result.failures.items[i].actual);
    assert_err(err, ERR_NONE);
    assert_int_equal(result.failures.total, 0);
    assert_true(result.virtual_ms >= 3 * 3600 * 1000 && result.virtual_ms < 4 * 3600 * 1000);
    run_result_release(&result);
}

/* Each promise is broken by the story; the failure begins so and differs in this line. */
static const struct {
    const char *expect;
    unsigned line; /* of the file */
    const char *title;
    const char *actual;
} broken[] = {
    {"expect: {never: [{kind: ClusterProfile/web-production}]}\n", 20,
     "ClusterProfile/web-production must never be so, but was at +1h0m0s", "exists\n"},
    {"expect: {never: [{kind: ClusterProfile/web-staging, after: +2h}]}\n", 20,
     "ClusterProfile/web-staging must never be so, but was at +2h0m0s", "exists\n"},
    {"expect: {eventually: [{within: 59m, kind: ClusterProfile/web-production}]}\n", 20,
     "ClusterProfile/web-production was not as expected up to +59m0s", "absent\n"},
    {"expect: {at: [{at: end, kind: ClusterProfile/web-staging, absent: true}]}\n", 20,
     "ClusterProfile/web-staging is not as expected at", "exists\n"},
    {"expect: {at: [{at: +59m, kind: ClusterPromotion/web, match: {status: {currentStageName: "
     "production}}}]}\n", 20, "ClusterPromotion/web is not as expected at +59m0s",
     "{\n  \"status\": {\n    \"currentStageName\": \"staging\"\n  }\n}\n"},
    {"expect: {budget: {requests: 3}}\n", 20,
     "the controller sent more requests than the budget allows", NULL},
    {"expect: {budget: {deployments: 0}}\n", 20,
     "the clusters saw more deployments than the budget allows", NULL},
    {"expect:\n  timeline: |\n    +0s - promotion created\n", 21,
     "the timeline is not as expected", NULL},
};

static void what_is_promised_and_not_kept_is_a_failure(void **state)
{
    struct run_options options = {.seed = 1};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(broken); i++) {
        struct run_result result;
        char *text = str_format(STORY APPROVED "%s", broken[i].expect);
        assert_err(run(text, &options, &result, NULL), ERR_NONE);
        assert_int_equal(result.failures.total, 1);
        const struct failure *failure = &result.failures.items[0];
        if (!str_starts_with(str_from(failure->title), str_from(broken[i].title)))
            fail_msg("expected: %s\n  actual: %s", broken[i].title, failure->title);
        assert_int_equal(failure->mark.line, broken[i].line);
        if (broken[i].actual != NULL)
            assert_str(str_from(failure->actual), broken[i].actual);
        assert_string_not_equal(failure->expected, failure->actual);
        run_result_release(&result);
        mem_free(text);
    }
}

/* Not a failure of the controller, but a slip of the pen: exit 2. */
static const struct {
    const char *rest;
    const char *message;
} wrong[] = {
    {"expect: {never: [{kind: ClusterProfile/web-prodution}]}\n",
     "s.yaml:19:18: found ClusterProfile/web-prodution, which never existed, expected an object "
     "of this scenario"},
    {"expect: {at: [{at: end, kind: ClusterPromotion/wb, absent: true}]}\n",
     "s.yaml:19:15: found ClusterPromotion/wb, which never existed, expected an object of this "
     "scenario; did you mean \"web\"?"},
    {"script: [{at: +1h, server-side-apply: {apiVersion: v1, kind: ConfigMap, metadata: {name: a, "
     "ownerReferences: [{kind: ClusterPromotion, name: wb}]}}, manager: m}]\nexpect: {}\n",
     "s.yaml:19:20: found an ownerReference of ClusterPromotion/wb, which does not exist"},
    {"script: [{at: +1h, approve: {promotion: web, stage: stagin}}]\nexpect: {}\n",
     "s.yaml:19:46: found \"stagin\", expected a stage of the promotion; did you mean "
     "\"staging\"?"},
    {"script: [{at: +1h, approve: {promotion: wob, stage: staging}}]\nexpect: {}\n",
     "s.yaml:19:10: found the answer 404 NotFound: "},
    {"script: [{at: +1h, delete: ClusterProfile/none}]\nexpect: {}\n",
     "s.yaml:19:10: found the answer 404 NotFound: "},
    {"script: [{at: +1h, delete: ClusterPromotion/web, answer: 404}]\nexpect: {}\n",
     "s.yaml:19:10: found the answer success, expected 404"},
    {"script: [{at: +1h, patch: ClusterPromotion/web, merge: {spec: {stages: 5}}}]\nexpect: {}\n",
     "s.yaml:19:10: found the answer 422 Invalid: "},
    {"script: [{at: +1h, create: {apiVersion: v1, kind: Namespace, metadata: {name: default}}}]\n"
     "expect: {}\n", "s.yaml:19:20: Namespace/default is refused by the API: 409 AlreadyExists: "},
    {"faults: [{do: crash-controller, when: {verb: delete, point: after-answer}}]\nexpect: {}\n",
     "s.yaml:19:10: found 0 requests like this, expected at least 1"},
    {"faults: [{do: gone, when: {kind: ClusterProfile, nth: 77}}]\nexpect: {}\n",
     "s.yaml:19:10: found 4 deliveries like this, expected at least 77"},
    {"faults:\n  - {do: lose-answer, when: {verb: patch}}\n"
     "  - {do: lose-request, when: {verb: patch}}\nexpect: {}\n",
     "s.yaml:21:5: found another fault at the same place, expected one at a time"},
};

static void an_expectation_or_step_that_means_nothing_makes_the_scenario_wrong(void **state)
{
    struct run_options options = {.seed = 1};
    unsigned count = 0;
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
        struct run_result result;
        struct errmsg msg = {{0}};
        char *text = str_format(STORY "%s", wrong[i].rest);
        enum err err = run(text, &options, &result, &msg);
        if (err == ERR_NONE || !str_starts_with(str_from(msg.text), str_from(wrong[i].message))) {
            print_error("expected: %s\n  actual: %s\n", wrong[i].message,
                        err == ERR_NONE ? "accepted" : msg.text);
            count++;
        }
        run_result_release(&result);
        mem_free(text);
    }
    assert_int_equal(count, 0);
}

static void an_expected_refusal_is_no_error(void **state)
{
    struct run_options options = {.seed = 1};
    struct run_result result;
    (void)state;
    assert_err(run(STORY
        "script:\n"
        "  - {at: +1s, delete: ClusterProfile/none, answer: 404}\n"
        "  - {at: +2s, patch: ClusterPromotion/web, merge: {spec: {stages: 5}}, answer: 422}\n"
        "  - at: +3s\n"
        "    create: {apiVersion: v1, kind: Namespace, metadata: {name: default}}\n"
        "    answer: 409\n"
        "expect: {quiesce: 1h}\n", &options, &result, NULL), ERR_NONE);
    assert_int_equal(result.failures.total, 0);
    run_result_release(&result);
}

static void every_kind_of_step_has_its_effect(void **state)
{
    struct run_options options = {.seed = 1};
    struct run_result result;
    struct errmsg msg = {{0}};
    (void)state;
    enum err err = run(STORY
        "script:\n"
        "  - {at: +1h, patch: ClusterPromotion/web, json-patch: [{op: add, path: "
        "/spec/stages/0/trigger/manual/approved, value: true}]}\n"
        "  - {at: +2h, apply: {apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {a: "
        "b}}}\n"
        "  - {at: +3h, apply: {apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {c: "
        "d}}}\n"
        "  - {at: +4h, cluster: default/one, paused: true, ready: false, labels: {tier: gold}}\n"
        "  - {at: +5h, cluster: default/one, labels: {tier: null}}\n"
        "  - {at: +6h, add-clusters: [{name: three, namespace: ns, labels: {env: production}}]}\n"
        "  - {at: +7h, sveltos: down}\n"
        "  - {at: +7h, add-clusters: [{name: four, namespace: ns, labels: {env: production}}]}\n"
        "  - {at: +9h, sveltos: up}\n"
        "  - {at: +10h, delete: SveltosCluster/ns/three}\n"
        "  - {at: +11h, restart-controller: true}\n"
        "  - {at: +12h, server-side-apply: {apiVersion: v1, kind: ConfigMap, metadata: {name: web, "
        "ownerReferences: [{apiVersion: config.projectsveltos.io/v1beta1, kind: ClusterPromotion, "
        "name: web}]}, data: {e: f}}, manager: me}\n"
        "expect:\n"
        "  at:\n"
        "    - {at: +2h, kind: ConfigMap/default/web, match: {data: {a: b, c: null}}}\n"
        "    - {at: +3h, kind: ConfigMap/default/web, match: {data: {a: b, c: d}}}\n"
        "    - {at: +4h, kind: SveltosCluster/default/one, match: {spec: {paused: true}, status: "
        "{ready: false}, metadata: {labels: {env: staging, tier: gold}}}}\n"
        "    - {at: +5h, kind: SveltosCluster/default/one, match: {metadata: {labels: {env: "
        "staging, tier: null}}}}\n"
        "    - {at: +7h, kind: ClusterSummary/ns/web-production-sveltos-three}\n"
        "    - {at: +8h, kind: ClusterSummary/ns/web-production-sveltos-four, absent: true}\n"
        "    - {at: +10h, kind: ClusterSummary/ns/web-production-sveltos-four}\n"
        "    - {at: +11h, kind: SveltosCluster/ns/three, absent: true}\n"
        "    - {at: +12h, kind: ConfigMap/default/web, match: {metadata: {ownerReferences: [{uid: "
        "\"*-*\"}]}, data: {a: b, c: d, e: f}}}\n"
        "  quiesce: 1h\n", &options, &result, &msg);
    if (err != ERR_NONE)
        print_error("%s\n", msg.text);
    for (size_t i = 0; i < result.failures.count; i++)
        print_error("%s\nexpected: %s  actual: %s", result.failures.items[i].title,
                    result.failures.items[i].expected, result.failures.items[i].actual);
    assert_err(err, ERR_NONE);
    assert_int_equal(result.failures.total, 0);
    run_result_release(&result);
}

static void the_same_seed_has_the_same_trace_and_another_one_another(void **state)
{
    static const char story[] = STORY APPROVED "expect: {quiesce: 1h}\n";
    struct run_result results[3];
    struct buf trace;
    struct run_options options[] = {{.seed = 1}, {.seed = 1, .trace = &trace}, {.seed = 2}};
    (void)state;
    buf_init(&trace, 64u << 20);
    for (size_t i = 0; i < ARRAY_COUNT(options); i++) {
        assert_err(run(story, &options[i], &results[i], NULL), ERR_NONE);
        assert_int_equal(results[i].failures.total, 0);
    }
    assert_true(results[0].trace_hash == results[1].trace_hash);
    assert_true(results[0].trace_hash != results[2].trace_hash);
    assert_true(str_contains(buf_str(&trace), STR("/clusterpromotions/web/status")));
    assert_true(str_contains(buf_str(&trace),
                             STR("decides  web: Provisioning: Clusters are being provisioned\n")));
    assert_true(str_contains(buf_str(&trace), STR("decides  web: AwaitingApproval: PATCH ")));
    for (size_t i = 0; i < ARRAY_COUNT(options); i++)
        run_result_release(&results[i]);
    buf_release(&trace);
}

static void the_fault_of_a_scenario_strikes_unless_it_is_switched_off(void **state)
{
    static const char story[] = STORY APPROVED
        "faults: [{do: crash-controller, when: {verb: patch, kind: ClusterProfile, nth: 2, "
        "point: committed-before-answer}}]\nexpect: {quiesce: 1h}\n";
    struct scenario *scenario = parse(story);
    struct run_options options = {.seed = 1};
    struct sim *sim = NULL;
    (void)state;
    assert_err(scenario_play(scenario, &options, &sim, NULL), ERR_NONE);
    assert_true(sim_crashed(sim));
    sim_free(sim);
    options.undisturbed = true;
    assert_err(scenario_play(scenario, &options, &sim, NULL), ERR_NONE);
    assert_false(sim_crashed(sim));
    sim_free(sim);
    scenario_free(scenario);
}

static void several_faults_strike_in_one_run_and_the_rollout_ends_as_without(void **state)
{
    static const char story[] = STORY APPROVED
        "faults:\n"
        "  - {do: lose-answer, when: {verb: patch, kind: ClusterProfile}}\n"
        "  - {do: crash-controller, when: {verb: patch, kind: ClusterPromotion/status, nth: 2, "
        "point: after-answer}}\n"
        "  - {do: crash-controller, when: {verb: list, kind: ClusterSummary, nth: 2, "
        "point: before-send}}\n"
        "  - {do: gone, when: {kind: ClusterSummary, nth: 2}}\n"
        "expect:\n"
        "  at: [{at: end, kind: ClusterPromotion/web, match: {status: {currentStageName: "
        "production, lastPromotionTime: \"*\"}}}]\n"
        "  quiesce: 1h\n";
    struct run_options options = {.seed = 1};
    struct run_result result;
    struct errmsg msg = {{0}};
    struct buf trace;
    (void)state;
    buf_init(&trace, 64u << 20);
    options.trace = &trace;
    if (run(story, &options, &result, &msg) != ERR_NONE)
        print_error("%s\n", msg.text);
    assert_int_equal(result.failures.total, 0);
    assert_true(str_contains(buf_str(&trace), STR("lose-answer PATCH /apis/")));
    assert_true(str_contains(buf_str(&trace), STR("restarts at after-answer:")));
    assert_true(str_contains(buf_str(&trace), STR("restarts at before-send:")));
    assert_true(str_contains(buf_str(&trace), STR("gone     GET /apis/")));
    run_result_release(&result);
    buf_release(&trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_promised_and_kept_is_no_failure),
        cmocka_unit_test(what_is_promised_and_not_kept_is_a_failure),
        cmocka_unit_test(an_expectation_or_step_that_means_nothing_makes_the_scenario_wrong),
        cmocka_unit_test(an_expected_refusal_is_no_error),
        cmocka_unit_test(every_kind_of_step_has_its_effect),
        cmocka_unit_test(the_same_seed_has_the_same_trace_and_another_one_another),
        cmocka_unit_test(the_fault_of_a_scenario_strikes_unless_it_is_switched_off),
        cmocka_unit_test(several_faults_strike_in_one_run_and_the_rollout_ends_as_without),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
