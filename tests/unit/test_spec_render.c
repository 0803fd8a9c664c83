/* Sveltos' canonical texts and hashes, byte for byte: every verified vector. */
#include "controller/core/spec_render.h"

#include "tests/testlib/test.h"

struct vector {
    const char *name;
    const char *input;
    const char *text;
    const char *hash;
};

static struct json *parse(const char *text)
{
    struct json *value = NULL;
    struct errmsg msg;
    if (json_parse(str_from(text), NULL, &value, &msg) != ERR_NONE)
        fail_msg("%s", msg.text);
    return value;
}

static void assert_printed(const struct json *value, const char *expected)
{
    struct buf text;
    buf_init(&text, 1u << 20);
    json_print(value, &text);
    assert_str(buf_str(&text), expected);
    buf_release(&text);
}

static void assert_base64(struct sha256 digest, const char *expected)
{
    char base64[SHA256_BASE64_BYTES];
    sha256_base64(digest, base64);
    assert_str(str_from(base64), expected);
}

static const struct vector stages_vectors[] = {
    {"S1", "[{\"name\":\"qa\"}]", NULL, "a29Aqh0stgfcuO6iG03vQI1ZLl8lbsTobPz9JQIv7hQ="},
    {"S2",
     "[{\"name\":\"qa\",\"clusterSelector\":{\"matchLabels\":{\"env\":\"qa\",\"a\":\"1\"}},"
     "\"trigger\":{\"auto\":{\"delay\":\"1h\"}}},{\"clusterSelector\":{\"matchExpressions\":["
     "{\"key\":\"env\",\"operator\":\"In\",\"values\":[\"prod\",\"production\"]},"
     "{\"key\":\"x\",\"operator\":\"Exists\"}]},\"name\":\"production\"}]",
     NULL, "VMF+8CVy9ceEDowB/C6wRDGmUsa12DNbeBAE7LKJpJ0="},
    {"S4", "[{\"name\":\"a\"},{\"name\":\"b\",\"clusterSelector\":{}}]", NULL,
     "XoN9AkkNKkKhlfo28SxrGk16kkfxKoclwVDOtaY9yjo="},
};

static void stages_hash_equals_sveltos_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(stages_vectors); i++) {
        struct json *stages = parse(stages_vectors[i].input);
        assert_base64(spec_stages_hash(stages), stages_vectors[i].hash);
        json_free(stages);
    }
}

