#include "tests/testlib/test.h"

#include "scenarios/engine/scenario.h"

#define HEAD "scenario: s\nwhy: w\n"
#define NOTHING "expect: {}\n"
#define PROMOTION \
    "{apiVersion: config.projectsveltos.io/v1beta1, kind: ClusterPromotion, metadata: {name: p}}"

static struct scenario *parse(const char *text)
{
    struct scenario *scenario = NULL;
    struct errmsg msg = {{0}};
    if (scenario_parse(str_from(text), "dir/s.yaml", &scenario, &msg) != ERR_NONE)
        print_error("%s\n", msg.text);
    assert_non_null(scenario);
    return scenario;
}

static void a_scenario_is_read_with_all_its_parts(void **state)
{
    struct scenario *scenario =
        parse("scenario: all parts\nwhy: |\n  because\nstart: 2026-01-02T23:00:00Z\nseed: 42\n"
              "latency: 5ms\nnot-swept: \" it remembers \"\nnot-disturbed: it is late\n"
              "fleet:\n  - {count: 3, name: \"a-{i}\", namespace: ns, labels: {env: x}, paused: "
              "true}\n"
              "  - {name: b, ready: false}\n"
              "given:\n  - " PROMOTION "\n"
              "world:\n  - {on: ClusterSummary, takes: {min: 5s, max: 90s}, fails: always}\n"
              "  - {on: ClusterSummary, cluster: a-1, takes: 1.5s, fails: 2, message: m}\n"
              "script:\n  - {at: +2h, restart-controller: true}\n"
              "  - {at: +1h30m, approve: {promotion: p, stage: one}}\n"
              "expect:\n  budget: {writes: 7}\n  quiesce: 1h\n");
    (void)state;
    assert_str(scenario->name, "all parts");
    assert_str(scenario->why, "because");
    assert_int_equal(scenario->start_ms, INT64_C(1767394800000));
    assert_int_equal(scenario->seed, 42);
    assert_int_equal(scenario->latency_ms, 5);
    assert_str(scenario->not_swept, "it remembers");
    assert_str(scenario->not_disturbed, "it is late");
    assert_int_equal(fleet_cluster_count(&scenario->fleet), 4);
    assert_true(scenario->fleet.entries[0].paused && scenario->fleet.entries[0].ready);
    assert_false(scenario->fleet.entries[1].ready);
    assert_str(scenario->fleet.entries[1].name_space, "default");
    assert_int_equal(scenario->given_count, 1);
    assert_int_equal(scenario->rules[0].takes.max_ms, 90000);
    assert_int_equal(scenario->rules[0].fails, UINT_MAX);
    assert_int_equal(scenario->rules[1].takes.min_ms, 1500);
    assert_int_equal(scenario->rules[1].takes.max_ms, 1500);
    assert_int_equal(scenario->rules[1].fails, 2);
    assert_int_equal(scenario->expect.writes_max, 7);
    assert_int_equal(scenario->expect.requests_max, UINT_MAX);
    assert_int_equal(scenario->expect.quiesce_ms, 3600 * 1000);
    scenario_free(scenario);
}

/* Each key of a rule ends in the field that the world reads. */
static void the_world_is_read_with_all_its_words(void **state)
{
    struct scenario *scenario =
        parse(HEAD "world:\n"
              "  - {on: ClusterSummary, feature: Helm, check: up, health: {healthy-after: 7m, "
              "flaps-at: 20m, flaps-for: 5m, finds-nothing: true}, message: ill}\n"
              "  - {on: ClusterSummary, profile: \"*-prod\", fails-for: 30m, for-good: true}\n"
              "  - {on: ClusterSummary, health: never}\n"
              "  - {on: SveltosCluster, cluster: prod-1, active: {from: 1h, to: 3h, every: 24h}}\n"
              "  - {on: ClusterPromotion, stub: true}\n"
              "  - {on: Cluster, onboard-annotation: example.com/in}\n"
              "fleet: [{name: a, kind: Cluster, annotations: {a: b}}, {name: a}]\n"
              "script:\n  - {at: +1h, sveltos: down, for: 30m}\n"
              "  - {at: +70m, sveltos: restart}\n"
              "  - {at: +80m, cluster: default/a, kind: Cluster, ready: false, "
              "annotations: {a: null}}\n" NOTHING);
    const struct world_rule *rules = scenario->rules;
    (void)state;
    assert_int_equal(scenario->rule_count, 6);
    assert_true(rules[0].has_health && rules[0].health.finds_nothing);
    assert_int_equal(rules[0].health.healthy_after_ms, 7 * 60000);
    assert_int_equal(rules[0].health.flaps_at_ms, 20 * 60000);
    assert_int_equal(rules[0].health.flaps_for_ms, 5 * 60000);
    assert_str(rules[0].check, "up");
    assert_int_equal(rules[1].fails_for_ms, 30 * 60000);
    assert_true(rules[1].fails_for_good && !rules[1].has_health);
    assert_true(rules[2].health.healthy_after_ms == KTIME_NEVER);
    assert_true(rules[3].has_active && !rules[3].promotion_stub);
    assert_int_equal(rules[3].active.max_ms, 3 * 3600000);
    assert_int_equal(rules[3].active_every_ms, 24 * 3600000);
    assert_true(rules[4].promotion_stub);
    assert_str(rules[5].capi_onboard_annotation, "example.com/in");
    assert_str(scenario->fleet.entries[0].kind, "Cluster");
    assert_int_equal(json_count(scenario->fleet.entries[0].annotations), 1);
    assert_int_equal(scenario->script.end_ms, 90 * 60000);
    assert_true(scenario->script.steps[0].sveltos_down && !scenario->script.steps[0].sveltos_up);
    assert_true(scenario->script.steps[1].sveltos_down && scenario->script.steps[1].sveltos_up);
    assert_string_equal(scenario->script.steps[2].object.kind->kind, "Cluster");
    scenario_free(scenario);
}

