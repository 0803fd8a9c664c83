#include "tests/testlib/test.h"

#include "controller/base/ktime.h"

/* facts/sveltos.md 9.3, accepted; 2025-10-07T12:34:56Z is 1759840496. */
static void times_that_go_accepts_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t wall_ms;
    } rows[] = {
        {"2025-10-07T12:34:56Z", 1759840496000},
        {"2025-10-07T12:34:56.789Z", 1759840496789},
        {"2025-10-07T12:34:56+02:00", 1759833296000},
        {"2025-10-07T12:34:56,5Z", 1759840496500},
        {"2025-10-07T12:34:56-00:00", 1759840496000},
        {"2025-10-07T1:02:03Z", 1759798923000},
        {"2025-10-07T12:34:56+24:00", 1759754096000},
        {"2025-10-07T12:34:56-05:30", 1759860296000},
        {"2025-10-07T12:34:56.123456789123Z", 1759840496123},
        {"2025-10-07T12:34:56.0009Z", 1759840496000},
        {"1970-01-01T00:00:00Z", 0},
        {"1969-12-31T23:59:59.5Z", -500},
        {"2024-02-29T00:00:00Z", 1709164800000},
        {"2000-02-29T00:00:00Z", 951782400000},
        {"0000-01-01T00:00:00Z", -62167219200000},
        {"9999-12-31T23:59:59.999Z", 253402300799999},
        {"0001-01-01T00:00:00Z", -62135596800000},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        int64_t wall_ms = 7;
        if (!ktime_parse_rfc3339(str_from(rows[i].text), &wall_ms) || wall_ms != rows[i].wall_ms)
            fail_msg("%s: %" PRId64, rows[i].text, wall_ms);
    }
}

/* facts/sveltos.md 9.3, rejected. */
static void times_that_go_rejects_are_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "2025-10-07t12:34:56Z", "2025-10-07T12:34:56z", "2025-10-07 12:34:56Z",
        "2025-10-07T12:34Z", "2025-10-07T12:34:56", "2025-10-07T24:00:00Z",
        "2025-10-07T12:34:60Z", "2025-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
        "12025-10-07T12:34:56Z", "2025-10-07T12:34:56+0200",
        "", "Z", "2025-10-07", "2025-13-07T12:34:56Z", "2025-00-07T12:34:56Z",
        "2025-04-31T12:34:56Z", "2025-10-00T12:34:56Z", "2025-10-07T12:60:56Z",
        "2025-10-07T12:34:56+25:00", "2025-10-07T12:34:56+02:61", "2025-10-07T12:34:56.Z",
        "2025-10-07T12:34:56Z ", " 2025-10-07T12:34:56Z", "2025-10-07T12:34:56ZZ",
        "2025-10-07T12:34:5Z", "2025-10-07T12:3:56Z", "2025-1-07T12:34:56Z",
        "25-10-07T12:34:56Z", "-025-10-07T12:34:56Z", "2025-10-07T:34:56Z",
        "2025-10-07T12:34:56+2:00", "2025-10-07T12:34:56+", "2025-10-07T12:34:56.5",
        "2025-10-07T+1:34:56Z", "2025/10/07T12:34:56Z", "2025-10-07T012:34:56Z",
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        int64_t wall_ms = 7;
        if (ktime_parse_rfc3339(str_from(rows[i]), &wall_ms) || wall_ms != 7)
            fail_msg("accepted: %s", rows[i]);
    }
    static const char with_nul[] = "2025-10-07T12:34:56Z";
    int64_t wall_ms;
    assert_false(ktime_parse_rfc3339((struct str){with_nul, sizeof(with_nul)}, &wall_ms));
}

/* facts/sveltos.md 9.3: whole seconds in UTC, fraction truncated. */
static void times_are_written_with_whole_seconds(void **state)
{
    (void)state;
    static const struct {
        int64_t wall_ms;
        const char *text;
        const char *micro;
    } rows[] = {
        {0, "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000000Z"},
        {1759840496789, "2025-10-07T12:34:56Z", "2025-10-07T12:34:56.789000Z"},
        {-1, "1969-12-31T23:59:59Z", "1969-12-31T23:59:59.999000Z"},
        {951782400000, "2000-02-29T00:00:00Z", "2000-02-29T00:00:00.000000Z"},
        {-62167219200000, "0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000000Z"},
        {253402300799999, "9999-12-31T23:59:59Z", "9999-12-31T23:59:59.999000Z"},
        /* What has no four-digit year is cut to the nearest that has. */
        {INT64_MAX, "9999-12-31T23:59:59Z", "9999-12-31T23:59:59.999000Z"},
        {INT64_MIN, "0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000000Z"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        char text[KTIME_TEXT_BYTES];
        ktime_format_rfc3339(rows[i].wall_ms, text);
        assert_string_equal(text, rows[i].text);
        ktime_format_micro(rows[i].wall_ms, text);
        assert_string_equal(text, rows[i].micro);
    }
}

/* Every day of 800 years, so of every kind of year. */
static void every_day_reads_back_as_it_was_written(void **state)
{
    (void)state;
    int64_t day_ms = INT64_C(86400000);
    char before[KTIME_TEXT_BYTES] = "";
    for (int64_t day = -146097; day < 146097; day++) {
        char text[KTIME_TEXT_BYTES];
        int64_t wall_ms;
        ktime_format_rfc3339(day * day_ms + 86399000, text);
        assert_true(ktime_parse_rfc3339(str_from(text), &wall_ms));
        assert_true(wall_ms == day * day_ms + 86399000);
        assert_true(strcmp(before, text) < 0);
        memcpy(before, text, sizeof(text));
    }
}

static void seconds_are_rounded_both_ways(void **state)
{
    (void)state;
    assert_int_equal(ktime_ceil_second(1), 1000);
    assert_int_equal(ktime_ceil_second(1000), 1000);
    assert_int_equal(ktime_ceil_second(0), 0);
    assert_true(ktime_ceil_second(-1) == 0);
    assert_true(ktime_ceil_second(-1001) == -1000);
    assert_int_equal(ktime_floor_second(1999), 1000);
    assert_int_equal(ktime_floor_second(2000), 2000);
    assert_true(ktime_floor_second(-1) == -1000);
    assert_true(ktime_ceil_second(KTIME_NEVER) == KTIME_NEVER);
    (void)ktime_floor_second(INT64_MIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_that_go_accepts_are_read),
        cmocka_unit_test(times_that_go_rejects_are_refused),
        cmocka_unit_test(times_are_written_with_whole_seconds),
        cmocka_unit_test(every_day_reads_back_as_it_was_written),
        cmocka_unit_test(seconds_are_rounded_both_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