static const struct vector profile_vectors[] = {
    {"P1", "null", "{}", "RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o="},
    {"P2",
     "{\"syncMode\":\"Continuous\",\"tier\":100,\"continueOnConflict\":false,"
     "\"continueOnError\":false,\"reloader\":false,\"stopMatchingBehavior\":\"WithdrawPolicies\","
     "\"policyRefs\":[{\"kind\":\"ConfigMap\",\"name\":\"b\",\"namespace\":\"default\","
     "\"deploymentType\":\"Remote\",\"tier\":100,\"optional\":false,\"force\":false,"
     "\"skipNamespaceCreation\":false},{\"kind\":\"ConfigMap\",\"name\":\"a\",\"namespace\":"
     "\"default\",\"deploymentType\":\"Remote\",\"tier\":100,\"optional\":false}]}",
     "{\"syncMode\":\"Continuous\",\"tier\":100,\"stopMatchingBehavior\":\"WithdrawPolicies\","
     "\"policyRefs\":[{\"namespace\":\"default\",\"name\":\"a\",\"kind\":\"ConfigMap\","
     "\"deploymentType\":\"Remote\",\"tier\":100},{\"namespace\":\"default\",\"name\":\"b\","
     "\"kind\":\"ConfigMap\",\"deploymentType\":\"Remote\",\"tier\":100}]}",
     "zSPuuSZOzKcKNBYjTjLpA4klHHGcExlvwRh8RYvdwH4="},
    {"P3",
     "{\"maxUpdate\":5,\"templateResourceRefs\":[{\"identifier\":\"I\",\"optional\":false,"
     "\"resource\":{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"name\":\"n\"}}],"
     "\"kustomizationRefs\":[{\"namespace\":\"flux-system\",\"name\":\"flux-system\",\"kind\":"
     "\"GitRepository\",\"path\":\"./x\",\"components\":[\"c\"],\"deploymentType\":\"Remote\","
     "\"values\":{\"b\":\"2\",\"a\":\"1\"},\"tier\":100}]}",
     "{\"maxUpdate\":5,\"templateResourceRefs\":[{\"resource\":{\"kind\":\"Secret\",\"name\":"
     "\"n\",\"apiVersion\":\"v1\"},\"identifier\":\"I\"}],\"kustomizationRefs\":[{\"namespace\":"
     "\"flux-system\",\"name\":\"flux-system\",\"kind\":\"GitRepository\",\"path\":\"./x\","
     "\"components\":[\"c\"],\"deploymentType\":\"Remote\",\"values\":{\"a\":\"1\",\"b\":\"2\"},"
     "\"tier\":100}]}",
     "bDoP1ezT+KAPo36090YIORGWqJNskp6GdtSJkugP3SQ="},
    {"P5",
     "{\"syncMode\":\"ContinuousWithDriftDetection\",\"tier\":90,\"continueOnConflict\":true,"
     "\"maxUpdate\":\"30%\",\"stopMatchingBehavior\":\"LeavePolicies\",\"reloader\":true,"
     "\"dependsOn\":[\"z\",\"a\"],\"helmCharts\":[{\"repositoryURL\":"
     "\"https://kyverno.github.io/kyverno/\",\"repositoryName\":\"kyverno\",\"chartName\":"
     "\"kyverno/kyverno\",\"chartVersion\":\"v3.3.3\",\"releaseName\":\"kyverno-latest\","
     "\"releaseNamespace\":\"kyverno\",\"values\":\"a: \\\"<b>&c\\\"\\n\",\"helmChartAction\":"
     "\"Install\",\"options\":{\"timeout\":\"120s\",\"installOptions\":{\"createNamespace\":true,"
     "\"replace\":true,\"recoverAfterConsecutiveFailures\":5},\"upgradeOptions\":{\"maxHistory\":2,"
     "\"force\":false}}}],\"validateHealths\":[{\"name\":\"w\",\"featureID\":\"Helm\",\"group\":"
     "\"apps\",\"version\":\"v1\",\"kind\":\"Deployment\",\"labelFilters\":[{\"key\":\"k\","
     "\"operation\":\"Equal\",\"value\":\"v\"}],\"namespace\":\"kyverno\",\"script\":"
     "\"function evaluate() end\"}],\"patches\":[{\"patch\":\"- op: add\",\"target\":{\"group\":"
     "\"apps\",\"kind\":\"Deployment\"}}],\"driftExclusions\":[{\"paths\":[\"/spec/replicas\"],"
     "\"target\":{\"kind\":\"Deployment\"}}],\"maxConsecutiveFailures\":0}",
     "{\"syncMode\":\"ContinuousWithDriftDetection\",\"tier\":90,\"continueOnConflict\":true,"
     "\"maxUpdate\":\"30%\",\"stopMatchingBehavior\":\"LeavePolicies\",\"reloader\":true,"
     "\"dependsOn\":[\"a\",\"z\"],\"helmCharts\":[{\"repositoryURL\":"
     "\"https://kyverno.github.io/kyverno/\",\"repositoryName\":\"kyverno\",\"chartName\":"
     "\"kyverno/kyverno\",\"chartVersion\":\"v3.3.3\",\"releaseName\":\"kyverno-latest\","
     "\"releaseNamespace\":\"kyverno\",\"values\":\"a: \\\"\\u003cb\\u003e\\u0026c\\\"\\n\","
     "\"helmChartAction\":\"Install\",\"options\":{\"timeout\":\"2m0s\",\"installOptions\":"
     "{\"createNamespace\":true,\"replace\":true,\"recoverAfterConsecutiveFailures\":5},"
     "\"upgradeOptions\":{\"maxHistory\":2},\"uninstallOptions\":{}}}],\"validateHealths\":["
     "{\"name\":\"w\",\"featureID\":\"Helm\",\"group\":\"apps\",\"version\":\"v1\",\"kind\":"
     "\"Deployment\",\"labelFilters\":[{\"key\":\"k\",\"operation\":\"Equal\",\"value\":\"v\"}],"
     "\"namespace\":\"kyverno\",\"script\":\"function evaluate() end\"}],\"patches\":[{\"patch\":"
     "\"- op: add\",\"target\":{\"group\":\"apps\",\"kind\":\"Deployment\"}}],"
     "\"driftExclusions\":[{\"paths\":[\"/spec/replicas\"],\"target\":{\"kind\":\"Deployment\"}}],"
     "\"maxConsecutiveFailures\":0}",
     "pGfaMZtWi/SE4sqR78JNqOraKfJEL9qes5dPbh5YlxA="},
};

