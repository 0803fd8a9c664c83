#include "tests/testlib/test.h"

#include "controller/base/ktime.h"

#define SECOND INT64_C(1000000000)

/* facts/sveltos.md 9.2, the table's rows with a value. */
static void durations_are_read_and_printed_as_in_go(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ns;
        const char *printed;
    } rows[] = {
        {"0", 0, "0s"},
        {"+0", 0, "0s"},
        {"-0", 0, "0s"},
        {"0h0m0s", 0, "0s"},
        {"1h", 3600 * SECOND, "1h0m0s"},
        {"90m", 5400 * SECOND, "1h30m0s"},
        {"1h30m", 5400 * SECOND, "1h30m0s"},
        {"30m1h", 5400 * SECOND, "1h30m0s"},
        {"1.5h", 5400 * SECOND, "1h30m0s"},
        {"-1.5h", -5400 * SECOND, "-1h30m0s"},
        {"+5s", 5 * SECOND, "5s"},
        {"1.s", SECOND, "1s"},
        {"100ms", 100000000, "100ms"},
        {"1us", 1000, "1\xc2\xb5s"},
        {"1\xc2\xb5s", 1000, "1\xc2\xb5s"},
        {"1\xce\xbcs", 1000, "1\xc2\xb5s"},
        {"3m0.5s", 180 * SECOND + SECOND / 2, "3m0.5s"},
        {"120s", 120 * SECOND, "2m0s"},
        {"24h", 86400 * SECOND, "24h0m0s"},
        {"0.000000001s", 1, "1ns"},
        {"0.0000000009s", 0, "0s"},
        {"2562047h47m16.854775807s", INT64_MAX, "2562047h47m16.854775807s"},
        {"-2562047h47m16.854775808s", INT64_MIN, "-2562047h47m16.854775808s"},
        {".5s", SECOND / 2, "500ms"},
        {"1.5ms", 1500000, "1.5ms"},
        {"1.05us", 1050, "1.05\xc2\xb5s"},
        {"1m1ms", 60 * SECOND + 1000000, "1m0.001s"},
        {"0.3333333333333333333333h", 1200 * SECOND, "20m0s"}, /* Go's own test vector */
        {"9223372036854775807ns", INT64_MAX, "2562047h47m16.854775807s"},
        {"-9223372036854775808ns", INT64_MIN, "-2562047h47m16.854775808s"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct errmsg msg = {0};
        int64_t ns = -7;
        struct buf printed;
        buf_init(&printed, 100);
        if (duration_parse(str_from(rows[i].text), &ns, &msg) != ERR_NONE || ns != rows[i].ns)
            fail_msg("%s: %" PRId64 " %s", rows[i].text, ns, msg.text);
        duration_print(ns, &printed);
        assert_str(buf_str(&printed), rows[i].printed);
        buf_release(&printed);
    }
}

/* facts/sveltos.md 9.2, the table's rows with an error, in Go's words. */
static void refused_durations_get_gos_words(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *msg;
    } rows[] = {
        {"5", "time: missing unit in duration \"5\""},
        {"1.", "time: missing unit in duration \"1.\""},
        {"", "time: invalid duration \"\""},
        {" 1h", "time: invalid duration \" 1h\""},
        {"1h ", "time: unknown unit \"h \" in duration \"1h \""},
        {"1d", "time: unknown unit \"d\" in duration \"1d\""},
        {"1w", "time: unknown unit \"w\" in duration \"1w\""},
        {"1H", "time: unknown unit \"H\" in duration \"1H\""},
        {"1h-30m", "time: unknown unit \"h-\" in duration \"1h-30m\""},
        {".s", "time: invalid duration \".s\""},
        {"h", "time: invalid duration \"h\""},
        {"--1s", "time: invalid duration \"--1s\""},
        {"+-1s", "time: invalid duration \"+-1s\""},
        {"2562047h47m16.854775808s", "time: invalid duration \"2562047h47m16.854775808s\""},
        {"-", "time: invalid duration \"-\""},
        {"+", "time: invalid duration \"+\""},
        {".", "time: invalid duration \".\""},
        {"00", "time: missing unit in duration \"00\""},
        {"1e3s", "time: unknown unit \"e\" in duration \"1e3s\""},
        {"9223372036854775808ns", "time: invalid duration \"9223372036854775808ns\""},
        {"-9223372036854775809ns", "time: invalid duration \"-9223372036854775809ns\""},
        {"99999999999999999999s", "time: invalid duration \"99999999999999999999s\""},
        {"9223372036s9223372036s", "time: invalid duration \"9223372036s9223372036s\""},
        {"1\"\\\xe2\x82\xac",
         "time: unknown unit \"\\\"\\\\\\xe2\\x82\\xac\" in duration "
         "\"1\\\"\\\\\\xe2\\x82\\xac\""},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct errmsg msg = {0};
        int64_t ns = -7;
        assert_err(duration_parse(str_from(rows[i].text), &ns, &msg), ERR_SYNTAX);
        assert_str(str_from(msg.text), rows[i].msg);
        assert_int_equal(ns, -7);
        assert_err(duration_parse(str_from(rows[i].text), &ns, NULL), ERR_SYNTAX);
    }
}

static void a_wait_is_rounded_up_to_milliseconds(void **state)
{
    (void)state;
    assert_int_equal(duration_ns_to_ms(0), 0);
    assert_int_equal(duration_ns_to_ms(1), 1);
    assert_int_equal(duration_ns_to_ms(1000000), 1);
    assert_int_equal(duration_ns_to_ms(1000001), 2);
    assert_true(duration_ns_to_ms(-1) == 0);
    assert_true(duration_ns_to_ms(-1500000) == -1);
    assert_true(duration_ns_to_ms(INT64_MAX) == INT64_C(9223372036855));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_are_read_and_printed_as_in_go),
        cmocka_unit_test(refused_durations_get_gos_words),
        cmocka_unit_test(a_wait_is_rounded_up_to_milliseconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
