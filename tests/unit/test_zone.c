#include "tests/testlib/test.h"

#include "controller/base/mem.h"
#include "controller/base/civil.h"
#include "controller/core/zone.h"
#include "scenarios/engine/zoneinfo.h"

static int64_t wall_ms(const char *text)
{
    int64_t ms = 0;
    if (!ktime_parse_rfc3339(str_from(text), &ms))
        fail_msg("no time: %s", text);
    return ms;
}

static void load(const char *name, struct zone *ret_zone)
{
    struct zone_source source = zoneinfo_source();
    struct errmsg msg = {{0}};
    if (zone_load(&source, str_from(name), ret_zone, &msg) != ERR_NONE)
        fail_msg("%s: %s", name, msg.text);
}

/* As Python's zoneinfo has them, seconds of offsets cut. */
static const struct {
    const char *zone, *instant, *shown;
} offset_rows[] = {
    {"UTC", "2025-03-09T07:00:00Z", "2025-03-09T07:00:00Z"},
    {"America/New_York", "2025-03-09T06:59:59Z", "2025-03-09T01:59:59-05:00"},
    {"America/New_York", "2025-03-09T07:00:00Z", "2025-03-09T03:00:00-04:00"},
    {"America/New_York", "1800-01-01T00:00:00Z", "1799-12-31T19:03:58-04:56"},
    {"Europe/Amsterdam", "1930-01-01T00:00:00Z", "1930-01-01T00:19:32+00:19"},
    {"Australia/Lord_Howe", "2025-04-05T14:59:59Z", "2025-04-06T01:59:59+11:00"},
    {"Australia/Lord_Howe", "2025-04-05T15:00:00Z", "2025-04-06T01:30:00+10:30"},
    {"Asia/Kathmandu", "1985-12-31T18:29:59Z", "1985-12-31T23:59:59+05:30"},
    {"Asia/Kathmandu", "1985-12-31T18:30:00Z", "1986-01-01T00:15:00+05:45"},
    {"Pacific/Kiritimati", "1994-12-31T09:59:59Z", "1994-12-30T23:59:59-10:00"},
    {"Pacific/Kiritimati", "1994-12-31T10:00:00Z", "1995-01-01T00:00:00+14:00"},
    {"Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31T00:00:00+14:00"},
    {"America/St_Johns", "2006-04-02T03:30:59Z", "2006-04-02T00:00:59-03:30"},
    {"America/St_Johns", "2006-04-02T03:31:00Z", "2006-04-02T01:01:00-02:30"},
    /* Behind the last listed change: the rules. */
    {"Europe/Berlin", "2500-07-01T12:00:00Z", "2500-07-01T14:00:00+02:00"},
    {"America/New_York", "2399-12-01T12:00:00Z", "2399-12-01T07:00:00-05:00"},
    {"Australia/Sydney", "9998-01-01T00:00:00Z", "9998-01-01T11:00:00+11:00"},
    {"Europe/Dublin", "2040-01-01T00:00:00Z", "2040-01-01T00:00:00Z"},
    {"Europe/Dublin", "2040-07-01T00:00:00Z", "2040-07-01T01:00:00+01:00"},
    {"Africa/Casablanca", "2100-01-01T00:00:00Z", "2100-01-01T01:00:00+01:00"},
    {"Antarctica/Troll", "2050-07-01T00:00:00Z", "2050-07-01T02:00:00+02:00"},
    {"America/Nuuk", "2050-03-27T00:59:59Z", "2050-03-26T22:59:59-02:00"},
    {"America/Nuuk", "2050-03-27T01:00:00Z", "2050-03-27T00:00:00-01:00"},
    {"Asia/Gaza", "2090-07-01T00:00:00Z", "2090-07-01T03:00:00+03:00"},
};

static void clocks_show_what_they_should(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(offset_rows); i++) {
        struct zone zone;
        char text[KTIME_TEXT_BYTES];
        load(offset_rows[i].zone, &zone);
        zone_format_rfc3339(&zone, wall_ms(offset_rows[i].instant), text);
        print_message("%s\n", offset_rows[i].zone);
        assert_str(str_from(text), offset_rows[i].shown);
        zone_release(&zone);
    }
}

