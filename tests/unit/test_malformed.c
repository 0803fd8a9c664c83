/*
 * Objects that the schema lets through and that mean nothing, beside a healthy one: each is told
 * on itself, nothing is made for it, and the other promotion takes its ordinary way (D18).
 */
#include "tests/testlib/test.h"

#include "controller/base/mem.h"
#include "scenarios/engine/run.h"

#define SCRIPT_BYTES (1u << 20)
#define STORY_BYTES_MAX (4u << 20)
#define LONG_BYTES (256u << 10) /* status repeats a stage's name, and the object must still fit */

#define HEAD \
    "scenario: s\nwhy: w\n" \
    "fleet:\n" \
    "  - {name: one, labels: {env: staging}}\n" \
    "  - {name: two, labels: {env: production}}\n" \
    "world: [{on: ClusterSummary, takes: 20s}]\n" \
    "given:\n" \
    "  - apiVersion: config.projectsveltos.io/v1beta1\n" \
    "    kind: ClusterPromotion\n" \
    "    metadata: {name: web}\n" \
    "    spec:\n" \
    "      profileSpec: {policyRefs: [{kind: ConfigMap, namespace: default, name: web}]}\n" \
    "      stages:\n" \
    "        - {name: staging, clusterSelector: {matchLabels: {env: staging}}}\n" \
    "        - {name: production, clusterSelector: {matchLabels: {env: production}}}\n"
#define BROKEN \
    "  - apiVersion: config.projectsveltos.io/v1beta1\n" \
    "    kind: ClusterPromotion\n" \
    "    metadata: {name: %s}\n" \
    "    spec:\n" \
    "      profileSpec: {%s}\n" \
    "      stages: [%s]\n"
/* At last it can be deleted like any other. */
#define EXPECT \
    "script: [{at: +30m, delete: ClusterPromotion/%s}]\n" \
    "expect:\n" \
    "  at: [{at: end, kind: ClusterPromotion/%s, absent: true}]\n" \
    "  eventually:\n" \
    "    - {within: 1m, kind: ClusterPromotion/web, match: {status: {lastPromotionTime: '*'}}}\n" \
    "    - {within: 1m, kind: ClusterPromotion/%s, match: {status: {stages: [" \
    "{failureMessage: '%s', currentStatusDescription: '%s (*)'}]}}}\n"

#define NAME_64 "n234567890123456789012345678901234567890123456789012345678901234"
#define STAGE(name, trigger) \
    "{name: " name ", clusterSelector: {matchLabels: {env: staging}}, trigger: " trigger "}"
#define SELECTOR(expression) \
    "{name: qa, clusterSelector: {matchExpressions: [" expression "]}}"
#define WINDOW(from) STAGE("qa", "{auto: {promotionWindow: {from: '" from "', to: '@daily'}}}")
#define LAST ", {name: last, clusterSelector: {matchLabels: {env: production}}}"
#define JOB "jobRef: {namespace: default, name: j, kind: Secret}"
#define CHART \
    "helmCharts: [{repositoryURL: 'https://c', repositoryName: r, chartName: r/c, " \
    "chartVersion: '1', releaseName: r, releaseNamespace: r, options: {timeout: soon}}]"

