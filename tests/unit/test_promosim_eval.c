#include "tests/testlib/command.h"

#include <unistd.h>

#include "scenarios/engine/promosim.h"

#define R "2025-10-07T12:34:56.789Z"

/* Words, then all of standard output, or of standard error with exit code 2. */
static const struct {
    const char *words[WORDS_MAX];
    const char *out;
    const char *errors;
} rows[] = {
    {{"cron", "* * * * *", "--after", R}, "2025-10-07T12:35:00Z\n", ""},
    {{"cron", "0 0 13 * 5", "--after", R, "--count", "3"},
     "2025-10-10T00:00:00Z\n2025-10-13T00:00:00Z\n2025-10-17T00:00:00Z\n", ""},
    {{"cron", "0 0 30 2 *", "--after", R, "--count", "3"}, "never\n", ""},
    {{"cron", "CRON_TZ=America/New_York 30 1 * * *", "--after", "2025-11-02T00:00:00Z", "--count",
      "3"},
     "2025-11-02T01:30:00-04:00\n2025-11-02T01:30:00-05:00\n2025-11-03T01:30:00-05:00\n", ""},
    {{"cron", "@every 1h30m", "--after", R, "--count", "2"},
     "2025-10-07T14:04:56Z\n2025-10-07T15:34:56Z\n", ""},
    {{"cron", "0 0 * * 7", "--after", R}, "", "End of range (7) above maximum (6): 7\n"},
    {{"cron", "-1 * * * *", "--after", R}, "",
     "Failed to parse int from : strconv.Atoi: parsing \"\": invalid syntax\n"},
    {{"cron", "--after", R, "--", "-1 * * * *"}, "",
     "Failed to parse int from : strconv.Atoi: parsing \"\": invalid syntax\n"},
    {{"cron", "* * * * *"}, "", "found no --after TIME, expected one\n"},
    {{"cron", "* * * * *", "--after", "noon"}, "",
     "promosim eval cron: --after: found \"noon\", expected a time such as "
     "2026-01-02T15:04:05Z\n"},
    {{"cron", "--after", R}, "", "promosim eval cron: found 0 arguments, expected EXPR\n"},
    {{"window", "--from", "0 10 * * *", "--to", "0 11 * * *", "--at", "2025-10-07T10:00:00Z"},
     "open until 2025-10-07T11:00:00Z\n", ""},
    {{"window", "--from", "0 10 * * *", "--to", "0 11 * * *", "--at", "2025-10-07T11:00:00Z"},
     "closed until 2025-10-08T10:00:00Z\n", ""},
    {{"window", "--from", "TZ=America/New_York 30 2 * * *", "--to", "0 3 * * *", "--at",
      "2025-03-09T07:10:00Z"},
     "closed until 2025-03-10T02:30:00-04:00\n", ""},
    {{"window", "--from", "0 0 29 2 *", "--to", "0 0 1 3 *", "--at", "2097-06-01T00:00:00Z"},
     "closed forever\n", ""},
    {{"window", "--from", "bad", "--to", "0 11 * * *", "--at", R}, "",
     "unparseable schedule \"bad\": Expected exactly 5 fields, found 1: bad\n"},
    {{"window", "--from", "0 0 30 2 *", "--to", "0 11 * * *", "--at", R}, "",
     "schedule \"0 0 30 2 *\" never fires\n"},
    {{"window", "--from", "0 10 * * *", "--at", R}, "", "found no --to EXPR, expected one\n"},
    {{"window", "x", "--at", R}, "",
     "promosim eval window: found 1 arguments, expected only flags\n"},
    {{"duration", "90m"}, "5400000000000 1h30m0s\n", ""},
    {{"duration", "-1.5h"}, "-5400000000000 -1h30m0s\n", ""},
    {{"duration", "0.0000000009s"}, "0 0s\n", ""},
    {{"duration", "1d"}, "", "time: unknown unit \"d\" in duration \"1d\"\n"},
    {{"duration", "--1s"}, "", "time: invalid duration \"--1s\"\n"},
    {{"duration", ""}, "", "time: invalid duration \"\"\n"},
    /* Facts 9.4. */
    {{"selector", "{}", "--labels", "env=qa"}, "no match\n", ""},
    {{"selector", "{\"matchLabels\":{\"env\":\"qa\"}}", "--labels", "env=qa,x=1"}, "match\n", ""},
    {{"selector", "{\"matchLabels\":{\"env\":\"qa\"}}", "--labels", "env=prod"}, "no match\n", ""},
    {{"selector", "{\"matchLabels\":{\"env\":\"qa\"}}"}, "no match\n", ""},
    {{"selector", "{\"matchLabels\":{\"env\":\"qa\",\"tier\":\"1\"}}", "--labels", "env=qa"},
     "no match\n", ""},
    {{"selector",
      "{\"matchExpressions\":[{\"key\":\"env\",\"operator\":\"In\",\"values\":[\"qa\",\"uat\"]}]}",
      "--labels", "env=uat"},
     "match\n", ""},
    {{"selector",
      "{\"matchExpressions\":[{\"key\":\"env\",\"operator\":\"NotIn\",\"values\":[\"prod\"]}]}"},
     "match\n", ""},
    {{"selector",
      "{\"matchExpressions\":[{\"key\":\"env\",\"operator\":\"NotIn\",\"values\":[\"prod\"]}]}",
      "--labels=env=prod"},
     "no match\n", ""},
    {{"selector", "{\"matchExpressions\":[{\"key\":\"env\",\"operator\":\"Exists\"}]}", "--labels",
      "env="},
     "match\n", ""},
    {{"selector", "{\"matchExpressions\":[{\"key\":\"env\",\"operator\":\"DoesNotExist\"}]}",
      "--labels", "x=1"},
     "match\n", ""},
    {{"selector",
      "{\"matchExpressions\":[{\"key\":\"env\",\"operator\":\"in\",\"values\":[\"qa\"]}]}"},
     "", "\"in\" is not a valid label selector operator\n"},
    {{"selector", "{}", "--labels", "env"}, "", "--labels: found \"env\", expected KEY=VALUE\n"},
    {{"selector", "{\"matchLabels\":[]}"}, "", "matchLabels: found no object\n"},
    {{"windows"}, "",
     "promosim eval: found \"windows\", expected one of cron, window, duration, hash, "
     "selector\n"},
    {{"hash", "/nonexistent"}, "", NULL},
    {{"hash"}, "", "promosim eval hash: found 0 arguments, expected FILE\n"},
};