/* Instants in UTC at which the clock shows a time. */
static const struct {
    const char *zone, *shown;
    unsigned count;
    const char *first, *second;
} civil_rows[] = {
    {"UTC", "2025-03-09T02:30:00Z", 1, "2025-03-09T02:30:00Z", NULL},
    {"America/New_York", "2025-03-09T01:59:59Z", 1, "2025-03-09T06:59:59Z", NULL},
    {"America/New_York", "2025-03-09T02:00:00Z", 0, NULL, NULL},
    {"America/New_York", "2025-03-09T02:59:59Z", 0, NULL, NULL},
    {"America/New_York", "2025-03-09T03:00:00Z", 1, "2025-03-09T07:00:00Z", NULL},
    {"America/New_York", "2025-11-02T01:00:00Z", 2, "2025-11-02T05:00:00Z",
     "2025-11-02T06:00:00Z"},
    {"America/New_York", "2025-11-02T01:59:59Z", 2, "2025-11-02T05:59:59Z",
     "2025-11-02T06:59:59Z"},
    {"America/New_York", "2025-11-02T02:00:00Z", 1, "2025-11-02T07:00:00Z", NULL},
    {"Australia/Lord_Howe", "2025-04-06T01:45:00Z", 2, "2025-04-05T14:45:00Z",
     "2025-04-05T15:15:00Z"},
    {"Pacific/Apia", "2011-12-30T12:00:00Z", 0, NULL, NULL},
    {"Pacific/Kiritimati", "1994-12-31T12:00:00Z", 0, NULL, NULL},
    {"Pacific/Kwajalein", "1969-09-30T12:00:00Z", 2, "1969-09-30T01:00:00Z",
     "1969-10-01T00:00:00Z"},
    {"Europe/Berlin", "2500-03-28T02:30:00Z", 0, NULL, NULL},
};

static void civil_times_have_no_one_or_two_instants(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(civil_rows); i++) {
        struct zone zone;
        int64_t found_s[2];
        load(civil_rows[i].zone, &zone);
        print_message("%s %s\n", civil_rows[i].zone, civil_rows[i].shown);
        unsigned count = zone_instants_of(&zone, wall_ms(civil_rows[i].shown) / 1000, found_s);
        assert_int_equal(count, civil_rows[i].count);
        if (count > 0)
            assert_int_equal(found_s[0], wall_ms(civil_rows[i].first) / 1000);
        if (count > 1)
            assert_int_equal(found_s[1], wall_ms(civil_rows[i].second) / 1000);
        zone_release(&zone);
    }
}

static const struct {
    const char *text;
    bool valid;
    int32_t january_s, july_s; /* offsets in 2027 */
} rule_rows[] = {
    {"UTC0", true, 0, 0},
    {"EST5", true, -18000, -18000},
    {"<+0330>-3:30", true, 12600, 12600},
    {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", true, -7200, -3600},
    {"EET-2EEST,M3.4.4/50,M10.4.4/50", true, 7200, 10800},
    {"IST-1GMT0,M10.5.0,M3.5.0/1", true, 0, 3600},
    {"AEST-10AEDT,M10.1.0,M4.1.0/3", true, 39600, 36000},
    {"EST5EDT,0/0,J365/25", true, -14400, -14400}, /* RFC 8536 3.3.1: all year */
    {"AAA3BBB,J60/0,J300/0", true, -10800, -7200},
    {"AAA3BBB,59/0,299/0", true, -10800, -7200},
    {"AAA-24:59:59", true, 89999, 89999},
    {"AAA+1:02:03BBB-0:30:15,J1/0,J365/0", true, 1815, 1815},
    {"", false, 0, 0},
    {"UT0", false, 0, 0},
    {"UTC", false, 0, 0},
    {"UTC25", false, 0, 0},
    {"UTC0:60", false, 0, 0},
    {"UTC0x", false, 0, 0},
    {"<UTC0", false, 0, 0},
    {"<UT>0", false, 0, 0},
    {"U+C0", false, 0, 0},
    {"U{C0", false, 0, 0},
    {"U[C0", false, 0, 0},
    {"<U_C>0", false, 0, 0},
    {"EST5EDT", false, 0, 0},
    {"EST5EDT,M3.2.0", false, 0, 0},
    {"EST5EDT,M3.2.0,M11.1.0,", false, 0, 0},
    {"EST5EDT,M0.2.0,M11.1.0", false, 0, 0},
    {"EST5EDT,M13.2.0,M11.1.0", false, 0, 0},
    {"EST5EDT,M3.0.0,M11.1.0", false, 0, 0},
    {"EST5EDT,M3.6.0,M11.1.0", false, 0, 0},
    {"EST5EDT,M3.2.7,M11.1.0", false, 0, 0},
    {"EST5EDT,M3.2,M11.1.0", false, 0, 0},
    {"EST5EDT,J0,J365", false, 0, 0},
    {"EST5EDT,J366,J365", false, 0, 0},
    {"EST5EDT,366,1", false, 0, 0},
    {"EST5EDT,M3.2.0/168,M11.1.0", false, 0, 0},
    {"EST5EDT,M3.2.0/99999999999,M11.1.0", false, 0, 0},
    {"EST99999999999999999999EDT,M3.2.0,M11.1.0", false, 0, 0},
};

static void rules_are_read_strictly(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rule_rows); i++) {
        struct zone_rule rule;
        print_message("%s\n", rule_rows[i].text);
        assert_int_equal(zone_rule_parse(str_from(rule_rows[i].text), &rule), rule_rows[i].valid);
        if (!rule_rows[i].valid)
            continue;
        int64_t january_s = wall_ms("2027-01-15T00:00:00Z") / 1000;
        int64_t july_s = wall_ms("2027-07-15T00:00:00Z") / 1000;
        assert_int_equal(zone_rule_segment(&rule, january_s).offset_s, rule_rows[i].january_s);
        assert_int_equal(zone_rule_segment(&rule, july_s).offset_s, rule_rows[i].july_s);
    }
}

