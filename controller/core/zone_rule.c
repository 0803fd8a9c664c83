#include "controller/core/zone_rule.h"

#include "controller/base/civil.h"

#define RULE_HOURS_MAX 167  /* RFC 8536 section 3.3.1; POSIX has 24 */
#define OFFSET_HOURS_MAX 24
#define DEFAULT_TIME_S (2 * CIVIL_HOUR_S)
#define SAVING_S CIVIL_HOUR_S /* POSIX: daylight time is one hour ahead unless it says more */
/* How far 167 hours and two offsets can move a change out of its year, and a day more. */
#define STRAY_S (9 * CIVIL_DAY_S)

/* A cursor; `fine` turns false at the first byte that does not fit, and stays so. */
struct reader {
    struct str rest;
    bool fine;
};

static bool next_is(const struct reader *reader, char c)
{
    return reader->rest.len > 0 && reader->rest.data[0] == c;
}

static void skip(struct reader *reader, size_t count)
{
    reader->rest = str_slice(reader->rest, count, reader->rest.len);
}

static bool take(struct reader *reader, char c)
{
    if (!next_is(reader, c))
        return false;
    skip(reader, 1);
    return true;
}

static void expect(struct reader *reader, char c)
{
    reader->fine = take(reader, c) && reader->fine;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static unsigned read_number(struct reader *reader, unsigned min, unsigned max)
{
    unsigned value = 0;
    size_t digits = 0;
    for (; digits < reader->rest.len && is_digit(reader->rest.data[digits]); digits++) {
        if (value <= max)
            value = value * 10 + (unsigned)(reader->rest.data[digits] - '0');
    }
    skip(reader, digits);
    reader->fine = reader->fine && digits > 0 && value >= min && value <= max;
    return reader->fine ? value : min;
}

/* "EST", or "<+0330>" where other characters are needed; at least three. */
static void read_name(struct reader *reader)
{
    bool quoted = take(reader, '<');
    size_t len = 0;
    for (; len < reader->rest.len; len++) {
        char c = reader->rest.data[len];
        if (!is_letter(c) && !(quoted && (is_digit(c) || c == '+' || c == '-')))
            break;
    }
    skip(reader, len);
    reader->fine = reader->fine && len >= 3;
    if (quoted)
        expect(reader, '>');
}

/* "[+-]hh[:mm[:ss]]" in seconds. */
static int32_t read_time(struct reader *reader, unsigned hours_max)
{
    bool negative = next_is(reader, '-');
    if (!take(reader, '-'))
        (void)take(reader, '+');
    int32_t seconds = (int32_t)read_number(reader, 0, hours_max) * CIVIL_HOUR_S;
    if (take(reader, ':')) {
        seconds += (int32_t)read_number(reader, 0, 59) * CIVIL_MINUTE_S;
        if (take(reader, ':'))
            seconds += (int32_t)read_number(reader, 0, 59);
    }
    return negative ? -seconds : seconds;
}

static struct zone_rule_day read_day(struct reader *reader)
{
    struct zone_rule_day day = {.kind = ZONE_DAY_OF_YEAR, .time_s = DEFAULT_TIME_S};
    expect(reader, ',');
    if (take(reader, 'M')) {
        day.kind = ZONE_DAY_WEEKDAY;
        day.month = read_number(reader, 1, 12);
        expect(reader, '.');
        day.week = read_number(reader, 1, 5);
        expect(reader, '.');
        day.weekday = read_number(reader, 0, 6);
    } else if (take(reader, 'J')) {
        day.kind = ZONE_DAY_JULIAN;
        day.day = read_number(reader, 1, 365);
    } else {
        day.day = read_number(reader, 0, 365);
    }
    if (take(reader, '/'))
        day.time_s = read_time(reader, RULE_HOURS_MAX);
    return day;
}

bool zone_rule_parse(struct str text, struct zone_rule *ret_rule)
{
    struct reader reader = {text, true};
    struct zone_rule rule = {0};
    read_name(&reader);
    /* POSIX counts westward. */
    rule.standard_offset_s = -read_time(&reader, OFFSET_HOURS_MAX);
    if (reader.rest.len > 0) {
        rule.has_daylight = true;
        read_name(&reader);
        rule.daylight_offset_s = rule.standard_offset_s + SAVING_S;
        if (!next_is(&reader, ','))
            rule.daylight_offset_s = -read_time(&reader, OFFSET_HOURS_MAX);
        rule.daylight_begins = read_day(&reader);
        rule.daylight_ends = read_day(&reader);
    }
    if (!reader.fine || reader.rest.len > 0)
        return false;
    *ret_rule = rule;
    return true;
}

/* The day of the year's change; `new_year` is the year's first day. */
static int64_t change_day(const struct zone_rule_day *day, int64_t year, int64_t new_year)
{
    switch (day->kind) {
    case ZONE_DAY_JULIAN:
        return new_year + day->day - 1 + (civil_is_leap(year) && day->day >= 60 ? 1 : 0);
    case ZONE_DAY_OF_YEAR:
        return new_year + day->day;
    case ZONE_DAY_WEEKDAY:
        break;
    }
    int64_t first = civil_days(year, day->month, 1);
    unsigned days = civil_days_in_month(year, day->month);
    unsigned offset = (day->weekday + 7 - civil_weekday(first)) % 7 + (day->week - 1) * 7;
    while (offset >= days)
        offset -= 7;
    return first + offset;
}

/* Narrows the segment around the instant by a change to `offset_s`. Of changes at one instant
 * the one considered last counts: where daylight time lasts all year, its end and its next
 * beginning coincide. */
static void consider(struct zone_segment *segment, int64_t instant_s, int64_t change_s,
                     int32_t offset_s)
{
    if (change_s > instant_s) {
        if (change_s < segment->end_s)
            segment->end_s = change_s;
    } else if (change_s >= segment->begin_s) {
        segment->begin_s = change_s;
        segment->offset_s = offset_s;
    }
}

static int64_t year_of(int64_t instant_s)
{
    return civil_date_of(civil_day_of_second(instant_s)).year;
}

struct zone_segment zone_rule_segment(const struct zone_rule *rule, int64_t instant_s)
{
    struct zone_segment segment = {INT64_MIN, INT64_MAX, rule->standard_offset_s};
    if (!rule->has_daylight || instant_s > ZONE_RULE_SECONDS_MAX ||
        instant_s < -ZONE_RULE_SECONDS_MAX)
        return segment;
    int64_t last_year = year_of(instant_s + STRAY_S) + 1;
    for (int64_t year = year_of(instant_s - STRAY_S) - 1; year <= last_year; year++) {
        int64_t new_year = civil_days(year, 1, 1);
        const struct zone_rule_day *begins = &rule->daylight_begins;
        const struct zone_rule_day *ends = &rule->daylight_ends;
        consider(&segment, instant_s,
                 change_day(begins, year, new_year) * CIVIL_DAY_S + begins->time_s -
                     rule->standard_offset_s,
                 rule->daylight_offset_s);
        consider(&segment, instant_s,
                 change_day(ends, year, new_year) * CIVIL_DAY_S + ends->time_s -
                     rule->daylight_offset_s,
                 rule->standard_offset_s);
    }
    return segment;
}
