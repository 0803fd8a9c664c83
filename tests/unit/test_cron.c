#include "tests/testlib/test.h"

#include "controller/core/cron.h"
#include "scenarios/engine/zoneinfo.h"

#define R "2025-10-07T12:34:56.789Z"
#define NEW_YORK "America/New_York"
#define SAO_PAULO "America/Sao_Paulo"

static int64_t wall_ms(const char *text)
{
    int64_t ms = 0;
    if (!ktime_parse_rfc3339(str_from(text), &ms))
        fail_msg("no time: %s", text);
    return ms;
}

static void parse(const char *text, struct cron *ret_cron)
{
    struct zone_source source = zoneinfo_source();
    struct errmsg msg = {{0}};
    if (cron_parse(str_from(text), &source, ret_cron, &msg) != ERR_NONE)
        fail_msg("%s: %s", text, msg.text);
}

/* Facts 9.1: successive results, divided by spaces; "never" ends them. */
struct next_row {
    const char *text;
    const char *after;
    const char *expected;
};

static const struct next_row next_rows[] = {
    {"* * * * *", R, "2025-10-07T12:35:00Z 2025-10-07T12:36:00Z"},
    {"*/5 * * * *", R, "2025-10-07T12:35:00Z 2025-10-07T12:40:00Z"},
    {"0 10 * * *", R, "2025-10-08T10:00:00Z 2025-10-09T10:00:00Z"},
    {"0 0 * * 0", R, "2025-10-12T00:00:00Z 2025-10-19T00:00:00Z"},
    {"0 0 * * SUN", R, "2025-10-12T00:00:00Z 2025-10-19T00:00:00Z"},
    {"0 0 1 * *", R, "2025-11-01T00:00:00Z 2025-12-01T00:00:00Z"},
    {"0 0 1 JAN *", R, "2026-01-01T00:00:00Z 2027-01-01T00:00:00Z"},
    {"0 0 13 * 5", R,
     "2025-10-10T00:00:00Z 2025-10-13T00:00:00Z 2025-10-17T00:00:00Z 2025-10-24T00:00:00Z"},
    {"0 0 13 * ?", R, "2025-10-13T00:00:00Z 2025-11-13T00:00:00Z"},
    {"0 0 1-31 * 1", R, "2025-10-08T00:00:00Z 2025-10-09T00:00:00Z 2025-10-10T00:00:00Z"},
    {"0 0 */1 * 1", R, "2025-10-13T00:00:00Z 2025-10-20T00:00:00Z"},
    {"0 0 30 2 *", R, "never"},
    {"0 0 31 4,6,9,11 *", R, "never"},
    {"0 0 29 2 *", R, "2028-02-29T00:00:00Z 2032-02-29T00:00:00Z"},
    {"5/15 * * * *", R, "2025-10-07T12:35:00Z 2025-10-07T12:50:00Z 2025-10-07T13:05:00Z"},
    {"0,15,30,45 8 * * *", R, "2025-10-08T08:00:00Z 2025-10-08T08:15:00Z 2025-10-08T08:30:00Z"},
    {"0,,30 8 * * *", R, "2025-10-08T08:00:00Z 2025-10-08T08:30:00Z"},
    {", * * * *", R, "never"},
    {"0 0 , * *", R, "never"},
    {", 0 15 * *", R, "never"},
    {"0 0 29 2 */7", "2032-02-29T12:00:00Z", "never"}, /* the last one in five years is over */
    {"+5 * * * *", R, "2025-10-07T13:05:00Z"},
    {"05 * * * *", R, "2025-10-07T13:05:00Z"},
    {"  0\t10  * * *  ", R, "2025-10-08T10:00:00Z"},
    {"@yearly", R, "2026-01-01T00:00:00Z"},
    {"@annually", R, "2026-01-01T00:00:00Z"},
    {"@monthly", R, "2025-11-01T00:00:00Z"},
    {"@weekly", R, "2025-10-12T00:00:00Z"},
    {"@daily", R, "2025-10-08T00:00:00Z"},
    {"@midnight", R, "2025-10-08T00:00:00Z"},
    {"@hourly", R, "2025-10-07T13:00:00Z"},
    {"@every 1h30m", R, "2025-10-07T14:04:56Z 2025-10-07T15:34:56Z"},
    {"@every 500ms", R, "2025-10-07T12:34:57Z"},
    {"@every 1500ms", R, "2025-10-07T12:34:57Z"},
    {"@every -5s", R, "2025-10-07T12:34:57Z"},
    {"@every 0", R, "2025-10-07T12:34:57Z"},
    {"0 10 * * *", "2025-10-07T10:00:00Z", "2025-10-08T10:00:00Z"},
    {"0 10 * * *", "2025-10-07T09:59:59.999Z", "2025-10-07T10:00:00Z"},
    /* Zones: the vectors of facts 9.1, by D9's prefix. */
    {"TZ=" NEW_YORK " 30 2 * * *", "2025-03-08T12:00:00-05:00", "2025-03-10T02:30:00-04:00"},
    {"TZ=" NEW_YORK " 0 2 * * *", "2025-03-08T12:00:00-05:00", "2025-03-10T02:00:00-04:00"},
    {"TZ=" NEW_YORK " 0 3 * * *", "2025-03-08T12:00:00-05:00", "2025-03-09T03:00:00-04:00"},
    {"TZ=" NEW_YORK " 0 * * * *", "2025-03-09T00:30:00-05:00",
     "2025-03-09T01:00:00-05:00 2025-03-09T03:00:00-04:00 2025-03-09T04:00:00-04:00"},
    {"TZ=" NEW_YORK " 30 1 * * *", "2025-11-01T12:00:00-04:00",
     "2025-11-02T01:30:00-04:00 2025-11-02T01:30:00-05:00 2025-11-03T01:30:00-05:00"},
    {"CRON_TZ=" NEW_YORK " 0 * * * *", "2025-11-02T00:30:00-04:00",
     "2025-11-02T01:00:00-04:00 2025-11-02T01:00:00-05:00 2025-11-02T02:00:00-05:00 "
     "2025-11-02T03:00:00-05:00"},
    {"CRON_TZ=" NEW_YORK " 0 0 * * *", "2025-03-08T12:00:00-05:00",
     "2025-03-09T00:00:00-05:00 2025-03-10T00:00:00-04:00"},
    {"CRON_TZ=Europe/Berlin 30 2 * * *", "2025-03-29T12:00:00+01:00",
     "2025-03-31T02:30:00+02:00"},
    {"CRON_TZ=" SAO_PAULO " 0 0 * * *", "2018-11-03T12:00:00-03:00",
     "2018-11-05T00:00:00-02:00"},
    {"CRON_TZ=" SAO_PAULO " 30 0 * * *", "2018-11-03T12:00:00-03:00",
     "2018-11-05T00:30:00-02:00"},
    {"CRON_TZ=Asia/Kolkata 30 4 * * *", "2025-10-07T12:34:56Z", "2025-10-08T04:30:00+05:30"},
    /* The day without midnight has a one o'clock, however the search arrives there. */
    {"TZ=" SAO_PAULO " 0 1 4 11 *", "2018-10-01T00:00:00Z", "2018-11-04T01:00:00-02:00"},
    /* Half an hour twice: 1:30 to 2:00 on 6 April. */
    {"TZ=Australia/Lord_Howe 45 1 * * *", "2025-04-05T00:00:00Z",
     "2025-04-06T01:45:00+11:00 2025-04-06T01:45:00+10:30"},
    {"TZ=Australia/Lord_Howe 0 2 * * *", "2025-04-05T00:00:00Z", "2025-04-06T02:00:00+10:30"},
    {"TZ=UTC @daily", R, "2025-10-08T00:00:00Z"},
    {"TZ=Asia/Tokyo @every 1h", R, "2025-10-07T22:34:56+09:00"},
    /* The second time of that night a year's search begins behind the first. */
    {"TZ=" NEW_YORK " 30 1 2 11 *", "2025-11-02T01:45:00-04:00", "2025-11-02T01:30:00-05:00"},
    /* Beyond the listed changes: 28 March 2100 is the Sunday on which the clock jumps. */
    {"TZ=Europe/Berlin 30 2 28 3 *", "2099-01-01T00:00:00Z",
     "2099-03-28T02:30:00+01:00 2101-03-28T02:30:00+02:00"},
    /* The fifth year still counts, the sixth does not. */
    {"0 0 29 2 *", "2096-02-29T00:00:00Z", "never"},
    {"0 0 29 2 *", "2099-06-01T00:00:00Z", "2104-02-29T00:00:00Z"},
    {"59 23 31 12 *", "9998-12-31T23:59:00Z", "never"},
    {"* * * * *", "1969-12-31T23:58:30Z", "1969-12-31T23:59:00Z 1970-01-01T00:00:00Z"},
};