/* Day 60 is 1 March for "J", in leap years too; for the plain form it is 29 February then. */
static void days_of_the_year_count_leap_days_or_not(void **state)
{
    struct zone_rule julian;
    struct zone_rule plain;
    (void)state;
    assert_true(zone_rule_parse(STR("AAA0BBB,J60/0,J300/0"), &julian));
    assert_true(zone_rule_parse(STR("AAA0BBB,59/0,300/0"), &plain));
    int64_t leap_day_s = wall_ms("2028-02-29T12:00:00Z") / 1000;
    assert_int_equal(zone_rule_segment(&julian, leap_day_s).offset_s, 0);
    assert_int_equal(zone_rule_segment(&plain, leap_day_s).offset_s, 3600);
    int64_t march_s = wall_ms("2028-03-01T00:00:00Z") / 1000;
    assert_int_equal(zone_rule_segment(&julian, march_s).begin_s, march_s);
    assert_int_equal(zone_rule_segment(&plain, march_s).begin_s, march_s - 86400);
    assert_int_equal(zone_rule_segment(&plain, INT64_MIN).offset_s, 0); /* before all years */
    assert_int_equal(zone_rule_segment(&plain, INT64_MAX).offset_s, 0);
}

/* A block to be written; counts beyond what is there are lies. */
struct draft {
    char version;
    uint32_t utc_flags, standard_flags, leaps, times, types, name_bytes;
    int64_t at_s[3];
    unsigned char index[3];
    int32_t offset_s[2];
    unsigned char daylight, name; /* of every type */
    const char *names;
    int64_t leap_s[3][2]; /* when, and how many there are since */
};

static void write_number(struct buf *out, uint64_t value, unsigned bytes)
{
    while (bytes-- > 0)
        buf_append_char(out, (char)(value >> 8 * bytes & 0xff));
}

static void write_block(struct buf *out, const struct draft *draft, unsigned time_bytes)
{
    static const char zeros[15];
    buf_append_text(out, "TZif");
    buf_append_char(out, draft->version);
    buf_append_bytes(out, zeros, sizeof(zeros));
    write_number(out, draft->utc_flags, 4);
    write_number(out, draft->standard_flags, 4);
    write_number(out, draft->leaps, 4);
    write_number(out, draft->times, 4);
    write_number(out, draft->types, 4);
    write_number(out, draft->name_bytes, 4);
    for (uint32_t i = 0; i < draft->times && i < 3; i++)
        write_number(out, (uint64_t)draft->at_s[i], time_bytes);
    for (uint32_t i = 0; i < draft->times && i < 3; i++)
        write_number(out, draft->index[i], 1);
    for (uint32_t i = 0; i < draft->types && i < 2; i++) {
        write_number(out, (uint32_t)draft->offset_s[i], 4);
        write_number(out, draft->daylight, 1);
        write_number(out, draft->name, 1);
    }
    for (uint32_t i = 0; i < draft->name_bytes && i < 4; i++)
        buf_append_char(out, draft->names[i]);
    for (uint32_t i = 0; i < draft->leaps && i < 3; i++) {
        write_number(out, (uint64_t)draft->leap_s[i][0], time_bytes);
        write_number(out, (uint64_t)draft->leap_s[i][1], 4);
    }
    for (uint32_t i = 0; i < draft->standard_flags + draft->utc_flags && i < 4; i++)
        buf_append_char(out, 0);
}