static void profile_spec_hash_equals_sveltos_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(profile_vectors); i++) {
        struct json *spec = parse(profile_vectors[i].input);
        struct json *rendered = NULL;
        struct errmsg msg;
        assert_err(spec_render(spec, &spec_type_profile_spec, false, &rendered, &msg), ERR_NONE);
        assert_base64(spec_profile_hash(rendered), profile_vectors[i].hash);
        assert_printed(rendered, profile_vectors[i].text);
        json_free(rendered);
        json_free(spec);
    }
}

/* What Sveltos could not even store hashes as if it said nothing. */
static void a_selector_that_go_cannot_decode_hashes_as_an_empty_one(void **state)
{
    struct json *stages = parse("[{\"name\":\"qa\",\"clusterSelector\":{\"matchLabels\":[]}}]");
    (void)state;
    assert_base64(spec_stages_hash(stages), stages_vectors[0].hash);
    json_free(stages);
}

/* Go prints what has no omitempty even when it is zero. */
static void fields_without_omitempty_are_always_there(void **state)
{
    struct json *spec = parse("{\"driftExclusions\":[{}],\"patches\":[{}],\"helmCharts\":"
                              "[{\"options\":{}}]}");
    struct json *rendered = NULL;
    (void)state;
    assert_err(spec_render(spec, &spec_type_profile_spec, false, &rendered, NULL), ERR_NONE);
    assert_printed(rendered,
                   "{\"helmCharts\":[{\"repositoryURL\":\"\",\"releaseName\":\"\","
                   "\"releaseNamespace\":\"\",\"options\":{\"installOptions\":{},"
                   "\"upgradeOptions\":{},\"uninstallOptions\":{}}}],\"patches\":[{\"patch\":"
                   "\"\"}],\"driftExclusions\":[{\"paths\":null}]}");
    json_free(rendered);
    json_free(spec);
}

struct equal_pair {
    const char *a;
    const char *b;
    bool equal;
};

/* P1: what the API server's defaults and Go's rendering make of a spec changes nothing. */
static const struct equal_pair pairs[] = {
    {"{}", "{\"syncMode\":\"Continuous\",\"tier\":100,\"reloader\":false}", true},
    {"{\"helmCharts\":[{\"options\":{\"timeout\":\"10m\"}}]}",
     "{\"helmCharts\":[{\"options\":{\"timeout\":\"10m0s\"},\"helmChartAction\":\"Install\"}]}",
     true},
    {"{\"helmCharts\":[{\"options\":{\"upgradeOptions\":{\"maxHistory\":0}}}]}",
     "{\"helmCharts\":[{\"options\":{\"upgradeOptions\":{\"maxHistory\":2}}}]}", true}, /* B41 */
    {"{\"helmCharts\":[{\"options\":{\"installOptions\":{\"replace\":false}}}]}",
     "{\"helmCharts\":[{\"options\":{}}]}", false},
    {"{\"policyRefs\":[{\"name\":\"a\"},{\"name\":\"b\"}]}",
     "{\"policyRefs\":[{\"name\":\"b\"},{\"name\":\"a\"}]}", false},
    {"{\"maxConsecutiveFailures\":0}", "{}", false},
    {"{\"unknown\":1}", "{}", true},
};