static void check_next(const struct next_row *row)
{
    struct cron cron;
    struct str rest = str_from(row->expected);
    int64_t time_ms = wall_ms(row->after);
    parse(row->text, &cron);
    while (rest.data != NULL) {
        struct str expected = str_split_next(&rest, ' ');
        char text[KTIME_TEXT_BYTES] = "never";
        if (cron_next(&cron, time_ms, &time_ms))
            zone_format_rfc3339(&cron.zone, time_ms, text);
        if (!str_is(expected, text))
            fail_msg("%s after %s: found %s, expected %.*s", row->text, row->after, text,
                     STR_ARGS(expected));
    }
    cron_release(&cron);
}

static void next_times_are_those_of_the_facts(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(next_rows); i++)
        check_next(&next_rows[i]);
}

/* At each result, and until the next one, it is the previous one. */
static void previous_times_mirror_the_next(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(next_rows); i++) {
        struct cron cron;
        int64_t first_ms;
        int64_t second_ms;
        int64_t found_ms = -1;
        if (strstr(next_rows[i].text, "@every") != NULL)
            continue;
        parse(next_rows[i].text, &cron);
        if (cron_next(&cron, wall_ms(next_rows[i].after), &first_ms) &&
            cron_next(&cron, first_ms, &second_ms)) {
            assert_true(cron_previous(&cron, first_ms, &found_ms));
            assert_int_equal(found_ms, first_ms);
            assert_true(cron_previous(&cron, first_ms + 999, &found_ms));
            assert_int_equal(found_ms, first_ms);
            assert_true(cron_previous(&cron, second_ms - 1, &found_ms));
            assert_int_equal(found_ms, first_ms);
        }
        cron_release(&cron);
    }
}