/* Three changes between +1 h and +2 h. */
static const struct draft draft_plain = {
    .times = 3, .types = 2, .name_bytes = 4, .at_s = {-1000, 0, 1000}, .index = {1, 0, 1},
    .offset_s = {3600, 7200}, .names = "AAA",
};

/* From version 2 on with the smallest first block that RFC 8536 section 4 recommends. */
static void write_file(struct buf *out, const struct draft *draft, const char *footer)
{
    struct draft small = {.version = draft->version, .types = 1, .name_bytes = 1, .names = ""};
    if (draft->version == 0) {
        write_block(out, draft, 4);
        return;
    }
    write_block(out, &small, 4);
    write_block(out, draft, 8);
    buf_append_text(out, footer);
}

static void all_versions_are_read(void **state)
{
    static const char versions[] = {0, '2', '3', '4'};
    (void)state;
    for (size_t i = 0; i < sizeof(versions); i++) {
        struct draft draft = draft_plain;
        struct buf data;
        struct zone zone;
        buf_init(&data, ZONE_BYTES_MAX);
        draft.version = versions[i];
        write_file(&data, &draft, "\nAAA-3\n");
        assert_err(zone_parse(buf_str(&data), &zone, NULL), ERR_NONE);
        assert_int_equal(zone_offset_at(&zone, INT64_MIN), 3600);
        assert_int_equal(zone_offset_at(&zone, -1001), 3600);
        assert_int_equal(zone_offset_at(&zone, -1000), 7200);
        assert_int_equal(zone_offset_at(&zone, 0), 3600);
        assert_int_equal(zone_offset_at(&zone, 999), 3600);
        /* Version 1 has no rule: its last offset stays. */
        assert_int_equal(zone_offset_at(&zone, 1000), versions[i] == 0 ? 7200 : 10800);
        assert_int_equal(zone_offset_at(&zone, INT64_MAX), versions[i] == 0 ? 7200 : 10800);
        zone_release(&zone);
        buf_release(&data);
    }
}

/* Version 1 ends with its block. */
static void data_behind_the_first_version_is_refused(void **state)
{
    struct errmsg msg = {{0}};
    struct buf data;
    struct zone zone;
    (void)state;
    buf_init(&data, ZONE_BYTES_MAX);
    write_file(&data, &draft_plain, "");
    buf_append_char(&data, '\n');
    assert_err(zone_parse(buf_str(&data), &zone, &msg), ERR_SYNTAX);
    assert_str(str_from(msg.text),
               "malformed time zone information: found more data than its header tells");
    buf_release(&data);
}

static void a_file_without_changes_follows_its_rule(void **state)
{
    struct draft draft = draft_plain;
    struct buf data;
    struct zone zone;
    (void)state;
    draft.version = '2';
    draft.times = 0;
    buf_init(&data, ZONE_BYTES_MAX);
    write_file(&data, &draft, "\nAAA-3\n");
    assert_err(zone_parse(buf_str(&data), &zone, NULL), ERR_NONE);
    assert_int_equal(zone_offset_at(&zone, 0), 10800);
    zone_release(&zone);
    buf_clear(&data);
    write_file(&data, &draft, "\n\n");
    assert_err(zone_parse(buf_str(&data), &zone, NULL), ERR_NONE);
    assert_int_equal(zone_offset_at(&zone, 0), 3600);
    zone_release(&zone);
    buf_release(&data);
}

#define MALFORMED "malformed time zone information: "