static void specs_are_compared_as_go_renders_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(pairs); i++) {
        struct json *a = parse(pairs[i].a);
        struct json *b = parse(pairs[i].b);
        struct json *left = NULL;
        struct json *right = NULL;
        assert_err(spec_render(a, &spec_type_profile_spec, true, &left, NULL), ERR_NONE);
        assert_err(spec_render(b, &spec_type_profile_spec, true, &right, NULL), ERR_NONE);
        if (sha256_equal(spec_digest(left), spec_digest(right)) != pairs[i].equal)
            fail_msg("row %zu", i);
        json_free(left);
        json_free(right);
        json_free(a);
        json_free(b);
    }
}

struct fault {
    const char *input;
    const char *message;
};

/* B40: what the schema lets through and Go cannot decode. */
static const struct fault faults[] = {
    {"{\"helmCharts\":[{\"options\":{\"timeout\":\"1d\"}}]}",
     "helmCharts[0].options.timeout: time: unknown unit \"d\" in duration \"1d\""},
    {"{\"tier\":\"x\"}", "tier: found a value of another type than the field's"},
    {"{\"dependsOn\":[1]}", "dependsOn: found an item that is no string"},
    {"{\"policyRefs\":[{},{\"remoteURL\":{\"url\":\"u\",\"interval\":\"x\"}}]}",
     "policyRefs[1].remoteURL.interval: time: invalid duration \"x\""},
    {"{\"helmCharts\":[{\"options\":{\"timeout\":5}}]}",
     "helmCharts[0].options.timeout: found no string, expected a duration"},
    {"{\"validateHealths\":[{\"jobCheck\":{\"timeout\":\"1w\"}}]}",
     "validateHealths[0].jobCheck.timeout: time: unknown unit \"w\" in duration \"1w\""},
    {"{\"syncMode\":1}", "syncMode: found a value of another type than the field's"},
    {"{\"reloader\":\"x\"}", "reloader: found a value of another type than the field's"},
    {"{\"maxUpdate\":true}", "maxUpdate: found a value of another type than the field's"},
    {"{\"maxUpdate\":2147483648}",
     "maxUpdate: found a value of another type than the field's"},
    {"{\"maxUpdate\":-2147483649}",
     "maxUpdate: found a value of another type than the field's"},
    {"{\"maxConsecutiveFailures\":-1}",
     "maxConsecutiveFailures: found another value, expected a number from 0 on"},
    {"{\"maxConsecutiveFailures\":\"3\"}",
     "maxConsecutiveFailures: found another value, expected a number from 0 on"},
    {"{\"dependsOn\":{}}", "dependsOn: found no list"},
    {"{\"kustomizationRefs\":[{\"values\":[]}]}", "kustomizationRefs[0].values: found no object"},
    {"{\"kustomizationRefs\":[{\"values\":{\"a\":1}}]}",
     "kustomizationRefs[0].values: found an item that is no string"},
    {"{\"policyRefs\":{}}", "policyRefs: found no list"},
    {"{\"policyRefs\":[1]}", "policyRefs[0]: found no object"},
    {"{\"patches\":[{\"target\":1}]}", "patches[0].target: found no object"},
};

static void a_value_that_go_cannot_decode_is_named_by_path(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(faults); i++) {
        struct json *spec = parse(faults[i].input);
        struct json *rendered = NULL;
        struct errmsg msg;
        assert_err(spec_render(spec, &spec_type_profile_spec, true, &rendered, &msg), ERR_TYPE);
        assert_str(str_from(msg.text), faults[i].message);
        assert_null(rendered);
        json_free(spec);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stages_hash_equals_sveltos_vectors),
        cmocka_unit_test(profile_spec_hash_equals_sveltos_vectors),
        cmocka_unit_test(a_selector_that_go_cannot_decode_hashes_as_an_empty_one),
        cmocka_unit_test(fields_without_omitempty_are_always_there),
        cmocka_unit_test(specs_are_compared_as_go_renders_them),
        cmocka_unit_test(a_value_that_go_cannot_decode_is_named_by_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