static const struct {
    const char *text;
    const char *until;
    const char *expected; /* NULL: none */
} previous_rows[] = {
    {"0 10 * * *", "2025-10-07T10:00:00Z", "2025-10-07T10:00:00Z"},
    {"0 10 * * *", "2025-10-07T09:59:59.999Z", "2025-10-06T10:00:00Z"},
    {"0 0 29 2 *", "2025-10-07T00:00:00Z", "2024-02-29T00:00:00Z"},
    {"0 0 29 2 *", "2101-12-31T00:00:00Z", "2096-02-29T00:00:00Z"},
    {"0 0 29 2 *", "2102-01-01T00:00:00Z", NULL},
    {"0 0 30 2 *", "2025-10-07T00:00:00Z", NULL},
    {", * * * *", "2025-10-07T00:00:00Z", NULL},
    {", 0 15 * *", "2025-10-07T00:00:00Z", NULL},
    /* The only day in five years, and not yet the time. */
    {"59 23 29 2 */7", "2032-02-29T12:00:00Z", NULL},
    {"59 23 29 2 */7", "2032-03-01T00:00:00Z", "2032-02-29T23:59:00Z"},
    {"0 0 1 1 *", "0004-06-01T00:00:00Z", "0004-01-01T00:00:00Z"},
    {"0 0 29 2 */7", "0004-02-01T00:00:00Z", NULL},
    {"* , * * *", "2025-10-07T00:00:00Z", NULL},
    {"59 23 31 12 *", "2026-01-01T00:00:00Z", "2025-12-31T23:59:00Z"},
    {"@every 1h", "2025-10-07T00:00:00Z", NULL},
    {"TZ=" NEW_YORK " 30 2 * * *", "2025-03-09T12:00:00Z", "2025-03-08T02:30:00-05:00"},
    {"TZ=" NEW_YORK " 30 1 * * *", "2025-11-02T12:00:00Z", "2025-11-02T01:30:00-05:00"},
    {"TZ=" NEW_YORK " 30 1 * * *", "2025-11-02T06:29:59Z", "2025-11-02T01:30:00-04:00"},
    {"TZ=" NEW_YORK " 45 1 2 11 *", "2025-11-02T06:30:00Z", "2025-11-02T01:45:00-04:00"},
    {"TZ=" NEW_YORK " 0 0 1 1 *", "2100-12-31T12:00:00Z", "2100-01-01T00:00:00-05:00"},
};