static const struct {
    struct draft draft;
    const char *footer;
    const char *message;
} refused[] = {
    {{.version = '1'}, "", "its version is not 1, 2, 3 or 4"},
    {{.version = '5'}, "", "its version is not 1, 2, 3 or 4"},
    {{.leaps = 1}, "\n\n", "found a leap second that is not one second"},
    {{.leaps = 1, .leap_s = {{5, 2}}}, "\n\n", "found a leap second that is not one second"},
    {{.leaps = 2, .leap_s = {{5, 1}, {5000000, 1}}}, "\n\n",
     "found a leap second that is not one second"},
    {{.leaps = 2, .leap_s = {{5, 1}, {2419203, 2}}}, "\n\n",
     "found leap seconds that do not ascend month by month"},
    {{.leaps = 1, .leap_s = {{-1, 1}}}, "\n\n",
     "found leap seconds that do not ascend month by month"},
    {{.leaps = 1, .leap_s = {{INT64_MAX, 1}}}, "\n\n",
     "found leap seconds that do not ascend month by month"},
    {{.version = '4', .leaps = 2, .leap_s = {{5, 7}, {4, 7}}}, "\n\n",
     "found leap seconds that do not ascend month by month"},
    {{.version = '4', .leaps = 3, .leap_s = {{5, 7}, {5000000, 7}, {9000000, 8}}}, "\n\n",
     "found a leap second that is not one second"},
    {{.version = '4', .leaps = 2, .leap_s = {{5, 7}, {5000000, 9}}}, "\n\n",
     "found a leap second that is not one second"},
    {{.types = 257}, "\n\n", "found less data than its header tells"},
    {{.types = UINT32_MAX, .times = UINT32_MAX, .leaps = UINT32_MAX, .name_bytes = UINT32_MAX,
      .utc_flags = UINT32_MAX, .standard_flags = UINT32_MAX},
     "\n\n", "found less data than its header tells"},
    {{.utc_flags = 1}, "\n\n", "found flags for another number of types"},
    {{.standard_flags = 1}, "\n\n", "found flags for another number of types"},
    {{.offset_s = {93600, 0}}, "\n\n", "found an offset of more than a day"},
    {{.offset_s = {-90000, 0}}, "\n\n", "found an offset of more than a day"},
    {{.offset_s = {INT32_MIN, 0}}, "\n\n", "found an offset of more than a day"},
    {{.daylight = 2}, "\n\n", "found a daylight flag that is neither 0 nor 1"},
    {{.name = 4}, "\n\n", "found a name that does not end"},
    {{.names = "AAAA"}, "\n\n", "found a name that does not end"},
    {{.at_s = {0, 0, 1}}, "\n\n", "found transitions that do not ascend"},
    {{.at_s = {0, -1, 1}}, "\n\n", "found transitions that do not ascend"},
    {{.at_s = {INT64_MIN, 0, 1}}, "\n\n", "found a transition before or after all time"},
    {{.at_s = {0, 1, INT64_MAX}}, "\n\n", "found a transition before or after all time"},
    {{.index = {0, 2, 1}}, "\n\n", "found a transition to a type that is not there"},
    {{0}, "", "found no footer between two line ends"},
    {{0}, "\n", "found no footer between two line ends"},
    {{0}, "AAA0\n", "found no footer between two line ends"},
    {{0}, "\nAAA0", "found no footer between two line ends"},
    {{0}, "\nAAA\n", "the footer's rule cannot be read"},
    {{0}, "\nAAA0\nmore\n", "the footer's rule cannot be read"},
};

/* What a row leaves out is as in the plain draft. */
static struct draft complete(const struct draft *row)
{
    struct draft draft = draft_plain;
    draft.version = row->version != 0 ? row->version : '2';
    draft.utc_flags = row->utc_flags;
    draft.standard_flags = row->standard_flags;
    draft.leaps = row->leaps;
    memcpy(draft.leap_s, row->leap_s, sizeof(draft.leap_s));
    draft.types = row->types != 0 ? row->types : draft.types;
    draft.times = row->times != 0 ? row->times : draft.times;
    draft.name_bytes = row->name_bytes != 0 ? row->name_bytes : draft.name_bytes;
    draft.daylight = row->daylight;
    draft.name = row->name;
    draft.names = row->names != NULL ? row->names : draft.names;
    if (row->offset_s[0] != 0)
        draft.offset_s[0] = row->offset_s[0];
    for (size_t i = 0; i < 3; i++) {
        if (row->at_s[0] != 0 || row->at_s[2] != 0)
            draft.at_s[i] = row->at_s[i];
        if (row->index[1] != 0)
            draft.index[i] = row->index[i];
    }
    return draft;
}

