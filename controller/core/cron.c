#include "controller/core/cron.h"

#include "controller/base/civil.h"

#define MS_PER_SECOND 1000
#define MINUTES_PER_HOUR 60
#define DAYS_MAX 31
#define MONTHS 12
/* A week's seven bits, five times. */
#define EVERY_WEEK UINT64_C(0x10204081)
/* The days of years 1 to 9999, so that all results can be written down. */
#define DAY_MIN (-719162)
#define DAY_MAX 2932896
/* What the searches give when there is nothing. */
#define CIVIL_NEVER_NEXT INT64_MAX
#define CIVIL_NEVER_BEFORE INT64_MIN

/* The bits first ... last; last < 64. */
static uint64_t bits_between(unsigned first, unsigned last)
{
    return UINT64_MAX << first & UINT64_MAX >> (63 - last);
}

static unsigned lowest_bit(uint64_t bits)
{
    return (unsigned)__builtin_ctzll(bits);
}

static unsigned highest_bit(uint64_t bits)
{
    return 63 - (unsigned)__builtin_clzll(bits);
}

/* The days of a month that are named, as bits 1 to 31; `first_day` is the day of its first. */
static uint64_t month_days(const struct cron *cron, int64_t year, unsigned month,
                           int64_t first_day)
{
    if ((cron->months >> month & 1) == 0)
        return 0;
    unsigned first_weekday = civil_weekday(first_day);
    uint64_t week = ((uint64_t)cron->weekdays << 7 | cron->weekdays) >> first_weekday & 0x7f;
    uint64_t by_weekday = week * EVERY_WEEK << 1;
    uint64_t named = cron->both_days ? cron->days & by_weekday : cron->days | by_weekday;
    return named & bits_between(1, civil_days_in_month(year, month));
}

/* The first day named that is not before `day`; INT64_MAX: none before `day_end`. */
static int64_t day_from(const struct cron *cron, int64_t day, int64_t day_end)
{
    struct civil_date date = civil_date_of(day);
    int64_t first_day = day - date.day + 1;
    unsigned from = date.day;
    while (first_day < day_end) {
        uint64_t days =
            month_days(cron, date.year, date.month, first_day) & bits_between(from, DAYS_MAX);
        if (days != 0) {
            int64_t found = first_day + lowest_bit(days) - 1;
            return found < day_end ? found : INT64_MAX;
        }
        first_day += civil_days_in_month(date.year, date.month);
        date.year += date.month == MONTHS ? 1 : 0;
        date.month = date.month % MONTHS + 1;
        from = 1;
    }
    return INT64_MAX;
}

/* The last day named that is not after `day`; INT64_MIN: none since the month of `day_begin`. */
static int64_t day_until(const struct cron *cron, int64_t day, int64_t day_begin)
{
    struct civil_date date = civil_date_of(day);
    int64_t first_day = day - date.day + 1;
    unsigned until = date.day;
    for (;;) {
        uint64_t days =
            month_days(cron, date.year, date.month, first_day) & bits_between(1, until);
        if (days != 0)
            return first_day + highest_bit(days) - 1;
        if (first_day <= day_begin)
            return INT64_MIN;
        date.year -= date.month == 1 ? 1 : 0;
        date.month = date.month == 1 ? MONTHS : date.month - 1;
        until = civil_days_in_month(date.year, date.month);
        first_day -= until;
    }
}

/* The first minute of the day named that is not before `minute` (0 to 1439); -1: none. */
static int minute_from(const struct cron *cron, unsigned minute)
{
    unsigned hour = minute / MINUTES_PER_HOUR;
    uint64_t minutes = cron->minutes & bits_between(minute % MINUTES_PER_HOUR, 59);
    if ((cron->hours >> hour & 1) != 0 && minutes != 0)
        return (int)(hour * MINUTES_PER_HOUR + lowest_bit(minutes));
    uint64_t hours = cron->hours & bits_between(hour + 1, 63);
    if (hours == 0 || cron->minutes == 0)
        return -1;
    return (int)(lowest_bit(hours) * MINUTES_PER_HOUR + lowest_bit(cron->minutes));
}