static void what_is_left_out_has_its_default(void **state)
{
    struct scenario *scenario = parse(HEAD "expect: {}\n");
    (void)state;
    assert_int_equal(scenario->start_ms, SCENARIO_START_MS);
    assert_int_equal(scenario->seed, 1);
    assert_int_equal(scenario->latency_ms, 0);
    assert_int_equal(scenario->expect.quiesce_ms, EXPECT_QUIESCE_MS);
    assert_int_equal(scenario->expect.writes_max, UINT_MAX);
    assert_int_equal(scenario->fault_count, 0);
    scenario_free(scenario);
}

static void steps_are_in_order_of_time_and_then_of_the_file(void **state)
{
    struct scenario *scenario =
        parse(HEAD "script:\n"
                   "  - {at: +2s, delete: ClusterPromotion/last}\n"
                   "  - {at: +1s, delete: ClusterPromotion/first}\n"
                   "  - {at: +1s, delete: ClusterProfile/second, propagation: Orphan}\n"
                   "expect: {}\n");
    (void)state;
    assert_int_equal(scenario->script.count, 3);
    assert_str(scenario->script.steps[0].object.name, "first");
    assert_str(scenario->script.steps[0].propagation, "Background");
    assert_str(scenario->script.steps[1].object.name, "second");
    assert_str(scenario->script.steps[1].propagation, "Orphan");
    assert_str(scenario->script.steps[2].object.name, "last");
    scenario_free(scenario);
}

static bool matches(const struct scenario_fault *fault, const char *method, const char *target)
{
    struct sim_passage passage = {.nth = 1, .method = method, .target = str_from(target)};
    return scenario_fault_matches(fault, &passage);
}

static void a_fault_names_its_request(void **state)
{
    struct scenario *scenario = parse(HEAD
        "faults:\n  - {do: crash-controller, when: {verb: patch, kind: ClusterPromotion/status, "
        "nth: 3, point: committed-before-answer}}\n"
        "  - {do: lose-answer, when: {verb: list, kind: ClusterProfile}}\n"
        "  - {do: lose-request, when: {verb: get}}\nexpect: {}\n");
    const struct scenario_fault *faults = scenario->faults;
    (void)state;
    assert_int_equal(scenario->fault_count, 3);
    assert_int_equal(faults[0].nth, 3);
    assert_int_equal(faults[0].fault.kind, SIM_FAULT_CRASH);
    assert_int_equal(faults[0].fault.point, SIM_CRASH_AFTER_COMMIT);
    assert_true(matches(&faults[0], "PATCH", "/apis/c/v1/clusterpromotions/p/status?timeout=5s"));
    assert_false(matches(&faults[0], "PATCH", "/apis/c/v1/clusterpromotions/p?x=/status"));
    assert_false(matches(&faults[0], "GET", "/apis/c/v1/clusterpromotions/p/status"));
    assert_false(matches(&faults[0], "PATCH", "/apis/c/v1/clusterprofiles/p/status"));
    assert_int_equal(faults[1].nth, 1);
    assert_true(matches(&faults[1], "GET", "/apis/c/v1/clusterprofiles?limit=500"));
    assert_false(matches(&faults[1], "GET", "/apis/c/v1/clusterprofiles/clusterpromotions"));
    assert_false(matches(&faults[1], "GET", "/apis/c/v1/clusterprofiles?watch=true"));
    assert_true(matches(&faults[2], "GET", "/apis/c/v1/namespaces/n/clustersummaries/s"));
    assert_true(matches(&faults[2], "GET", "/api/v1/namespaces/n"));
    assert_false(matches(&faults[2], "GET", "/apis/c/v1/namespaces/n/clustersummaries"));
    assert_false(matches(&faults[2], "DELETE", "/api/v1/namespaces/n"));
    scenario_free(scenario);
}

