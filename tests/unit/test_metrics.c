/*
 * Where promotions stand, as Prometheus reads it: each family once and together, names that need
 * it escaped, times that are unknown left out.
 */
#include "controller/core/metrics.h"

#include "controller/base/ktime.h"
#include "tests/testlib/test.h"

static struct stage_explanation stages[] = {
    {.name = {"qa", 2}, .place = STAGE_PASSED, .entered_ms = 1000, .provisioned_ms = 2500,
     .cluster_count = 3, .clusters_done = 2, .regressed = true},
    {.name = {"pr\"o\\d\n", 7}, .place = STAGE_CURRENT, .entered_ms = 3000, .cluster_count = 1},
};

static const struct explanation waiting = {
    .state = EXPLANATION_WAITING, .reason = REASON_DELAYED, .stage_index = 1, .since_ms = 4000,
    .until_ms = 64000, .stages = stages, .stage_count = 2,
};

static const struct explanation complete = {
    .state = EXPLANATION_COMPLETE, .reason = REASON_COMPLETE, .stage_index = 0, .since_ms = 9000,
    .until_ms = KTIME_NEVER, .stages = stages, .stage_count = 1,
};

static void families_are_whole_and_names_are_escaped(void **state)
{
    struct metrics metrics;
    struct buf text;
    (void)state;
    metrics_init(&metrics);
    buf_init(&text, 1u << 20);
    metrics_add(&metrics, STR("web"), &waiting);
    metrics_add(&metrics, STR("api"), &complete);
    assert_true(metrics_print(&metrics, &text));
    static const char *const pieces[] = {
        "# TYPE promoter_promotion_reason gauge\n"
        "promoter_promotion_reason{promotion=\"web\",stage=\"pr\\\"o\\\\d\\n\",state=\"waiting\","
        "reason=\"Delayed\"} 1\n"
        "promoter_promotion_reason{promotion=\"api\",stage=\"qa\",state=\"complete\","
        "reason=\"PromotionComplete\"} 1\n"
        "# HELP promoter_promotion_complete ",
        "promoter_promotion_complete{promotion=\"web\"} 0\n"
        "promoter_promotion_complete{promotion=\"api\"} 1\n",
        "promoter_promotion_since_timestamp_seconds{promotion=\"web\"} 4\n"
        "promoter_promotion_since_timestamp_seconds{promotion=\"api\"} 9\n",
        "promoter_promotion_until_timestamp_seconds{promotion=\"web\"} 64\n# HELP",
        "promoter_stage_provisioned_timestamp_seconds{promotion=\"web\",stage=\"qa\"} 2.500\n"
        "promoter_stage_provisioned_timestamp_seconds{promotion=\"api\",stage=\"qa\"} 2.500\n"
        "# HELP",
        "promoter_stage_clusters_provisioned{promotion=\"web\",stage=\"qa\"} 2\n",
        "promoter_stage_regressed{promotion=\"web\",stage=\"qa\"} 1\n"
        "promoter_stage_regressed{promotion=\"web\",stage=\"pr\\\"o\\\\d\\n\"} 0\n",
    };
    for (size_t i = 0; i < ARRAY_COUNT(pieces); i++) {
        if (strstr(text.data, pieces[i]) == NULL)
            fail_msg("piece %zu is not in:\n%s", i, text.data);
    }
    buf_release(&text);
    metrics_release(&metrics);
}

static void what_is_about_nothing_has_no_family(void **state)
{
    struct metrics metrics;
    struct buf text;
    (void)state;
    metrics_init(&metrics);
    buf_init(&text, 1u << 20);
    assert_true(metrics_print(&metrics, &text));
    assert_int_equal(text.len, 0);
    buf_release(&text);
    metrics_release(&metrics);
}

/* The whole promotion's reason has no stage; what is not known has no line. */
static void a_promotion_at_work_that_entered_no_stage_has_no_times(void **state)
{
    static struct stage_explanation ahead[] = {{.name = {"qa", 2}, .cluster_count = 3}};
    static const struct explanation begins = {
        .state = EXPLANATION_AT_WORK, .reason = REASON_STARTED, .stage_index = STAGE_NONE,
        .until_ms = KTIME_NEVER, .stages = ahead, .stage_count = 1,
    };
    struct metrics metrics;
    struct buf text;
    (void)state;
    metrics_init(&metrics);
    buf_init(&text, 1u << 20);
    metrics_add(&metrics, STR("web"), &begins);
    assert_true(metrics_print(&metrics, &text));
    assert_true(str_contains(buf_str(&text),
                             STR("promoter_promotion_reason{promotion=\"web\",stage=\"\",state="
                                 "\"at work\",reason=\"Started\"} 1\n")));
    assert_true(str_contains(buf_str(&text),
                             STR("promoter_stage_clusters{promotion=\"web\",stage=\"qa\"} 3\n")));
    assert_false(str_contains(buf_str(&text), STR("timestamp_seconds")));
    buf_release(&text);
    metrics_release(&metrics);
}

static void more_than_fits_is_refused_whole(void **state)
{
    struct metrics metrics;
    struct buf text;
    char name[4000];
    (void)state;
    memset(name, 'x', sizeof(name));
    metrics_init(&metrics);
    buf_init(&text, 64u << 20);
    for (unsigned i = 0; i < 5000; i++)
        metrics_add(&metrics, str_from_bytes(name, sizeof(name)), &complete);
    assert_false(metrics_print(&metrics, &text));
    assert_int_equal(text.len, 0);
    buf_release(&text);
    metrics_release(&metrics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(families_are_whole_and_names_are_escaped),
        cmocka_unit_test(what_is_about_nothing_has_no_family),
        cmocka_unit_test(a_promotion_at_work_that_entered_no_stage_has_no_times),
        cmocka_unit_test(more_than_fits_is_refused_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