/* The last minute of the day named that is not after `minute`; -1: none. */
static int minute_until(const struct cron *cron, unsigned minute)
{
    unsigned hour = minute / MINUTES_PER_HOUR;
    uint64_t minutes = cron->minutes & bits_between(0, minute % MINUTES_PER_HOUR);
    if ((cron->hours >> hour & 1) != 0 && minutes != 0)
        return (int)(hour * MINUTES_PER_HOUR + highest_bit(minutes));
    uint64_t hours = hour == 0 ? 0 : cron->hours & bits_between(0, hour - 1);
    if (hours == 0 || cron->minutes == 0)
        return -1;
    return (int)(highest_bit(hours) * MINUTES_PER_HOUR + highest_bit(cron->minutes));
}

static int64_t civil_at(int64_t day, int minute)
{
    return day * CIVIL_DAY_S + minute * CIVIL_MINUTE_S;
}

/* The first civil second named that is not before `civil_s`, or CIVIL_NEVER_NEXT. */
static int64_t civil_from(const struct cron *cron, int64_t civil_s, int64_t day_end)
{
    int64_t rounded_s = civil_s + CIVIL_MINUTE_S - 1;
    int64_t today = civil_day_of_second(rounded_s);
    int64_t day = day_from(cron, today, day_end);
    if (day == INT64_MAX)
        return CIVIL_NEVER_NEXT;
    unsigned minute = (unsigned)((rounded_s - today * CIVIL_DAY_S) / CIVIL_MINUTE_S);
    int found = minute_from(cron, day == today ? minute : 0);
    if (found < 0 && day == today) {
        day = day_from(cron, today + 1, day_end);
        found = day == INT64_MAX ? -1 : minute_from(cron, 0);
    }
    return found < 0 ? CIVIL_NEVER_NEXT : civil_at(day, found);
}

/* The last civil second named that is not after `civil_s`, or CIVIL_NEVER_BEFORE. */
static int64_t civil_until(const struct cron *cron, int64_t civil_s, int64_t day_begin)
{
    const unsigned last_minute = CIVIL_DAY_S / CIVIL_MINUTE_S - 1;
    int64_t today = civil_day_of_second(civil_s);
    int64_t day = day_until(cron, today, day_begin);
    if (day == INT64_MIN)
        return CIVIL_NEVER_BEFORE;
    unsigned minute = (unsigned)((civil_s - today * CIVIL_DAY_S) / CIVIL_MINUTE_S);
    int found = minute_until(cron, day == today ? minute : last_minute);
    if (found < 0 && day == today) {
        day = day_until(cron, today - 1, day_begin);
        found = day == INT64_MIN ? -1 : minute_until(cron, last_minute);
    }
    return found < 0 ? CIVIL_NEVER_BEFORE : civil_at(day, found);
}

/* Whole days on both sides of year 1 to 9999 are left to spare for the zone. */
static bool is_searchable(int64_t second)
{
    return second >= (DAY_MIN + 2) * INT64_C(86400) && second < (DAY_MAX - 1) * INT64_C(86400);
}

static int64_t year_of(int64_t civil_s)
{
    return civil_date_of(civil_day_of_second(civil_s)).year;
}

/* A search of civil times, and from where on its result holds. Stretches behind show other civil
 * times: what was found still is the next unless the clock goes back behind where the search
 * began, or forward over what it found. */
struct search {
    int64_t from_s;  /* the instant */
    int64_t civil_s; /* what the clock showed then */
    int64_t found_s;
};

/* Where to look next after a stretch without a result. Once no change of the clock can lead back
 * behind the search's beginning, nothing fires until about the time found. */
static int64_t skip_forward(const struct search *search, int64_t end_s)
{
    int64_t shown_s = search->found_s - ZONE_OFFSET_MAX_S;
    return end_s - search->from_s > ZONE_OFFSET_SPREAD_S && shown_s > end_s ? shown_s : end_s;
}

static int64_t skip_back(const struct search *search, int64_t begin_s)
{
    int64_t shown_s = search->found_s - ZONE_OFFSET_MIN_S;
    return search->from_s - begin_s > ZONE_OFFSET_SPREAD_S && shown_s < begin_s ? shown_s
                                                                                 : begin_s - 1;
}