static void each_kind_of_fault_is_read_with_what_belongs_to_it(void **state)
{
    struct scenario *scenario = parse(HEAD
        "faults:\n"
        "  - {do: answer, status: 429, when: {verb: create}}\n"
        "  - {do: answer, status: 503, retry-after: 7s, when: {}}\n"
        "  - {do: answer, status: 504, when: {}}\n"
        "  - {do: time-out, when: {verb: watch}}\n"
        "  - {do: time-out, when: {point: committed-late}}\n"
        "  - {do: gone, when: {kind: ClusterSummary, nth: 2}}\n"
        "  - {do: cut-watch, when: {point: between-events}}\n"
        "  - {do: cut-watch, when: {point: within-events}}\n"
        "  - {do: stale-watch, for: 90s, when: {kind: SveltosCluster}}\n"
        "  - {do: lag-watch, events: 2, for: 30s, when: {}}\n"
        "  - {do: stale-read, events: 3, when: {verb: list}}\n"
        "  - {do: second-controller, for: 5s, survivor: first, when: {}}\n"
        "  - {do: second-controller, for: 5s, survivor: second, when: {}}\nexpect: {}\n");
    static const struct sim_fault expected[] = {
        {.kind = SIM_FAULT_ANSWER, .status = 429, .retry_after_s = 1},
        {.kind = SIM_FAULT_ANSWER, .status = 503, .retry_after_s = 7},
        {.kind = SIM_FAULT_ANSWER, .status = 504, .retry_after_s = -1},
        {.kind = SIM_FAULT_TIME_OUT, .retry_after_s = -1},
        {.kind = SIM_FAULT_TIME_OUT, .point = SIM_CRASH_LATE_COMMIT, .retry_after_s = -1},
        {.kind = SIM_FAULT_GONE, .retry_after_s = -1},
        {.kind = SIM_FAULT_CUT_WATCH, .retry_after_s = -1},
        {.kind = SIM_FAULT_TEAR_WATCH, .retry_after_s = -1},
        {.kind = SIM_FAULT_STALE_WATCH, .retry_after_s = -1, .hold_ms = 90000},
        {.kind = SIM_FAULT_LAG_WATCH, .retry_after_s = -1, .hold_ms = 30000, .events = 2},
        {.kind = SIM_FAULT_STALE_READ, .retry_after_s = -1, .events = 3},
        {.kind = SIM_FAULT_SECOND, .retry_after_s = -1, .hold_ms = 5000, .first_stays = true},
        {.kind = SIM_FAULT_SECOND, .retry_after_s = -1, .hold_ms = 5000},
    };
    const char *watch = "/apis/c/v1/clustersummaries?watch=true";
    struct sim_passage delivery = {.is_delivery = true, .method = "GET", .target = str_from(watch)};
    (void)state;
    assert_int_equal(scenario->fault_count, ARRAY_COUNT(expected));
    for (size_t i = 0; i < ARRAY_COUNT(expected); i++) {
        const struct sim_fault *fault = &scenario->faults[i].fault;
        assert_int_equal(fault->kind, expected[i].kind);
        if (expected[i].point != SIM_CRASH_NONE)
            assert_int_equal(fault->point, expected[i].point);
        assert_int_equal(fault->events, expected[i].events);
        assert_int_equal(fault->first_stays, expected[i].first_stays);
        assert_int_equal(fault->status, expected[i].status);
        assert_int_equal(fault->retry_after_s, expected[i].retry_after_s);
        assert_int_equal(fault->hold_ms, expected[i].hold_ms);
    }
    assert_true(scenario_fault_matches(&scenario->faults[5], &delivery));
    assert_false(matches(&scenario->faults[5], "GET", watch));
    assert_true(matches(&scenario->faults[3], "GET", watch));
    assert_false(scenario_fault_matches(&scenario->faults[3], &delivery));
    assert_false(scenario_fault_matches(&scenario->faults[8], &delivery));
    scenario_free(scenario);
}