static void wrong_data_is_refused_with_a_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(refused); i++) {
        struct draft draft = complete(&refused[i].draft);
        struct errmsg msg = {{0}};
        struct buf data;
        struct zone zone;
        buf_init(&data, ZONE_BYTES_MAX);
        write_file(&data, &draft, refused[i].footer);
        assert_err(zone_parse(buf_str(&data), &zone, &msg), ERR_SYNTAX);
        assert_str(str_slice(str_from(msg.text), strlen(MALFORMED), SIZE_MAX),
                   refused[i].message);
        buf_release(&data);
    }
}

static void no_types_no_names_and_no_header_are_refused(void **state)
{
    static const struct draft drafts[] = {
        {.version = '2', .names = ""}, {.version = '2', .names = "", .types = 1},
        {.version = '2', .names = "", .types = 257, .name_bytes = 1}, /* an index has a byte */
    };
    struct errmsg msg = {{0}};
    struct buf data;
    struct zone zone;
    (void)state;
    buf_init(&data, ZONE_BYTES_MAX + 1);
    for (size_t i = 0; i < ARRAY_COUNT(drafts); i++) {
        buf_clear(&data);
        write_file(&data, &drafts[i], "\n\n");
        while (data.len < ZONE_BYTES_MAX) /* beyond what the header tells */
            buf_append_char(&data, '\n');
        assert_err(zone_parse(buf_str(&data), &zone, &msg), ERR_SYNTAX);
        assert_str(str_from(msg.text), MALFORMED "found no types of local time, or too many");
    }
    assert_err(zone_parse(STR_NONE, &zone, &msg), ERR_SYNTAX);
    assert_str(str_from(msg.text), MALFORMED "found no TZif header");
    assert_err(zone_parse(STR("# tzdb data for Europe and environs"), &zone, &msg), ERR_SYNTAX);
    buf_append_char(&data, '\n');
    assert_err(zone_parse(buf_str(&data), &zone, &msg), ERR_LIMIT);
    buf_release(&data);
}

/* On a copy without anything behind it, so that reading beyond its end is found. */
static enum err parse_copy(struct str data, struct zone *ret_zone)
{
    char *copy = mem_alloc(data.len + 1);
    if (data.len > 0)
        memcpy(copy, data.data, data.len);
    copy = mem_resize(copy, data.len > 0 ? data.len : 1);
    enum err err = zone_parse(str_from_bytes(copy, data.len), ret_zone, NULL);
    mem_free(copy);
    return err;
}

static void every_shorter_file_is_refused(void **state)
{
    static const char *const names[] = {"Europe/Berlin", "Asia/Kathmandu", "Etc/GMT-14"};
    struct zone_source source = zoneinfo_source();
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        struct buf data;
        struct zone zone;
        buf_init(&data, ZONE_BYTES_MAX);
        assert_true(source.load(source.ctx, str_from(names[i]), &data));
        for (size_t len = 0; len < data.len; len++)
            assert_err(parse_copy(str_slice(buf_str(&data), 0, len), &zone), ERR_SYNTAX);
        buf_release(&data);
    }
}

/* Whatever was read: a stretch holds the instant it was asked for, and its ends fit. */
static void check_segments(const struct zone *zone)
{
    static const int64_t instants_s[] = {INT64_MIN, -ZONE_SECONDS_MAX, -5000000000, 0, 1760000000,
                                         4100000000, ZONE_SECONDS_MAX, INT64_MAX};
    int64_t found_s[2];
    for (size_t i = 0; i < ARRAY_COUNT(instants_s); i++) {
        struct zone_segment segment = zone_segment_at(zone, instants_s[i]);
        assert_true(segment.begin_s <= instants_s[i]);
        assert_true(instants_s[i] < segment.end_s || segment.end_s == INT64_MAX);
        assert_in_range(segment.offset_s + 100000, 0, 200000);
        assert_true(zone_instants_of(zone, instants_s[i], found_s) <= 2);
    }
}

static void a_changed_byte_does_no_harm(void **state)
{
    static const unsigned char flips[] = {0x01, 0x80, 0xff};
    struct zone_source source = zoneinfo_source();
    struct buf data;
    unsigned accepted = 0;
    (void)state;
    buf_init(&data, ZONE_BYTES_MAX);
    assert_true(source.load(source.ctx, STR("Africa/Cairo"), &data));
    for (size_t at = 0; at < data.len * ARRAY_COUNT(flips); at++) {
        char flip = (char)flips[at % ARRAY_COUNT(flips)];
        struct zone zone;
        data.data[at / ARRAY_COUNT(flips)] ^= flip;
        if (parse_copy(buf_str(&data), &zone) == ERR_NONE) {
            accepted++;
            check_segments(&zone);
            zone_release(&zone);
        }
        data.data[at / ARRAY_COUNT(flips)] ^= flip;
    }
    assert_true(accepted > 0);
    buf_release(&data);
}

