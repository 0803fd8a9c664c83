/*
 * Selectors, batches and the weather's draws.
 * Rows: facts 9.4 (selectors), 5.4 (maxUpdate), 6.3 (retry factor); fakeapi/sveltos/world.h.
 */
#include "tests/testlib/world.h"

#include "fakeapi/sveltos/cluster_selector.h"
#include "fakeapi/sveltos/profile.h"

static void selectors_match_as_sveltos_reads_them(void **state)
{
    (void)state;
    static const struct {
        const char *selector;
        const char *labels;
        int expected; /* -1: invalid */
    } rows[] = {
        {"{}", "{'env':'qa'}", 0},
        {"{'matchLabels':{},'matchExpressions':[]}", "{'env':'qa'}", 0},
        {"{'matchLabels':{'env':'qa'}}", "{'env':'qa','x':'1'}", 1},
        {"{'matchLabels':{'env':'qa'}}", "{'env':'prod'}", 0},
        {"{'matchLabels':{'env':'qa'}}", "{}", 0},
        {"{'matchLabels':{'env':'qa','tier':'1'}}", "{'env':'qa'}", 0},
        {"{'matchExpressions':[{'key':'env','operator':'In','values':['qa','uat']}]}",
         "{'env':'uat'}", 1},
        {"{'matchExpressions':[{'key':'env','operator':'In','values':['qa']}]}", "{}", 0},
        {"{'matchExpressions':[{'key':'env','operator':'NotIn','values':['prod']}]}",
         "{'env':'qa'}", 1},
        {"{'matchExpressions':[{'key':'env','operator':'NotIn','values':['prod']}]}", "{}", 1},
        {"{'matchExpressions':[{'key':'env','operator':'NotIn','values':['prod']}]}",
         "{'env':'prod'}", 0},
        {"{'matchExpressions':[{'key':'env','operator':'Exists'}]}", "{'env':''}", 1},
        {"{'matchExpressions':[{'key':'env','operator':'DoesNotExist'}]}", "{'x':'1'}", 1},
        {"{'matchExpressions':[{'key':'env','operator':'In','values':[]}]}", "{}", -1},
        {"{'matchExpressions':[{'key':'env','operator':'in','values':['qa']}]}", "{}", -1},
        {"{'matchExpressions':[{'key':'env','operator':'Exists','values':['a']}]}", "{}", -1},
        {"{'matchExpressions':[{'key':'a b','operator':'Exists'}]}", "{}", -1},
        {"{'matchLabels':{'example.com/a':'b'}}", "{'example.com/a':'b'}", 1},
        {"{'matchLabels':{'Example_.com/a':'b'}}", "{}", -1},
        {"{'matchLabels':{'a':'b c'}}", "{}", -1},
        {"{'matchLabels':{'a':'0123456789012345678901234567890123456789012345678901234567890123'}}",
         "{}", -1},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct json *selector = json_of(rows[i].selector);
        struct json *labels = json_of(rows[i].labels);
        int result = -1;
        if (cluster_selector_is_valid(selector))
            result = cluster_selector_matches(selector, labels);
        if (result != rows[i].expected)
            print_error("%s %s\n", rows[i].selector, rows[i].labels);
        assert_int_equal(result, rows[i].expected);
        json_free(selector);
        json_free(labels);
    }
}

static void max_update_is_counted_as_sveltos_does(void **state)
{
    (void)state;
    static const struct {
        const char *max_update;
        size_t matching;
        int64_t expected;
    } rows[] = {
        {"'30%'", 10, 3}, {"'1%'", 3, 1},  {"'100%'", 7, 7}, {"'0%'", 10, 0}, {"'5'", 10, 1},
        {"'50%'", 4, 2},  {"'99%'", 1, 1}, {"'10%'", 25, 3}, {"10", 3, 10},   {"0", 10, 0},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct json *max_update = json_of(rows[i].max_update);
        assert_int_equal(rollout_max_update(max_update, rows[i].matching), rows[i].expected);
        json_free(max_update);
    }
    assert_int_equal(rollout_max_update(NULL, 10), 0);
}

static void globs_match_whole_names(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        const char *text;
        bool matches;
    } rows[] = {
        {"", "prod-1", true},          {"prod-1", "prod-1", true},   {"prod-1", "prod-10", false},
        {"prod-*", "prod-10", true},   {"prod-*", "staging-1", false}, {"*", "", true},
        {"*-1", "prod-1-1", true},     {"p*d-*1", "prod-21", true},  {"p*d-*1", "prod-2", false},
        {"**", "x", true},             {"a*b", "ab", true},          {"a*b", "a", false},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
        assert_int_equal(glob_matches(str_from(rows[i].pattern), str_from(rows[i].text)),
                         rows[i].matches);
}

static struct weather weather_with(const struct world_rule *rules, size_t count)
{
    struct weather weather;
    weather_init(&weather,
                 &(struct world_config){.seed = 7, .rules = rules, .rule_count = count});
    return weather;
}