static void previous_times_include_the_instant(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(previous_rows); i++) {
        struct cron cron;
        char text[KTIME_TEXT_BYTES] = "never";
        const char *expected = previous_rows[i].expected;
        int64_t found_ms;
        parse(previous_rows[i].text, &cron);
        if (cron_previous(&cron, wall_ms(previous_rows[i].until), &found_ms))
            zone_format_rfc3339(&cron.zone, found_ms, text);
        print_message("%s until %s\n", previous_rows[i].text, previous_rows[i].until);
        assert_str(str_from(text), expected != NULL ? expected : "never");
        cron_release(&cron);
    }
}

/* The words of robfig/cron v1.2.0 (facts 9.1); those behind the line are its code's, too. */
static const struct {
    const char *text;
    const char *message;
} refused[] = {
    {"", "Empty spec string"},
    {"0 0 * * 7", "End of range (7) above maximum (6): 7"},
    {"0 22-6 * * *", "Beginning of range (22) beyond end of range (6): 22-6"},
    {"0 24 * * *", "End of range (24) above maximum (23): 24"},
    {"60 * * * *", "End of range (60) above maximum (59): 60"},
    {"0 0 32 * *", "End of range (32) above maximum (31): 32"},
    {"0 0 * 13 *", "End of range (13) above maximum (12): 13"},
    {"0 0 0 * *", "Beginning of range (0) below minimum (1): 0"},
    {"0 0 * 0 *", "Beginning of range (0) below minimum (1): 0"},
    {"-1 * * * *", "Failed to parse int from : strconv.Atoi: parsing \"\": invalid syntax"},
    {"*/0 * * * *", "Step of range should be a positive number: */0"},
    {"*/-0 * * * *", "Step of range should be a positive number: */-0"},
    /* U+200B is no white space to Go, and what looks like the half of one is none either. */
    {"0\xe2\x80\x8b" "0 * * *", "Expected exactly 5 fields, found 4: 0\xe2\x80\x8b" "0 * * *"},
    {"0\xe2\x80", NULL},
    {"0\xe2\x80 * * *", NULL},
    {"0\xe2\x80\x7f", NULL},
    {"1-2-3 * * * *", "Too many hyphens: 1-2-3"},
    {"*/5/2 * * * *", "Too many slashes: */5/2"},
    {"a * * * *", "Failed to parse int from a: strconv.Atoi: parsing \"a\": invalid syntax"},
    {"*5 * * * *", "Failed to parse int from *5: strconv.Atoi: parsing \"*5\": invalid syntax"},
    {"0 0 L * *", "Failed to parse int from L: strconv.Atoi: parsing \"L\": invalid syntax"},
    {"0 0 15W * *", "Failed to parse int from 15W: strconv.Atoi: parsing \"15W\": invalid syntax"},
    {"0 0 * * 5#2", "Failed to parse int from 5#2: strconv.Atoi: parsing \"5#2\": invalid syntax"},
    {"0 0 * *", "Expected exactly 5 fields, found 4: 0 0 * *"},
    {"0 0 * * * *", "Expected exactly 5 fields, found 6: 0 0 * * * *"},
    {"   ", "Expected exactly 5 fields, found 0:    "},
    {"@every 1d", "Failed to parse duration @every 1d: time: unknown unit \"d\" in duration "
                  "\"1d\""},
    {"@every  1h", "Failed to parse duration @every  1h: time: invalid duration \" 1h\""},
    {"@every", "Unrecognized descriptor: @every"},
    {"@reboot", "Unrecognized descriptor: @reboot"},
    {"@Daily", "Unrecognized descriptor: @Daily"},
    {"@daily ", "Unrecognized descriptor: @daily "},
    {" @daily", "Expected exactly 5 fields, found 1:  @daily"},
    /* - */
    {"*/-5 * * * *", "Negative number (-5) not allowed: -5"},
    {"* * * * 99999999999999999999",
     "Failed to parse int from 99999999999999999999: strconv.Atoi: parsing "
     "\"99999999999999999999\": value out of range"},
    {"* * * * 9223372036854775808",
     "Failed to parse int from 9223372036854775808: strconv.Atoi: parsing "
     "\"9223372036854775808\": value out of range"},
    {"\"\\ * * * *",
     "Failed to parse int from \"\\: strconv.Atoi: parsing \"\\\"\\\\\": invalid syntax"},
    {"\a\b * * * *", /* the message itself escapes what is no text */
     "Failed to parse int from \\x07\\x08: strconv.Atoi: parsing \"\\a\\b\": invalid syntax"},
    {"* * * * 18446744073709551616",
     "Failed to parse int from 18446744073709551616: strconv.Atoi: parsing "
     "\"18446744073709551616\": value out of range"},
    {"5/1x * * * *", "Failed to parse int from 1x: strconv.Atoi: parsing \"1x\": invalid syntax"},
    {"5- * * * *", "Failed to parse int from : strconv.Atoi: parsing \"\": invalid syntax"},
    {"1--2 * * * *", "Too many hyphens: 1--2"},
    {"1-2-3-4/5 * * * *", "Too many hyphens: 1-2-3-4/5"},
    {"1/2/3/4 * * * *", "Too many slashes: 1/2/3/4"},
    {"60 24 * * *", "End of range (60) above maximum (59): 60"},
    {"0 0 * * MONDAY",
     "Failed to parse int from MONDAY: strconv.Atoi: parsing \"MONDAY\": invalid syntax"},
    /* Zones (D9): an unknown one, or none that could be a file of the zone data. */
    {"CRON_TZ=Mars/Phobos 0 0 * * *",
     "provided bad location Mars/Phobos: unknown time zone Mars/Phobos"},
    {"TZ= 0 0 * * *", "provided bad location : unknown time zone "},
    {"TZ=../etc/passwd 0 0 * * *",
     "provided bad location ../etc/passwd: unknown time zone ../etc/passwd"},
    {"TZ=tzdata.zi 0 0 * * *", NULL},
    {"TZ=A2345678901234567890123456789012345678901234567890123456789012345 0 0 * * *", NULL},
    {"TZ=Europe/Berlin 0 0 * *", "Expected exactly 5 fields, found 4: 0 0 * *"},
    {"TZ=Europe/Berlin", "Expected exactly 5 fields, found 1: TZ=Europe/Berlin"},
    {"TZ=Europe/Berlin  @daily", "Expected exactly 5 fields, found 1:  @daily"},
    {"TZ=Europe/Berlin ", "Empty spec string"},
    {"tz=Europe/Berlin 0 0 * * *",
     "Expected exactly 5 fields, found 6: tz=Europe/Berlin 0 0 * * *"},
};