/* The third column of zone1970.tab. */
static void every_zone_of_the_system_is_read(void **state)
{
    FILE *file = fopen(ZONEINFO_DIRECTORY "/zone1970.tab", "r");
    char line[512];
    unsigned count = 0;
    (void)state;
    assert_non_null(file);
    while (fgets(line, sizeof(line), file) != NULL) {
        struct str rest = str_trim(str_from(line));
        struct zone zone;
        char name[ZONE_NAME_BYTES_MAX + 1];
        if (str_starts_with(rest, STR("#")))
            continue;
        str_split_next(&rest, '\t');
        str_split_next(&rest, '\t');
        struct str word = str_split_next(&rest, '\t');
        snprintf(name, sizeof(name), "%.*s", STR_ARGS(word));
        load(name, &zone);
        check_segments(&zone);
        zone_release(&zone);
        count++;
    }
    fclose(file);
    assert_true(count > 300);
}

/* Changes before, at and behind leap seconds of both kinds; the second at which one is inserted
 * is shown as the second before. */
static void leap_seconds_are_taken_out(void **state)
{
    static const struct {
        char version;
        int64_t leap_s[3][2];
        int64_t at_s[3], read_s[3];
    } leaps[] = {
        {0, {{100, 1}, {5000000, 2}}, {99, 101, 5000002}, {99, 100, 5000000}},
        {'2', {{100, 1}, {5000000, 2}}, {99, 100, 5000002}, {99, 99, 5000000}},
        {'3', {{100, -1}, {5000000, 0}}, {99, 100, 5000000}, {99, 101, 5000000}},
        /* Cut off at its beginning, and at its end with a record of when it expires. */
        {'4', {{100, 27}, {5000000, 26}, {5000001, 26}}, {99, 127, 5000026}, {99, 100, 5000000}},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(leaps); i++) {
        struct draft draft = draft_plain;
        struct buf data;
        struct zone zone;
        buf_init(&data, ZONE_BYTES_MAX);
        draft.version = leaps[i].version;
        draft.leaps = leaps[i].version == '4' ? 3 : 2;
        memcpy(draft.leap_s, leaps[i].leap_s, sizeof(draft.leap_s));
        memcpy(draft.at_s, leaps[i].at_s, sizeof(draft.at_s));
        write_file(&data, &draft, "\nAAA-3\n");
        assert_err(zone_parse(buf_str(&data), &zone, NULL), ERR_NONE);
        for (size_t at = 0; at < 3; at++)
            assert_int_equal(zone.transitions[at].at_s, leaps[i].read_s[at]);
        check_segments(&zone);
        zone_release(&zone);
        buf_release(&data);
    }
}

/* The system's file that counts leap seconds, which ends with an empty rule, given another. */
static void load_right(const char *name, const char *rule, struct zone *ret_zone)
{
    struct zone_source source = zoneinfo_source();
    struct buf data;
    buf_init(&data, ZONE_BYTES_MAX);
    assert_true(source.load(source.ctx, str_from(name), &data));
    assert_err(zone_parse(buf_str(&data), ret_zone, NULL), ERR_SYNTAX);
    data.len -= 1; /* of the two line ends */
    buf_printf(&data, "%s\n", rule);
    assert_err(zone_parse(buf_str(&data), ret_zone, NULL), ERR_NONE);
    buf_release(&data);
}

/* Hour by hour from 1970 to where its table expires. */
static void a_zone_that_counts_leap_seconds_is_the_same_zone(void **state)
{
    struct zone_source source = zoneinfo_source();
    struct errmsg msg = {{0}};
    struct zone plain;
    struct zone right;
    (void)state;
    if (zone_load(&source, STR("right/Europe/Berlin"), &right, &msg) == ERR_NOT_FOUND)
        skip(); /* newer Debian releases have them in a package of their own */
    assert_str(str_from(msg.text),
               MALFORMED "it counts leap seconds and does not tell what follows the last one");
    load("Europe/Berlin", &plain);
    load_right("right/Europe/Berlin", "CET-1CEST,M3.5.0,M10.5.0/3", &right);
    int64_t end_s = right.transitions[right.transition_count - 1].at_s;
    assert_true(end_s > wall_ms("2020-01-01T00:00:00Z") / 1000);
    for (int64_t at_s = 0; at_s < end_s; at_s += CIVIL_HOUR_S)
        assert_int_equal(zone_offset_at(&plain, at_s), zone_offset_at(&right, at_s));
    zone_release(&plain);
    zone_release(&right);
}