static const struct site site_a = {{"p", 1}, {"default", 7}, {"a", 1}, {"Sveltos", 7}};
static const struct site site_b = {{"p", 1}, {"default", 7}, {"b", 1}, {"Sveltos", 7}};

static void the_last_rule_that_matches_applies_field_by_field(void **state)
{
    (void)state;
    const struct world_rule rules[] = {
        {.has_takes = true, .takes = {1, 1}, .has_stale_for = true, .stale_for = {5, 5}},
        {.cluster = STR("a"), .has_takes = true, .takes = {2, 2}},
        {.cluster = STR("a"), .feature = STR("Helm"), .has_takes = true, .takes = {3, 3}},
        {.profile = STR("q*"), .has_takes = true, .takes = {4, 4}},
        {.fails = 1, .message = STR("once")},
        {.cluster = STR("b"), .message = STR("another")},
    };
    struct weather weather = weather_with(rules, ARRAY_COUNT(rules));
    struct job_fate on_a = weather_of_job(&weather, &site_a, FEATURE_RESOURCES, STR("h"), false);
    struct job_fate helm = weather_of_job(&weather, &site_a, FEATURE_HELM, STR("h"), false);
    struct job_fate on_b = weather_of_job(&weather, &site_b, FEATURE_RESOURCES, STR("h"), false);
    assert_int_equal(on_a.takes_ms, 2);
    assert_int_equal(helm.takes_ms, 3);
    assert_int_equal(on_b.takes_ms, 1);
    assert_true(on_a.fails && on_b.fails);
    assert_string_equal(on_a.message, "once");
    assert_string_equal(on_b.message, "another");
    assert_int_equal(weather_stale_for_ms(&weather, &site_a, 1), 5);
    assert_int_equal(weather_created_after_ms(&weather, &site_a, 1), 300);
    weather_release(&weather);
}

static void jobs_take_ten_seconds_and_succeed_without_a_rule(void **state)
{
    (void)state;
    struct weather weather = weather_with(NULL, 0);
    struct job_fate fate = weather_of_job(&weather, &site_a, FEATURE_HELM, STR("h"), false);
    assert_int_equal(fate.takes_ms, 10000);
    assert_false(fate.fails);
    weather_release(&weather);
}

static void the_first_jobs_of_each_configuration_fail(void **state)
{
    (void)state;
    const struct world_rule rule = {.fails = 2};
    static const struct {
        const char *hash;
        bool fails;
    } rows[] = {{"v1", true}, {"v2", true}, {"v1", true}, {"v1", false}, {"v2", true},
                {"v2", false}, {"v1", false}};
    struct weather weather = weather_with(&rule, 1);
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
        assert_int_equal(
            weather_of_job(&weather, &site_a, FEATURE_HELM, str_from(rows[i].hash), false).fails,
            rows[i].fails);
    weather_release(&weather);
}

/* The draws of one place do not depend on what was drawn for others. */
static void draws_are_named_after_what_they_are_about(void **state)
{
    (void)state;
    const struct world_rule rule = {.has_takes = true, .takes = {0, 1000000}};
    struct weather alone = weather_with(&rule, 1);
    struct weather crowded = weather_with(&rule, 1);
    int64_t first = 0;
    for (unsigned i = 0; i < 20; i++) {
        int64_t takes_ms =
            weather_of_job(&alone, &site_a, FEATURE_HELM, STR("h"), false).takes_ms;
        for (unsigned k = 0; k < i; k++)
            weather_of_job(&crowded, &site_b, FEATURE_HELM, STR("h"), false);
        weather_rank(&crowded, &site_a, i);
        assert_int_equal(
            weather_of_job(&crowded, &site_a, FEATURE_HELM, STR("h"), false).takes_ms, takes_ms);
        if (i == 0)
            first = takes_ms;
        else
            assert_int_not_equal(takes_ms, first);
    }
    weather_release(&alone);
    weather_release(&crowded);
}

static void retries_wait_two_to_six_times_ten_seconds(void **state)
{
    (void)state;
    struct weather weather = weather_with(NULL, 0);
    for (int64_t failures = 2; failures < 40; failures++) {
        int64_t factor = weather_retry_factor(&weather, &site_a, FEATURE_HELM, failures);
        assert_in_range(factor, 2, failures < 6 ? failures : 6);
    }
    weather_release(&weather);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(selectors_match_as_sveltos_reads_them),
        cmocka_unit_test(max_update_is_counted_as_sveltos_does),
        cmocka_unit_test(globs_match_whole_names),
        cmocka_unit_test(the_last_rule_that_matches_applies_field_by_field),
        cmocka_unit_test(jobs_take_ten_seconds_and_succeed_without_a_rule),
        cmocka_unit_test(the_first_jobs_of_each_configuration_fail),
        cmocka_unit_test(draws_are_named_after_what_they_are_about),
        cmocka_unit_test(retries_wait_two_to_six_times_ten_seconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