static void refusals_have_the_words_of_the_facts(void **state)
{
    struct zone_source source = zoneinfo_source();
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(refused); i++) {
        struct cron cron;
        struct errmsg msg = {{0}};
        print_message("%s\n", refused[i].text);
        assert_true(cron_parse(str_from(refused[i].text), &source, &cron, &msg) != ERR_NONE);
        if (refused[i].message != NULL)
            assert_str(str_from(msg.text), refused[i].message);
    }
}

/* Two texts for the same minutes. */
static const char *const same[][2] = {
    {"* * * * *", "? ? ? ? ?"},          {"*-x * * * *", "* * * * *"},
    {"5/20 * * * *", "5,25,45 * * * *"}, {"10-20/5 * * * *", "10,15,20 * * * *"},
    {"0 0 * jan-MAR Mon-fri", "0 0 * 1-3 1-5"},
    {"0 0 * * *", "\xc2\xa0" "0\xe3\x80\x80" "0 *\xe2\x80\x83* *\v"},
    {"*/99999999999 * * * *", "0/60 * * * *"},
};

static void several_texts_mean_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(same); i++) {
        struct cron a;
        struct cron b;
        print_message("%s\n", same[i][0]);
        parse(same[i][0], &a);
        parse(same[i][1], &b);
        assert_int_equal(a.minutes, b.minutes);
        assert_int_equal(a.hours, b.hours);
        assert_int_equal(a.days, b.days);
        assert_int_equal(a.months, b.months);
        assert_int_equal(a.weekdays, b.weekdays);
    }
}