/* Issue 3, item 3: file:line:column, what was found, what was expected, the nearest known key. */
static const struct {
    const char *text;
    const char *message; /* its beginning */
} refused[] = {
    {"", "dir/s.yaml:1:1: found 0 documents, expected one scenario"},
    {"hello\n", "dir/s.yaml:1:1: found \"hello\", expected a scenario"},
    {"[1]\n", "dir/s.yaml:1:1: found a list, expected a scenario"},
    {HEAD "expect: {}\n---\n" HEAD, "dir/s.yaml:1:1: found 2 documents, expected one scenario"},
    {"why: w\nexpect: {}\n", "dir/s.yaml:1:1: found no key \"scenario\", expected one"},
    {"scenario: s\nexpect: {}\n", "dir/s.yaml:1:1: found no key \"why\", expected one"},
    {HEAD, "dir/s.yaml:1:1: found no key \"expect\", expected one"},
    {HEAD "scenario: t\n", "dir/s.yaml:3:1: found"}, /* the key again */
    {"scenario: 5\nwhy: w\nexpect: {}\n",
     "dir/s.yaml:1:1: found the number 5, expected a text"},
    {"scenario: \"a\\nb\"\nwhy: w\nexpect: {}\n", "dir/s.yaml:1:1: found"},
    {"scenario: on\nwhy: w\nexpect: {}\n",
     "dir/s.yaml:1:1: found true, expected a text (y, n, yes, no, on and off need quotes)"},
    {HEAD "scrpt: []\n", "dir/s.yaml:3:1: found the key \"scrpt\", expected one of"},
    {HEAD "start: tomorrow\n", "dir/s.yaml:3:1: found \"tomorrow\", expected a time such as"},
    {HEAD "seed: -1\n", "dir/s.yaml:3:1: found the number -1, expected a whole number"},
    {HEAD "latency: 5\n", "dir/s.yaml:3:1: found the number 5, expected a duration"},
    {HEAD "latency: -5s\n", "dir/s.yaml:3:1: found \"-5s\", expected a duration"},
    {HEAD "not-swept:\n", "dir/s.yaml:3:1: found nothing, expected a text"},
    {HEAD "not-swept: \"\"\n", "dir/s.yaml:3:1: found \"\", expected a text"},
    {HEAD "not-disturbed: true\n", "dir/s.yaml:3:1: found true, expected a text"},
    {HEAD "not-disturbt: w\n",
     "dir/s.yaml:3:1: found the key \"not-disturbt\", expected one of"},
    {HEAD "strict: maybe\n", "dir/s.yaml:3:1: found \"maybe\", expected"},
    {HEAD "faults: [{do: stale-read, events: 0, when: {}}]\nexpect: {}\n",
     "dir/s.yaml:3:27: found the number 0, expected a count from 1"},
    {HEAD "faults: [{do: lag-watch, for: 3s, when: {}}]\nexpect: {}\n",
     "dir/s.yaml:3:10: found no key \"events\", expected one"},
    {HEAD "faults: [{do: second-controller, for: 3s, survivor: third, when: {}}]\nexpect: {}\n",
     "dir/s.yaml:3:43: found \"third\", expected"},
    /* fleet */
    {HEAD "fleet: {count: 1}\n" NOTHING, "dir/s.yaml:3:1: found a mapping, expected a list of "
     "clusters"},
    {HEAD "fleet:\n  - {count: 2, name: a}\n" NOTHING,
     "dir/s.yaml:4:16: found \"a\", expected a name with {i}"},
    {HEAD "fleet:\n  - {count: 0, name: a}\n" NOTHING, "dir/s.yaml:4:6: found the number 0, "
     "expected a"},
    {HEAD "fleet:\n  - {name: a}\n  - {name: a}\n" NOTHING,
     "dir/s.yaml:5:5: found a second cluster default/a, expected each once"},
    {HEAD "fleet:\n  - {name: a, lables: {x: y}}\n" NOTHING,
     "dir/s.yaml:4:15: found the key \"lables\", expected one of"},
    {HEAD "fleet:\n  - {name: a, labels: {x: 1}}\n" NOTHING,
     "dir/s.yaml:4:24: found the number 1, expected a label's value"},
    {HEAD "fleet:\n  - {name: a, kind: SveltosCuster}\n" NOTHING,
     "dir/s.yaml:4:15: found \"SveltosCuster\", expected SveltosCluster or Cluster; "
     "did you mean"},
    {HEAD "fleet:\n  - {count: 4000000000, name: \"{i}\"}\n" NOTHING, "dir/s.yaml:3:1: found "
     "4000000000"},
    {HEAD "fleet: nowhere.yaml\n" NOTHING, "dir/nowhere.yaml: there is no such file"},
    /* given */
    {HEAD "given: x.yaml\n" NOTHING, "dir/s.yaml:3:1: found \"x.yaml\", expected a list"},
    {HEAD "given: [x.yaml]\n" NOTHING, "dir/x.yaml: there is no such file"},
    {HEAD "given: [5]\n" NOTHING, "dir/s.yaml:3:9: found the number 5, expected the name of a "
     "file"},
    {HEAD "given:\n  - {kind: ClusterPromotoin}\n" NOTHING,
     "dir/s.yaml:4:6: found \"ClusterPromotoin\", expected a kind that the simulation serves; "
     "did you mean \"ClusterPromotion\"?"},
    {HEAD "given:\n  - {kind: ClusterProfile, apiVersion: v1}\n" NOTHING,
     "dir/s.yaml:4:28: found \"v1\", expected apiVersion config.projectsveltos.io/v1beta1"},
    {HEAD "given:\n  - {kind: Namespace, apiVersion: v1}\n" NOTHING,
     "dir/s.yaml:4:5: found no metadata.name, expected one"},
    {HEAD "given:\n  - {kind: Namespace, apiVersion: v1, metadata: {name: a/b}}\n" NOTHING,
     "dir/s.yaml:4:50: found a metadata.name that is no name"},
    /* world */
    {HEAD "world:\n  - {takes: 5s}\n" NOTHING, "dir/s.yaml:4:5: found no key \"on\", expected "
     "one in"},
    {HEAD "world:\n  - {on: ClusterSumary}\n" NOTHING,
     "dir/s.yaml:4:6: found \"ClusterSumary\", expected one of ClusterSummary, "
     "SveltosCluster, ClusterPromotion, Cluster; did you mean"},
    {HEAD "world:\n  - {on: ClusterSummary, takes: {min: 5s}}\n" NOTHING,
     "dir/s.yaml:4:26: found no key \"max\", expected one in a range"},
    {HEAD "world:\n  - {on: ClusterSummary, takes: {min: 5s, max: 1s}}\n" NOTHING,
     "dir/s.yaml:4:26: found \"max\" below \"min\""},
    {HEAD "world:\n  - {on: ClusterSummary, fails: often}\n" NOTHING,
     "dir/s.yaml:4:26: found \"often\", expected a number of failures or \"always\""},
    {HEAD "world:\n  - {on: ClusterSummary, feature: helm}\n" NOTHING,
     "dir/s.yaml:4:26: found \"helm\", expected one of Helm, Kustomize, Resources; did you mean"},
    {HEAD "world:\n  - {on: ClusterSummary, active: {from: 1h, to: 2h}}\n" NOTHING,
     "dir/s.yaml:4:26: found the key \"active\", expected one of"},
    {HEAD "world:\n  - {on: ClusterSummary, health: ill}\n" NOTHING,
     "dir/s.yaml:4:26: found \"ill\", expected \"never\" or {healthy-after: 7m}"},
    {HEAD "world:\n  - {on: ClusterSummary, health: {flaps-at: 20m}}\n" NOTHING,
     "dir/s.yaml:4:26: found one of \"flaps-at\" and \"flaps-for\", expected both"},
    {HEAD "world:\n  - {on: ClusterSummary, check: up}\n" NOTHING,
     "dir/s.yaml:4:26: found a check without \"health\""},
    {HEAD "world:\n  - {on: ClusterSummary, fails-for: soon}\n" NOTHING,
     "dir/s.yaml:4:26: found \"soon\", expected a duration"},
    {HEAD "world:\n  - {on: SveltosCluster, active: {from: 2h, to: 1h}}\n" NOTHING,
     "dir/s.yaml:4:26: found \"to\" not after \"from\""},
    {HEAD "world:\n  - {on: SveltosCluster, active: {from: 1h, to: 2h, every: 1h}}\n" NOTHING,
     "dir/s.yaml:4:26: found \"every\" not longer than the window itself"},
    {HEAD "world:\n  - {on: SveltosCluster, fails: 2}\n" NOTHING,
     "dir/s.yaml:4:26: found the key \"fails\", expected one of"},
    {HEAD "world:\n  - {on: ClusterPromotion, stub: maybe}\n" NOTHING,
     "dir/s.yaml:4:28: found \"maybe\", expected"},
    /* script */
    {HEAD "script:\n  - {at: +1h, sveltos: up, for: 1h}\n" NOTHING,
     "dir/s.yaml:4:28: found \"for\", expected it with \"down\" only"},
    {HEAD "script:\n  - {at: +1h, cluster: a/b, kind: Custer, ready: true}\n" NOTHING,
     "dir/s.yaml:4:29: found \"Custer\", expected one of SveltosCluster, Cluster; did you mean"},
    {HEAD "script:\n  - {at: +1h, cluster: a/b, kind: Cluster, down: true}\n" NOTHING,
     "dir/s.yaml:4:44: found \"down\", which no Cluster has"},
    {HEAD "script:\n  - {at: +1h, cluster: a/b, down: 5}\n" NOTHING,
     "dir/s.yaml:4:29: found the number 5, expected"},
    {HEAD "script:\n  - {approve: {promotion: p, stage: s}}\n" NOTHING,
     "dir/s.yaml:4:5: found no key \"at\", expected one in this step"},
    {HEAD "script:\n  - {at: 1h, restart-controller: true}\n" NOTHING,
     "dir/s.yaml:4:6: found \"1h\", expected an offset from the start such as \"+1h30m\""},
    {HEAD "script:\n  - {at: +-1h, restart-controller: true}\n" NOTHING,
     "dir/s.yaml:4:6: found \"+-1h\", expected an offset"},
    {HEAD "script:\n  - {at: +100000h, restart-controller: true}\n" NOTHING,
     "dir/s.yaml:4:6: found a step that is not reached within ten years"},
    {HEAD "script:\n  - {at: +1h, aprove: {promotion: p, stage: s}}\n" NOTHING,
     "dir/s.yaml:4:15: found \"aprove\", expected an action of a script; did you mean \"approve\""},
    {HEAD "script:\n  - {at: +1h, approve: {promotion: p}}\n" NOTHING,
     "dir/s.yaml:4:15: found no key \"stage\", expected one in an approval"},
    {HEAD "script:\n  - {at: +1h, patch: ClusterPromotion/p}\n" NOTHING,
     "dir/s.yaml:4:15: found a patch with no content, expected either"},
    {HEAD "script:\n  - {at: +1h, patch: ClusterPromotion/p, merge: {}, json-patch: []}\n" NOTHING,
     "dir/s.yaml:4:15: found a patch with two contents, expected either"},
    {HEAD "script:\n  - {at: +1h, patch: ClusterSummary/p, merge: {}}\n" NOTHING,
     "dir/s.yaml:4:15: found \"ClusterSummary/p\", expected KIND/NAMESPACE/NAME"},
    {HEAD "script:\n  - {at: +1h, delete: ClusterPromotion/p, propagation: Bckground}\n" NOTHING,
     "dir/s.yaml:4:43: found \"Bckground\", expected one of Background, Foreground, Orphan; did"},
    {HEAD "script:\n  - {at: +1h, sveltos: off}\n" NOTHING, "dir/s.yaml:4:15: found false, "
     "expected one"},
    {HEAD "script:\n  - {at: +1h, cluster: a/b}\n" NOTHING,
     "dir/s.yaml:4:15: found no change, expected one of ready, paused, labels"},
    {HEAD "script:\n  - {at: +1h, cluster: b, ready: true}\n" NOTHING,
     "dir/s.yaml:4:15: found \"b\", expected NAMESPACE/NAME of a cluster"},
    {HEAD "script:\n  - {at: +1h, restart-controller: maybe}\n" NOTHING,
     "dir/s.yaml:4:15: found \"maybe\", expected true"},
    {HEAD "script:\n  - {at: +1h, restart-controller: true, merge: {}}\n" NOTHING,
     "dir/s.yaml:4:41: found the key \"merge\", expected one of at, restart-controller in"},
    {HEAD "script:\n  - {at: +1h, server-side-apply: " PROMOTION "}\n" NOTHING,
     "dir/s.yaml:4:5: found no key \"manager\", expected one in this step"},
    {HEAD "script:\n  - {at: +1h, delete: ClusterPromotion/p, manager: m}\n" NOTHING,
     "dir/s.yaml:4:43: found the key \"manager\", expected one of at, delete, answer, propagation"},
    {HEAD "controller-starts: +2h\nscript:\n  - {at: +1h, restart-controller: true}\n" NOTHING,
     "dir/s.yaml:5:5: found a restart before \"controller-starts\""},
    {HEAD "controller-starts: 2h\n" NOTHING, "dir/s.yaml:3:1: found \"2h\", expected an offset"},
    {HEAD "script:\n  - {at: +1h, create: 7}\n" NOTHING, "dir/s.yaml:4:15: found the number 7, "
     "expected"},
    /* faults */
    {HEAD "faults:\n  - {do: stale-wtch, when: {point: after-answer}}\n" NOTHING,
     "dir/s.yaml:4:6: found \"stale-wtch\", expected one of crash-controller, lose-answer, "
     "lose-request, answer, time-out, gone, cut-watch, stale-watch, lag-watch, stale-read, "
     "second-controller; did you mean \"stale-watch\"?"},
    {HEAD "faults: []\n" NOTHING, "dir/s.yaml:3:1: found no fault, expected one"},
    {HEAD "faults:\n  - {when: {}}\n" NOTHING, "dir/s.yaml:4:5: found no key \"do\", expected one"},
    {HEAD "faults:\n  - {do: gone}\n" NOTHING, "dir/s.yaml:4:5: found no key \"when\", expected"},
    {HEAD "faults:\n  - {do: gone, for: 3s, when: {}}\n" NOTHING,
     "dir/s.yaml:4:16: found the key \"for\", expected one of do, when in this fault"},
    {HEAD "faults:\n  - {do: gone, when: {verb: get}}\n" NOTHING,
     "dir/s.yaml:4:23: found the key \"verb\", expected one of kind, nth in \"when\" of this"},
    {HEAD "faults:\n  - {do: gone, when: {kind: ClusterProfile/status}}\n" NOTHING,
     "dir/s.yaml:4:23: found \"ClusterProfile/status\", expected KIND"},
    {HEAD "faults:\n  - {do: lose-answer, when: {kind: ClusterProfile/scale}}\n" NOTHING,
     "dir/s.yaml:4:30: found \"ClusterProfile/scale\", expected KIND or KIND/status"},
    {HEAD "faults:\n  - {do: lose-answer, when: {verb: update}}\n" NOTHING,
     "dir/s.yaml:4:30: found \"update\", expected one of get, list, watch, create, patch, delete"},
    {HEAD "faults:\n  - {do: lose-answer, when: {point: after-answer}}\n" NOTHING,
     "dir/s.yaml:4:30: found the key \"point\", expected one of verb, kind, nth in"},
    {HEAD "faults:\n  - {do: time-out, when: {point: after-answer}}\n" NOTHING,
     "dir/s.yaml:4:27: found \"after-answer\", expected one of before-send"},
    {HEAD "faults:\n  - {do: cut-watch, when: {point: before-send}}\n" NOTHING,
     "dir/s.yaml:4:28: found \"before-send\", expected one of between-events, within-events"},
    {HEAD "faults:\n  - {do: stale-watch, when: {}}\n" NOTHING,
     "dir/s.yaml:4:5: found no key \"for\", expected one in this fault"},
    {HEAD "faults:\n  - {do: answer, when: {}}\n" NOTHING,
     "dir/s.yaml:4:5: found no key \"status\", expected one in this fault"},
    {HEAD "faults:\n  - {do: answer, status: 418, when: {}}\n" NOTHING,
     "dir/s.yaml:4:18: found the number 418, expected one of 403, 409, 429, 500, 503, 504"},
    {HEAD "faults:\n  - {do: answer, status: 500, retry-after: 1s, when: {}}\n" NOTHING,
     "dir/s.yaml:4:31: found \"retry-after\" at an answer 500, expected it at 429 or 503"},
    {HEAD "faults:\n  - {do: answer, status: 429, retry-after: 1500ms, when: {}}\n" NOTHING,
     "dir/s.yaml:4:31: found \"1500ms\", expected whole seconds"},
    {HEAD "faults:\n  - {do: crash-controller, when: {nth: 2}}\n" NOTHING,
     "dir/s.yaml:4:28: found no key \"point\", expected one in \"when\" of crash-controller"},
    {HEAD "faults:\n  - {do: crash-controller, when: {point: sometime}}\n" NOTHING,
     "dir/s.yaml:4:35: found \"sometime\", expected one of before-send"},
    {HEAD "faults:\n  - {do: crash-controller, when: {nth: 0, point: after-answer}}\n" NOTHING,
     "dir/s.yaml:4:35: found the number 0, expected a count from 1"},
    /* expect */
    {HEAD "expect: {evntually: []}\n", "dir/s.yaml:3:10: found the key \"evntually\", expected "
     "one"},
    {HEAD "expect: {always: [S12]}\n", "dir/s.yaml:3:19: found \"S12\", expected one of S1, S2"},
    {HEAD "expect:\n  never: [{name: x}]\n",
     "dir/s.yaml:4:11: found no key \"kind\", expected one in an entry of \"never\""},
    {HEAD "expect:\n  never: [{kind: ClusterProfile, name: x, before: 5m}]\n",
     "dir/s.yaml:4:43: found \"5m\", expected an offset"},
    {HEAD "expect:\n  never: [{kind: ClusterProfile/x, after: +5m, before: +4m}]\n",
     "dir/s.yaml:4:11: found \"before\" not later than \"after\""},
    {HEAD "expect:\n  eventually: [{kind: ClusterProfile/x}]\n",
     "dir/s.yaml:4:16: found no key \"within\", expected one in an entry of \"eventually\""},
    {HEAD "expect:\n  eventually: [{within: 1h, kind: ClusterProfil/x}]\n",
     "dir/s.yaml:4:29: found \"ClusterProfil\", expected a kind that the simulation serves; did"},
    {HEAD "expect:\n  eventually: [{within: 1h, kind: ClusterProfile/x, matches: {}}]\n",
     "dir/s.yaml:4:53: found the key \"matches\", expected one of"},
    {HEAD "expect:\n  at: [{at: soon, kind: ClusterProfile/x}]\n",
     "dir/s.yaml:4:9: found \"soon\", expected an offset"},
    {HEAD "expect:\n  at: [{at: end, kind: ClusterProfile/x, match: {}, absent: true}]\n",
     "dir/s.yaml:4:8: found both \"absent\" and \"match\""},
    {HEAD "expect:\n  at: [{at: end, kind: SveltosCluster, name: x}]\n",
     "dir/s.yaml:4:18: found no namespace, expected the one of the SveltosCluster"},
    {HEAD "expect: {at: [{at: end, kind: ClusterPromotion/p, match: {statsu: {}}}]}\n",
     "dir/s.yaml:3:59: found \"statsu\", expected a field of this object; did you mean "
     "\"status\"?"},
    {HEAD "expect: {at: [{at: end, kind: ClusterPromotion/p, match: {status: {curentStageName: "
     "x}}}]}\n",
     "dir/s.yaml:3:68: found \"curentStageName\", expected a field of this object; did you mean "
     "\"currentStageName\"?"},
    {HEAD "expect: {at: [{at: end, kind: ClusterPromotion/p, match: {spec: {stages: {}}}}]}\n",
     "dir/s.yaml:3:66: found a mapping, expected a value of the type array"},
    {HEAD "expect: {at: [{at: end, kind: ClusterProfile/p, match: {spec: {syncMode: Never}}}]}\n",
     "dir/s.yaml:3:64: found \"Never\", expected one of OneTime, Continuous"},
    {HEAD "expect: {at: [{at: end, kind: ClusterProfile/p, match: {metadata: {nme: p}}}]}\n",
     "dir/s.yaml:3:68: found \"nme\", expected a field of metadata; did you mean \"name\"?"},
    {HEAD "expect: {budget: {writs: 5}}\n", "dir/s.yaml:3:19: found the key \"writs\", expected"},
    {HEAD "expect: {quiesce: forever}\n", "dir/s.yaml:3:10: found \"forever\", expected a "
     "duration"},
};