static void answers_go_to_out_and_errors_to_errors(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct said said;
        print_message("%s %s\n", rows[i].words[0],
                      rows[i].words[1] != NULL ? rows[i].words[1] : "");
        say(promosim_eval, rows[i].words, &said);
        assert_str(str_from(said.out), rows[i].out);
        if (rows[i].errors != NULL)
            assert_str(str_from(said.errors), rows[i].errors);
        assert_int_equal(said.code, rows[i].out[0] != '\0' ? PROMOSIM_OK : PROMOSIM_INVALID);
    }
}

#define HEAD "apiVersion: config.projectsveltos.io/v1beta1\nkind: ClusterPromotion\n"

/* Facts 2.4, verified: S1, P1; S2, P3; S4, P2. The file's content, then all that is said. */
static const struct {
    const char *file;
    const char *out;
} hash_rows[] = {
    {HEAD "spec: {stages: [{name: qa, clusterSelector: {}}]}\n",
     "profileSpecHash: RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=\n"
     "{}\n"
     "stagesHash: a29Aqh0stgfcuO6iG03vQI1ZLl8lbsTobPz9JQIv7hQ=\n"
     "[{\"name\":\"qa\",\"clusterSelector\":{}}]\n"},
    {"kind: Other\n---\n" HEAD
     "spec:\n"
     "  profileSpec:\n"
     "    unknown: field\n"
     "    kustomizationRefs:\n"
     "    - {tier: 100, deploymentType: Remote, components: [c], path: ./x, optional: false,\n"
     "       kind: GitRepository, name: flux-system, namespace: flux-system,\n"
     "       values: {b: \"2\", a: \"1\"}}\n"
     "    templateResourceRefs:\n"
     "    - {identifier: I, resource: {apiVersion: v1, kind: Secret, name: \"n\"}}\n"
     "    maxUpdate: 5\n"
     "  stages:\n"
     "  - {name: qa, trigger: {manual: {}}, clusterSelector: {matchLabels: {env: qa, a: \"1\"}}}\n"
     "  - name: production\n"
     "    clusterSelector:\n"
     "      matchExpressions:\n"
     "      - {key: env, operator: In, values: [prod, production]}\n"
     "      - {key: x, operator: Exists}\n",
     "profileSpecHash: bDoP1ezT+KAPo36090YIORGWqJNskp6GdtSJkugP3SQ=\n"
     "{\"maxUpdate\":5,\"templateResourceRefs\":[{\"resource\":{\"kind\":\"Secret\",\"name\":"
     "\"n\",\"apiVersion\":\"v1\"},\"identifier\":\"I\"}],\"kustomizationRefs\":[{\"namespace\":"
     "\"flux-system\",\"name\":\"flux-system\",\"kind\":\"GitRepository\",\"path\":\"./x\","
     "\"components\":[\"c\"],\"deploymentType\":\"Remote\",\"values\":{\"a\":\"1\",\"b\":\"2\"},"
     "\"tier\":100}]}\n"
     "stagesHash: VMF+8CVy9ceEDowB/C6wRDGmUsa12DNbeBAE7LKJpJ0=\n"
     "[{\"name\":\"qa\",\"clusterSelector\":{\"matchLabels\":{\"a\":\"1\",\"env\":\"qa\"}}},"
     "{\"name\":\"production\",\"clusterSelector\":{\"matchExpressions\":[{\"key\":\"env\","
     "\"operator\":\"In\",\"values\":[\"prod\",\"production\"]},{\"key\":\"x\",\"operator\":"
     "\"Exists\"}]}}]\n"},
    {HEAD
     "spec:\n"
     "  stages: [{name: a}, {name: b}]\n"
     "  profileSpec:\n"
     "    syncMode: Continuous\n"
     "    tier: 100\n"
     "    continueOnConflict: false\n"
     "    stopMatchingBehavior: WithdrawPolicies\n"
     "    policyRefs:\n"
     "    - {name: b, namespace: default, kind: ConfigMap, deploymentType: Remote, tier: 100}\n"
     "    - {name: a, namespace: default, kind: ConfigMap, deploymentType: Remote, tier: 100}\n",
     "profileSpecHash: zSPuuSZOzKcKNBYjTjLpA4klHHGcExlvwRh8RYvdwH4=\n"
     "{\"syncMode\":\"Continuous\",\"tier\":100,\"stopMatchingBehavior\":\"WithdrawPolicies\","
     "\"policyRefs\":[{\"namespace\":\"default\",\"name\":\"a\",\"kind\":\"ConfigMap\","
     "\"deploymentType\":\"Remote\",\"tier\":100},{\"namespace\":\"default\",\"name\":\"b\","
     "\"kind\":\"ConfigMap\",\"deploymentType\":\"Remote\",\"tier\":100}]}\n"
     "stagesHash: XoN9AkkNKkKhlfo28SxrGk16kkfxKoclwVDOtaY9yjo=\n"
     "[{\"name\":\"a\",\"clusterSelector\":{}},{\"name\":\"b\",\"clusterSelector\":{}}]\n"},
};