static void a_star_with_a_step_still_is_a_star(void **state)
{
    struct cron cron;
    (void)state;
    parse("0 0 */2 * 1", &cron);
    assert_true(cron.both_days);
    parse("0 0 1 * ?/2", &cron);
    assert_true(cron.both_days);
    parse("0 0 1,*/9 * 1", &cron);
    assert_true(cron.both_days);
    parse("0 0 1-31 * 0-6", &cron);
    assert_false(cron.both_days);
}

static const struct {
    const char *text;
    bool fires;
} calendar_rows[] = {
    {"* * * * *", true},    {"0 0 29 2 *", true},    {"0 0 30 2 *", false},
    {"0 0 30 2 1", true},   {"0 0 31 4-6 *", true},  {"0 0 31 4,6,9,11 *", false},
    {", * * * *", false},   {"0 , * * *", false},    {"0 0 , * *", false},
    {"0 0 * , *", false},   {"0 0 * * ,", false},    {"0 0 , * 1", true},
    {"0 0 5 * ,", true},    {"0 0 , * ,", false},    {"0 0 29 2 */7", true},
    {"0 0 30 2 ,", false},  {"@yearly", true},       {"@every 1s", true},
};

static void the_calendar_tells_what_never_fires(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(calendar_rows); i++) {
        struct cron cron;
        print_message("%s\n", calendar_rows[i].text);
        parse(calendar_rows[i].text, &cron);
        assert_int_equal(cron_fires(&cron), calendar_rows[i].fires);
        cron_release(&cron);
    }
}

/* Design: cron text 128 bytes. */
static void a_text_of_more_than_128_bytes_is_refused(void **state)
{
    char text[160];
    struct cron cron;
    struct errmsg msg = {{0}};
    (void)state;
    memset(text, ' ', sizeof(text));
    memcpy(text, "0 0 * * *", 9);
    assert_err(cron_parse(str_from_bytes(text, 128), NULL, &cron, &msg), ERR_NONE);
    assert_err(cron_parse(str_from_bytes(text, 129), NULL, &cron, &msg), ERR_LIMIT);
    assert_str(str_from(msg.text), "found 129 bytes, expected at most 128");
}

static void without_a_source_there_is_only_utc(void **state)
{
    struct cron cron;
    (void)state;
    assert_err(cron_parse(STR("TZ=UTC 0 0 * * *"), NULL, &cron, NULL), ERR_NONE);
    assert_err(cron_parse(STR("TZ=Europe/Berlin 0 0 * * *"), NULL, &cron, NULL), ERR_NOT_FOUND);
}

static void times_outside_the_calendar_have_no_next(void **state)
{
    static const int64_t outside_ms[] = {INT64_MIN, INT64_MIN + 1, -62200000000000,
                                         253402300800000, INT64_MAX - 1, INT64_MAX};
    struct cron cron;
    struct cron every;
    int64_t found_ms;
    (void)state;
    parse("* * * * *", &cron);
    parse("@every 2562047h", &every);
    for (size_t i = 0; i < ARRAY_COUNT(outside_ms); i++) {
        assert_false(cron_next(&cron, outside_ms[i], &found_ms));
        assert_false(cron_previous(&cron, outside_ms[i], &found_ms));
        assert_false(cron_next(&every, outside_ms[i], &found_ms));
    }
    assert_false(cron_next(&every, 253000000000000, &found_ms));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(next_times_are_those_of_the_facts),
        cmocka_unit_test(previous_times_mirror_the_next),
        cmocka_unit_test(previous_times_include_the_instant),
        cmocka_unit_test(refusals_have_the_words_of_the_facts),
        cmocka_unit_test(several_texts_mean_the_same),
        cmocka_unit_test(a_star_with_a_step_still_is_a_star),
        cmocka_unit_test(the_calendar_tells_what_never_fires),
        cmocka_unit_test(a_text_of_more_than_128_bytes_is_refused),
        cmocka_unit_test(without_a_source_there_is_only_utc),
        cmocka_unit_test(times_outside_the_calendar_have_no_next),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