static void what_is_wrong_is_told_with_its_place(void **state)
{
    unsigned wrong = 0;
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(refused); i++) {
        struct scenario *scenario = NULL;
        struct errmsg msg = {{0}};
        enum err err = scenario_parse(str_from(refused[i].text), "dir/s.yaml", &scenario, &msg);
        if (err != ERR_NONE && str_starts_with(str_from(msg.text), str_from(refused[i].message)))
            continue;
        print_error("text:\n%s\nexpected: %s\n  actual: %s\n", refused[i].text, refused[i].message,
                    err == ERR_NONE ? "accepted" : msg.text);
        scenario_free(scenario);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

static void any_beginning_of_a_scenario_is_read_or_refused(void **state)
{
    static const char whole[] = HEAD
        "fleet: [{count: 2, name: \"a-{i}\", labels: {env: x}}]\ngiven: [" PROMOTION "]\n"
        "world: [{on: ClusterSummary, takes: {min: 5s, max: 90s}}]\n"
        "script: [{at: +1h, patch: ClusterPromotion/p, merge: {spec: {a: [1, {b: c}]}}}]\n"
        "expect: {at: [{at: end, kind: ClusterPromotion/p, match: {a: b}}], budget: {writes: 1}}\n";
    (void)state;
    for (size_t len = 0; len < sizeof(whole); len++) {
        struct scenario *scenario = NULL;
        struct errmsg msg = {{0}};
        enum err err = scenario_parse(str_from_bytes(whole, len), "s.yaml", &scenario, &msg);
        assert_true((err == ERR_NONE) == (scenario != NULL));
        if (err != ERR_NONE)
            assert_true(str_starts_with(str_from(msg.text), STR("s.yaml:")));
        scenario_free(scenario);
    }
}

static void a_manifest_beside_scenarios_does_not_claim_to_be_one(void **state)
{
    static const struct {
        const char *text;
        bool claims;
    } files[] = {{HEAD, true},          {"scenaro: s\nwhy: w\n", true},
                 {PROMOTION, false},    {"fleet: []\nworld: []\n", false},
                 {"", false},           {"[]\n", false},
                 {"expect: {}\n", true}};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(files); i++) {
        struct source source;
        assert_err(source_parse(str_from(files[i].text), "x", &source, NULL), ERR_NONE);
        assert_true(scenario_claims(&source) == files[i].claims);
        source_release(&source);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_scenario_is_read_with_all_its_parts),
        cmocka_unit_test(the_world_is_read_with_all_its_words),
        cmocka_unit_test(what_is_left_out_has_its_default),
        cmocka_unit_test(steps_are_in_order_of_time_and_then_of_the_file),
        cmocka_unit_test(a_fault_names_its_request),
        cmocka_unit_test(each_kind_of_fault_is_read_with_what_belongs_to_it),
        cmocka_unit_test(what_is_wrong_is_told_with_its_place),
        cmocka_unit_test(any_beginning_of_a_scenario_is_read_or_refused),
        cmocka_unit_test(a_manifest_beside_scenarios_does_not_claim_to_be_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