/* Writes a file that the caller removes. */
static void write_file(const char *text, char ret_path[32])
{
    snprintf(ret_path, 32, "/tmp/promosim-eval-XXXXXX");
    int descriptor = mkstemp(ret_path);
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, text, strlen(text)), strlen(text));
    close(descriptor);
}

static void hashes_are_those_of_the_facts(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(hash_rows); i++) {
        char path[32];
        struct said said;
        write_file(hash_rows[i].file, path);
        say(promosim_eval, (const char *[]){"hash", path, "--text", NULL}, &said);
        assert_str(str_from(said.errors), "");
        assert_str(str_from(said.out), hash_rows[i].out);
        assert_int_equal(said.code, PROMOSIM_OK);
        say(promosim_eval, (const char *[]){"hash", path, NULL}, &said);
        assert_int_equal(strlen(said.out), 17 + 45 + 12 + 45); /* two lines */
        unlink(path);
    }
}

static const struct {
    const char *file;
    const char *error; /* behind the path, where it comes first */
} hash_faults[] = {
    {"kind: Other\n", ": expected one ClusterPromotion\n"},
    {HEAD "---\n" HEAD, ": expected one ClusterPromotion\n"},
    {HEAD "spec: {profileSpec: {helmCharts: [{options: {timeout: 1d}}]}}\n",
     "spec.profileSpec.helmCharts[0].options.timeout: time: unknown unit \"d\" in duration "
     "\"1d\"\n"},
    {HEAD "spec: {stages: [{name: a}, {name: b, clusterSelector: {matchLabels: []}}]}\n",
     "spec.stages[1].clusterSelector.matchLabels: found no object\n"},
};

static void what_cannot_be_hashed_is_said(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(hash_faults); i++) {
        char path[32];
        struct said said;
        write_file(hash_faults[i].file, path);
        say(promosim_eval, (const char *[]){"hash", path, NULL}, &said);
        assert_int_equal(said.code, PROMOSIM_INVALID);
        struct str error = str_from(said.errors);
        if (str_starts_with(error, str_from(path)))
            error = str_slice(error, strlen(path), error.len);
        assert_str(error, hash_faults[i].error);
        unlink(path);
    }
}

static void each_part_explains_itself(void **state)
{
    static const char *const parts[] = {"cron", "window", "duration", "hash", "selector"};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(parts); i++) {
        struct said said;
        say(promosim_eval, (const char *[]){parts[i], "--help", NULL}, &said);
        assert_int_equal(said.code, PROMOSIM_OK);
        assert_true(str_starts_with(str_from(said.out), STR("usage: promosim eval ")));
        say(promosim_eval, (const char *[]){"--help", NULL}, &said);
        assert_non_null(strstr(said.out, parts[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_go_to_out_and_errors_to_errors),
        cmocka_unit_test(hashes_are_those_of_the_facts),
        cmocka_unit_test(what_cannot_be_hashed_is_said),
        cmocka_unit_test(each_part_explains_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