static bool next_in_zone(const struct cron *cron, int64_t from_s, int64_t *ret_s)
{
    struct zone_segment segment = zone_segment_at(&cron->zone, from_s);
    int64_t civil_s = from_s + segment.offset_s;
    int64_t year_end = year_of(civil_s) + CRON_SEARCH_YEARS + 1;
    int64_t day_end = year_end > 9999 ? DAY_MAX : civil_days(year_end, 1, 1);
    struct search search = {from_s, civil_s, civil_from(cron, civil_s, day_end)};
    for (;;) {
        if (civil_s < search.civil_s || civil_s > search.found_s)
            search = (struct search){from_s, civil_s, civil_from(cron, civil_s, day_end)};
        if (search.found_s != CIVIL_NEVER_NEXT &&
            search.found_s - segment.offset_s < segment.end_s) {
            *ret_s = search.found_s - segment.offset_s;
            return true;
        }
        if (segment.end_s / CIVIL_DAY_S > day_end + 1)
            return false;
        from_s = skip_forward(&search, segment.end_s);
        if (from_s / CIVIL_DAY_S > day_end + 1)
            return false;
        segment = zone_segment_at(&cron->zone, from_s);
        civil_s = from_s + segment.offset_s;
    }
}

static bool previous_in_zone(const struct cron *cron, int64_t until_s, int64_t *ret_s)
{
    struct zone_segment segment = zone_segment_at(&cron->zone, until_s);
    int64_t civil_s = until_s + segment.offset_s;
    int64_t year_begin = year_of(civil_s) - CRON_SEARCH_YEARS;
    int64_t day_begin = year_begin < 1 ? DAY_MIN : civil_days(year_begin, 1, 1);
    struct search search = {until_s, civil_s, civil_until(cron, civil_s, day_begin)};
    for (;;) {
        if (civil_s > search.civil_s || civil_s < search.found_s)
            search = (struct search){until_s, civil_s, civil_until(cron, civil_s, day_begin)};
        if (search.found_s != CIVIL_NEVER_BEFORE &&
            search.found_s - segment.offset_s >= segment.begin_s) {
            *ret_s = search.found_s - segment.offset_s;
            return true;
        }
        if (segment.begin_s / CIVIL_DAY_S < day_begin - 1)
            return false;
        until_s = skip_back(&search, segment.begin_s);
        if (until_s / CIVIL_DAY_S < day_begin - 1)
            return false;
        segment = zone_segment_at(&cron->zone, until_s);
        civil_s = until_s + segment.offset_s;
    }
}

static int64_t second_of(int64_t wall_ms)
{
    return ktime_floor_second(wall_ms) / MS_PER_SECOND;
}

bool cron_next(const struct cron *cron, int64_t after_ms, int64_t *ret_ms)
{
    int64_t second = second_of(after_ms);
    int64_t found_s;
    if (!is_searchable(second))
        return false;
    if (cron->every_ms > 0) {
        found_s = second + cron->every_ms / MS_PER_SECOND;
        if (!is_searchable(found_s))
            return false;
    } else if (!next_in_zone(cron, second + 1, &found_s)) {
        return false;
    }
    *ret_ms = found_s * MS_PER_SECOND;
    return true;
}

bool cron_previous(const struct cron *cron, int64_t until_ms, int64_t *ret_ms)
{
    int64_t second = second_of(until_ms);
    int64_t found_s;
    if (cron->every_ms > 0 || !is_searchable(second) ||
        !previous_in_zone(cron, second, &found_s))
        return false;
    *ret_ms = found_s * MS_PER_SECOND;
    return true;
}

/* Each date of the calendar falls on every weekday in some year. */
bool cron_fires(const struct cron *cron)
{
    if (cron->every_ms > 0)
        return true;
    bool any_day = !cron->both_days && cron->weekdays != 0;
    uint64_t days = cron->both_days && cron->weekdays == 0 ? 0 : cron->days;
    for (unsigned month = 1; month <= MONTHS; month++) {
        uint64_t dates = days & bits_between(1, civil_days_in_month(2000, month));
        if ((cron->months >> month & 1) != 0 && (any_day || dates != 0))
            return cron->hours != 0 && cron->minutes != 0;
    }
    return false;
}

void cron_release(struct cron *cron)
{
    zone_release(&cron->zone);
}