static const struct {
    const char *name;
    bool valid;
} name_rows[] = {
    {"UTC", true},
    {"Europe/Berlin", true},
    {"America/Argentina/Buenos_Aires", true},
    {"America/Port-au-Prince", true},
    {"Etc/GMT+5", true},
    {"", false},
    {"/etc/passwd", false},
    {"../../etc/passwd", false},
    {"Europe/../../passwd", false},
    {"Europe//Berlin", false},
    {"Europe/", false},
    {"./Europe", false},
    {".hidden", false},
    {"Europe/Ber lin", false},
    {"Europe\\Berlin", false},
    {"Z\xc3\xbcrich", false},
    {"localtime", false},
    {"A234567890123456789012345678901234567890123456789012345678901234", true},
    {"A2345678901234567890123456789012345678901234567890123456789012345", false},
};

static void names_cannot_leave_the_directory(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(name_rows); i++) {
        print_message("%s\n", name_rows[i].name);
        assert_int_equal(zoneinfo_name_is_valid(str_from(name_rows[i].name)), name_rows[i].valid);
    }
    assert_false(zoneinfo_name_is_valid(str_from_bytes("UTC\0x", 5)));
}

static void folders_and_unknown_names_are_no_zones(void **state)
{
    static const char *const names[] = {"Europe", "Mars/Phobos", "../zoneinfo/Europe/Berlin", ""};
    struct zone_source source = zoneinfo_source();
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        struct zone zone;
        struct errmsg msg = {{0}};
        char expected[128];
        assert_err(zone_load(&source, str_from(names[i]), &zone, &msg), ERR_NOT_FOUND);
        snprintf(expected, sizeof(expected), "unknown time zone %s", names[i]);
        assert_str(str_from(msg.text), expected);
    }
}

/* Day by day through a whole cycle of the calendar and its edges. */
static void the_calendar_counts_on(void **state)
{
    struct civil_date date = {-1, 12, 31};
    (void)state;
    for (int64_t day = civil_days(0, 1, 1); day < civil_days(2410, 1, 1); day++) {
        bool month_ends = date.day == civil_days_in_month(date.year, date.month);
        struct civil_date next = {date.year + (month_ends && date.month == 12 ? 1 : 0),
                                  month_ends ? date.month % 12 + 1 : date.month,
                                  month_ends ? 1 : date.day + 1};
        date = civil_date_of(day);
        assert_true(date.year == next.year && date.month == next.month && date.day == next.day);
        assert_int_equal(civil_days(date.year, date.month, date.day), day);
        assert_int_equal(civil_weekday(day), (civil_weekday(day - 1) + 1) % 7);
    }
    assert_int_equal(civil_days(1970, 1, 1), 0);
    assert_int_equal(civil_weekday(civil_days(2025, 10, 7)), 2); /* facts: a Tuesday */
    assert_int_equal(civil_day_of_second(-1), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clocks_show_what_they_should),
        cmocka_unit_test(civil_times_have_no_one_or_two_instants),
        cmocka_unit_test(rules_are_read_strictly),
        cmocka_unit_test(days_of_the_year_count_leap_days_or_not),
        cmocka_unit_test(all_versions_are_read),
        cmocka_unit_test(data_behind_the_first_version_is_refused),
        cmocka_unit_test(a_file_without_changes_follows_its_rule),
        cmocka_unit_test(wrong_data_is_refused_with_a_reason),
        cmocka_unit_test(no_types_no_names_and_no_header_are_refused),
        cmocka_unit_test(every_shorter_file_is_refused),
        cmocka_unit_test(a_changed_byte_does_no_harm),
        cmocka_unit_test(every_zone_of_the_system_is_read),
        cmocka_unit_test(leap_seconds_are_taken_out),
        cmocka_unit_test(a_zone_that_counts_leap_seconds_is_the_same_zone),
        cmocka_unit_test(names_cannot_leave_the_directory),
        cmocka_unit_test(folders_and_unknown_names_are_no_zones),
        cmocka_unit_test(the_calendar_counts_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
