/* What of a profile that Sveltos v1.13 applied is the wanted content (P4), row by row. */
#include "controller/core/adoption.h"

#include "controller/base/mem.h"
#include "controller/core/profile_wanted.h"
#include "tests/testlib/object.h"

#define REF_A "{\"kind\":\"ConfigMap\",\"namespace\":\"n\",\"name\":\"a\"}"
#define REF_B "{\"kind\":\"ConfigMap\",\"namespace\":\"n\",\"name\":\"b\"}"
#define CHECK "{\"name\":\"c\",\"featureID\":\"Resources\"}"
#define GATE "{\"name\":\"g\",\"featureID\":\"Resources\"}"
#define SELECTOR "\"clusterSelector\":{\"matchLabels\":{\"env\":\"qa\"}}"

/* One stage, with a gate check behind it. */
static struct promotion *promotion_of(const char *profile_spec)
{
    char *text = str_format("{\"metadata\":{\"name\":\"web\",\"uid\":\"u\","
                            "\"resourceVersion\":\"1\"},"
                            "\"spec\":{\"profileSpec\":%s,\"stages\":[{\"name\":\"qa\"," SELECTOR
                            ",\"trigger\":{\"auto\":{\"postDelayHealthChecks\":[" GATE "]}}}]}}",
                            profile_spec);
    struct object *object = object_of(KUBE_CLUSTER_PROMOTIONS, text);
    mem_free(text);
    return (struct promotion *)object;
}

/* `owned`: FieldsV1 of spec that the apply entry has; `appended`: that of `manager`. */
static struct profile *profile_of(const char *spec, const char *owned, const char *appended)
{
    char *text = str_format(
        "{\"metadata\":{\"name\":\"web-qa\",\"uid\":\"p\",\"resourceVersion\":\"1\","
        "\"managedFields\":[{\"manager\":\"application/apply-patch\",\"operation\":\"Apply\","
        "\"fieldsV1\":{\"f:spec\":%s}},{\"manager\":\"manager\",\"operation\":\"Update\","
        "\"fieldsV1\":{\"f:spec\":%s}}]},\"spec\":%s}",
        owned, appended, spec);
    struct object *object = object_of(KUBE_CLUSTER_PROFILES, text);
    mem_free(text);
    return (struct profile *)object;
}

static const struct {
    const char *wanted; /* profileSpec */
    const char *live;   /* the profile's spec */
    const char *owned, *appended;
    bool as_stage, as_gated, keeps_old_checks;
} cases[] = {
    {"{\"tier\":50}", "{\"tier\":50}", "{\"f:tier\":{}}", "{}", true, false, false},
    {"{\"tier\":50}", "{\"tier\":60}", "{\"f:tier\":{}}", "{}", false, false, false},
    /* zero values, defaults, canonical durations */
    {"{\"tier\":100,\"reloader\":false,\"maxConsecutiveFailures\":null}", "{}", "{}", "{}", true,
     false, false},
    {"{\"helmCharts\":[{\"releaseName\":\"r\",\"options\":{\"timeout\":\"10m\"}}]}",
     "{\"helmCharts\":[{\"releaseName\":\"r\",\"options\":{\"timeout\":\"10m0s\"}}]}",
     "{\"f:helmCharts\":{}}", "{}", true, false, false},
    {"{\"patches\":[{\"patch\":\"x\"}]}", "{}", "{}", "{}", false, false, false},
    /* what Go cannot decode hides nothing of the rest */
    {"{\"tier\":50}", "{\"tier\":50,\"maxConsecutiveFailures\":-1}", "{\"f:tier\":{}}", "{}", true,
     false, false},
    /* the order of lists, but not how often an item is in one */
    {"{\"policyRefs\":[" REF_A "," REF_B "]}", "{\"policyRefs\":[" REF_B "," REF_A "]}",
     "{\"f:policyRefs\":{}}", "{}", true, false, false},
    {"{\"policyRefs\":[" REF_A "," REF_B "]}", "{\"policyRefs\":[" REF_A "," REF_A "]}",
     "{\"f:policyRefs\":{}}", "{}", false, false, false},
    {"{\"policyRefs\":[" REF_A "]}", "{\"policyRefs\":[" REF_A "," REF_B "]}",
     "{\"f:policyRefs\":{}}", "{}", false, false, false},
    /* more than is wanted: of v1.13's configuration, or of somebody else */
    {"{}", "{\"patches\":[{\"patch\":\"x\"}]}", "{\"f:patches\":{}}", "{}", false, false, false},
    {"{}", "{\"patches\":[{\"patch\":\"x\"}]}", "{}", "{\"f:patches\":{}}", true, false, false},
    /* the gate's checks, appended */
    {"{}", "{\"validateHealths\":[" GATE "]}", "{}", "{\"f:validateHealths\":{}}", true, true,
     true},
    {"{\"validateHealths\":[" CHECK "]}", "{\"validateHealths\":[" GATE "," CHECK "]}", "{}",
     "{\"f:validateHealths\":{}}", true, true, false},
    {"{\"validateHealths\":[" CHECK "]}", "{\"validateHealths\":[" GATE "]}", "{}",
     "{\"f:validateHealths\":{}}", false, false, false},
    /* ... or somebody else's: they are not taken away */
    {"{}", "{\"validateHealths\":[" GATE "]}", "{}", "{}", true, true, false},
    /* ... or a configuration that had more checks */
    {"{}", "{\"validateHealths\":[" CHECK "]}", "{\"f:validateHealths\":{}}", "{}", false, false,
     false},
};