static const struct {
    const char *name;
    const char *profile_spec;
    const char *stages;
    const char *text;
} rows[] = {
    {"b", "", STAGE("qa", "{auto: {delay: 1d}}"),
     "Malformed: spec.stages[0].trigger.auto.delay: *"},
    {"b", "", STAGE("qa", "{manual: {delay: 1d}}"),
     "Malformed: spec.stages[0].trigger.manual.delay: *unknown unit*"},
    {"b", "", STAGE("qa", "{auto: {delay: -1s}}"), "Malformed: *cannot be negative"},
    {"b", "", STAGE("qa", "{auto: {delay: 2562048h}}"), "Malformed: *invalid duration*"},
    {"b", "", STAGE("qa", "{auto: {delay: ''}}"), "Malformed: *invalid duration*"},
    {"b", "", SELECTOR("{key: env, operator: in, values: [qa]}"),
     "Malformed: spec.stages[0].clusterSelector: *not a valid label selector operator"},
    {"b", "", SELECTOR("{key: env, operator: In, values: []}"),
     "Malformed: spec.stages[0].clusterSelector: *"},
    {"b", "", SELECTOR("{key: env, operator: Exists, values: [qa]}"),
     "Malformed: spec.stages[0].clusterSelector: *"},
    {"b", "", SELECTOR("{key: -, operator: Exists}"),
     "Malformed: spec.stages[0].clusterSelector: *"},
    {"b", "", WINDOW("bad") LAST,
     "Promotion window: unparseable schedule \"bad\": Expected exactly 5 fields, found 1: bad"},
    {"b", "", WINDOW("* * * * 7") LAST, "Promotion window: unparseable schedule *"},
    {"b", "", WINDOW("@every 1h") LAST, "Promotion window: *no fixed times"},
    {"b", "", WINDOW("0 0 30 2 *") LAST, "Promotion window: *never fires"},
    {"b", "", WINDOW("TZ=Mars/Phobos 0 0 * * *") LAST, "Promotion window: *unknown time zone*"},
    {"b", "maxConsecutiveFailures: -1", STAGE("qa", "{auto: {}}"),
     "Malformed: spec.profileSpec.maxConsecutiveFailures: *"},
    {"b", "maxUpdate: 3000000000", STAGE("qa", "{auto: {}}"),
     "Malformed: spec.profileSpec.maxUpdate: *"},
    {"b", "policyRefs: [{remoteURL: {url: 'https://c', interval: soon}}]",
     STAGE("qa", "{auto: {}}"),
     "Malformed: spec.profileSpec.policyRefs[0].remoteURL.interval: *invalid duration*"},
    {"b", "kustomizationRefs: [{remoteURL: {url: 'https://c', interval: 1d}}]",
     STAGE("qa", "{auto: {}}"),
     "Malformed: spec.profileSpec.kustomizationRefs[0].remoteURL.interval: *unknown unit*"},
    {"b", "preDeployChecks: [{name: c, featureID: Helm, jobCheck: {timeout: 1w, " JOB "}}]",
     STAGE("qa", "{auto: {}}"),
     "Malformed: spec.profileSpec.preDeployChecks[0].jobCheck.timeout: *unknown unit*"},
    {"b", "",
     STAGE("qa", "{auto: {preHealthCheckDeployment: [{remoteURL: {url: 'oci://c', "
                 "interval: ''}}]}}"),
     "Malformed: spec.stages[0].trigger: preHealthCheckDeployment: *interval: *invalid duration*"},
    {"b", "", STAGE("qa", "{manual: {postDelayHealthChecks: [{name: c, featureID: Helm, "
                          "jobCheck: {timeout: '-', " JOB "}}]}}"),
     "Malformed: spec.stages[0].trigger: postDelayHealthChecks: *timeout: *invalid duration*"},
    {"b", CHART, STAGE("qa", "{auto: {}}"),
     "Malformed: spec.profileSpec.helmCharts[0].options.timeout: *"},
    {"b", "", STAGE("QA", "{auto: {}}"), "Malformed: spec.stages[0].name: *valid object name"},
    {"b", "", STAGE("'q a'", "{auto: {}}"), "Malformed: spec.stages[0].name: *"},
    {"b", "", STAGE("qa.", "{auto: {}}"), "Malformed: spec.stages[0].name: *"},
    {"b", "", STAGE("''", "{auto: {}}"), "Malformed: spec.stages[0].name: *"},
    {"b", "", STAGE(NAME_64, "{auto: {}}"), "Malformed: spec.stages[0].name: *takes 63"},
    {NAME_64, "", STAGE("qa", "{auto: {}}"), "Malformed: metadata.name: *takes 63"},
};

/* Plays a story that must keep all that it promises. */
static void play(const char *text)
{
    struct scenario *scenario = NULL;
    struct run_options options = {.seed = 1, .quiesce_max_ms = 3600 * 1000};
    struct run_result result = {0};
    struct errmsg msg = {{0}};
    if (scenario_parse(str_from(text), "s.yaml", &scenario, &msg) != ERR_NONE)
        fail_msg("%s", msg.text);
    if (scenario_run(scenario, &options, &result, &msg) != ERR_NONE)
        fail_msg("%s", msg.text);
    for (size_t i = 0; i < result.failures.count; i++)
        print_error("%s\n%s%s", result.failures.items[i].title, result.failures.items[i].expected,
                    result.failures.items[i].actual);
    assert_int_equal(result.failures.total, 0);
    run_result_release(&result);
    scenario_free(scenario);
}