static void content_is_equal_whatever_its_order_and_its_zero_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct promotion *promotion = promotion_of(cases[i].wanted);
        struct profile *profile = profile_of(cases[i].live, cases[i].owned, cases[i].appended);
        const struct stage_spec *stage = &promotion->stages[0];
        CLEANUP(json_free_pointer) struct json *spec = wanted_spec(promotion, stage, ROLE_STAGE);
        if (profile_has_content(profile, promotion, stage, ROLE_STAGE) != cases[i].as_stage)
            fail_msg("row %zu: has the stage's content: %d", i, !cases[i].as_stage);
        if (profile_has_content(profile, promotion, stage, ROLE_GATED) != cases[i].as_gated)
            fail_msg("row %zu: has the gate's content: %d", i, !cases[i].as_gated);
        if (profile_keeps_old_checks(profile, spec) != cases[i].keeps_old_checks)
            fail_msg("row %zu: keeps old checks: %d", i, !cases[i].keeps_old_checks);
        object_free(&profile->object);
        object_free(&promotion->object);
    }
}

static void a_selector_that_was_left_out_is_an_empty_one(void **state)
{
    static const char *const specs[] = {"{" SELECTOR "}", "{}", "{\"clusterSelector\":{}}"};
    const struct stage_spec none = {.selector = NULL};
    struct promotion *promotion = promotion_of("{}");
    (void)state;
    CLEANUP(json_free_pointer) struct json *undecodable = NULL;
    assert_err(json_parse(STR("{\"matchLabels\":[]}"), NULL, &undecodable, NULL), ERR_NONE);
    const struct stage_spec broken = {.selector = undecodable};
    for (size_t i = 0; i < ARRAY_COUNT(specs); i++) {
        struct profile *profile = profile_of(specs[i], "{}", "{}");
        assert_false(profile_has_selector(profile, &broken));
        assert_int_equal(profile_has_selector(profile, &promotion->stages[0]), i == 0);
        assert_int_equal(profile_has_selector(profile, &none), i > 0);
        object_free(&profile->object);
    }
    object_free(&promotion->object);
}

/* A gate's checks that Go cannot decode: nothing can have their content. */
static void nothing_has_the_content_of_what_cannot_be_decoded(void **state)
{
    struct object *object = object_of(
        KUBE_CLUSTER_PROMOTIONS,
        "{\"metadata\":{\"name\":\"web\",\"uid\":\"u\",\"resourceVersion\":\"1\"},\"spec\":{"
        "\"stages\":[{\"name\":\"qa\"," SELECTOR ",\"trigger\":{\"auto\":{"
        "\"postDelayHealthChecks\":[{\"jobCheck\":{\"timeout\":\"soon\"}}]}}}]}}");
    struct promotion *promotion = (struct promotion *)object;
    struct profile *profile = profile_of("{" SELECTOR "}", "{}", "{}");
    CLEANUP(json_free_pointer)
    struct json *gated = wanted_spec(promotion, &promotion->stages[0], ROLE_GATED);
    CLEANUP(json_free_pointer) struct json *before = json_clone(gated);
    (void)state;
    assert_false(profile_has_content(profile, promotion, &promotion->stages[0], ROLE_GATED));
    assert_true(profile_has_content(profile, promotion, &promotion->stages[0], ROLE_STAGE));
    spec_follow_order(gated, profile); /* leaves it as it is */
    assert_true(json_equal(gated, before));
    object_free(&profile->object);
    object_free(object);
}

static void lists_follow_the_order_that_they_had(void **state)
{
    struct promotion *promotion =
        promotion_of("{\"policyRefs\":[" REF_A "," REF_B "],\"dependsOn\":[\"x\",\"y\"]}");
    struct profile *profile =
        profile_of("{\"policyRefs\":[" REF_B "," REF_A "],\"dependsOn\":[\"y\"]}", "{}", "{}");
    CLEANUP(json_free_pointer)
    struct json *spec = wanted_spec(promotion, &promotion->stages[0], ROLE_STAGE);
    (void)state;
    spec_follow_order(spec, profile);
    assert_str(json_text_at(json_item(json_get(spec, "policyRefs"), 0), "name"), "b");
    assert_str(json_text_at(json_item(json_get(spec, "policyRefs"), 1), "name"), "a");
    assert_str(json_string_of(json_item(json_get(spec, "dependsOn"), 0)), "x"); /* another list */
    object_free(&profile->object);
    object_free(&promotion->object);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(content_is_equal_whatever_its_order_and_its_zero_values),
        cmocka_unit_test(a_selector_that_was_left_out_is_an_empty_one),
        cmocka_unit_test(nothing_has_the_content_of_what_cannot_be_decoded),
        cmocka_unit_test(lists_follow_the_order_that_they_had),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