static void what_the_schema_lets_through_harms_only_itself(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        char *text = str_format(HEAD BROKEN EXPECT, rows[i].name, rows[i].profile_spec,
                                rows[i].stages, rows[i].name, rows[i].name, rows[i].name,
                                rows[i].text, rows[i].text);
        play(text);
        mem_free(text);
    }
}

/* Texts as long as an object can be: the sentence about each is cut, and told once. */
static void texts_without_end_harm_only_themselves(void **state)
{
    static const char *const stages[] = {
        "{name: qa, clusterSelector: {matchLabels: {env: a}}, trigger: {auto: {delay: '%s'}}}",
        "{name: 'qa%s', clusterSelector: {matchLabels: {env: staging}}}",
        "{name: qa, clusterSelector: {matchLabels: {env: '%s'}}}",
        "{name: qa, clusterSelector: {matchExpressions: [{key: env, operator: '%s'}]}}",
        "{name: qa, clusterSelector: {matchLabels: {env: staging}}, trigger: {auto: "
        "{promotionWindow: {from: '%s', to: '@daily'}}}}" LAST,
        "{name: qa, clusterSelector: {matchLabels: {env: staging}}, trigger: {auto: "
        "{postDelayHealthChecks: [{name: '%s', featureID: Helm}]}}}" LAST,
    };
    char *long_text = mem_alloc(LONG_BYTES + 1);
    (void)state;
    memset(long_text, 'x', LONG_BYTES);
    for (size_t i = 0; i < ARRAY_COUNT(stages); i++) {
        struct str format = str_from(stages[i]);
        size_t at = str_find(format, '%', 0);
        char *stage = str_format("%.*s%s%s", (int)at, stages[i], long_text, stages[i] + at + 2);
        char *text = str_format(HEAD BROKEN EXPECT, "b", "policyRefs: [{kind: ConfigMap, "
                                "namespace: default, name: b}]", stage, "b", "b", "b", "*", "*");
        play(text);
        mem_free(text);
        mem_free(stage);
    }
    mem_free(long_text);
}

#define STAGES_MOST 64u

static void sixty_four_stages_are_promoted(void **state)
{
    struct buf text;
    (void)state;
    buf_init(&text, STORY_BYTES_MAX);
    buf_append_text(&text, "scenario: s\nwhy: w\nfleet: [{name: one, labels: {env: qa}}]\n"
                           "world: [{on: ClusterSummary, takes: 20s}]\ngiven:\n"
                           "  - apiVersion: config.projectsveltos.io/v1beta1\n"
                           "    kind: ClusterPromotion\n    metadata: {name: web}\n    spec:\n"
                           "      profileSpec: {}\n      stages:\n");
    for (unsigned i = 0; i < STAGES_MOST; i++)
        buf_printf(&text, "        - {name: s%u, clusterSelector: {matchLabels: {env: qa}}}\n", i);
    buf_append_text(&text, "expect:\n  eventually:\n    - {within: 1h, kind: ClusterPromotion/web, "
                           "match: {status: {currentStageName: s63, lastPromotionTime: '*'}}}\n");
    play(text.data);
    buf_release(&text);
}

/* The whole object stays below the server's limit of 1.5 MiB. */
static void a_script_of_a_mebibyte_is_promoted(void **state)
{
    struct buf text;
    (void)state;
    buf_init(&text, STORY_BYTES_MAX);
    buf_append_text(&text, HEAD "        - name: late\n          clusterSelector: {matchLabels: "
                                "{env: nowhere}}\n          trigger:\n            auto:\n"
                                "              postDelayHealthChecks:\n"
                                "                - {name: up, featureID: Resources, script: '");
    for (unsigned i = 0; i < SCRIPT_BYTES / 64; i++)
        buf_append_text(&text, "-- 4567890123456789012345678901234567890123456789012345678901 \\n");
    buf_append_text(&text, "'}\nexpect:\n  eventually:\n    - {within: 5m, kind: "
                           "ClusterPromotion/web, match: {status: {currentStageName: late}}}\n");
    assert_false(text.overflowed);
    play(text.data);
    buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_schema_lets_through_harms_only_itself),
        cmocka_unit_test(texts_without_end_harm_only_themselves),
        cmocka_unit_test(sixty_four_stages_are_promoted),
        cmocka_unit_test(a_script_of_a_mebibyte_is_promoted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
