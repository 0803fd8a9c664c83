#include "scenarios/engine/schedule.h"

#include "controller/base/civil.h"

#define MINUTE_MS INT64_C(60000)
#define DAY_MS (24 * 60 * MINUTE_MS)
#define YEARS_MS (4 * 366 * DAY_MS) /* with every day of the calendar */
#define FIELDS 5
#define VALUES 60

struct schedule {
    bool has[FIELDS][VALUES]; /* minute, hour, day of the month, month, day of the week */
    bool star[FIELDS];
};

static const unsigned FIRST[FIELDS] = {0, 0, 1, 1, 0};
static const unsigned LAST[FIELDS] = {59, 23, 31, 12, 6};

/* "5", "5-59", "*", each with or without "/10". */
static bool read_item(struct schedule *schedule, unsigned field, struct str item)
{
    uint64_t step = 1;
    uint64_t first = FIRST[field];
    uint64_t last = LAST[field];
    struct str rest = item;
    struct str range = str_split_next(&rest, '/');
    bool has_step = rest.data != NULL;
    if (has_step && (!str_to_u64(rest, &step) || step == 0))
        return false;
    if (str_is(range, "*")) {
        schedule->star[field] = true;
    } else {
        struct str end = range;
        struct str begin = str_split_next(&end, '-');
        if (!str_to_u64(begin, &first) || (end.data != NULL && !str_to_u64(end, &last)))
            return false;
        if (end.data == NULL && !has_step)
            last = first;
    }
    for (uint64_t value = first; value <= last && value < VALUES; value += step)
        schedule->has[field][value] = true;
    return first >= FIRST[field] && last <= LAST[field];
}

static bool schedule_read(struct str text, struct schedule *ret_schedule)
{
    struct schedule schedule = {.star = {false}};
    struct str rest = str_trim(text);
    for (unsigned field = 0; field < FIELDS; field++) {
        struct str items = str_split_next(&rest, ' ');
        if (str_is_empty(items))
            return false;
        while (items.data != NULL) {
            if (!read_item(&schedule, field, str_split_next(&items, ',')))
                return false;
        }
    }
    *ret_schedule = schedule;
    return rest.data == NULL;
}

/* Of the two days, one is enough when both are named. The day is only looked up where the time of
 * day fits: four years have two million minutes. */
static bool schedule_fires(const struct schedule *schedule, int64_t minute_ms)
{
    int64_t days = minute_ms / DAY_MS;
    int64_t minute = minute_ms % DAY_MS / MINUTE_MS;
    if (!schedule->has[0][minute % 60] || !schedule->has[1][minute / 60])
        return false;
    struct civil_date date = civil_date_of(days);
    bool day = schedule->has[2][date.day];
    bool weekday = schedule->has[4][civil_weekday(days)];
    bool both = schedule->star[2] || schedule->star[4] ? day && weekday : day || weekday;
    return both && schedule->has[3][date.month];
}

/* The last firing at or before `at_ms`, or the first one behind it. */
static bool find_firing(const struct schedule *schedule, int64_t at_ms, int64_t step_ms,
                        int64_t *ret_ms)
{
    int64_t minute_ms = at_ms - at_ms % MINUTE_MS;
    for (int64_t gone_ms = 0; gone_ms < YEARS_MS; gone_ms += MINUTE_MS) {
        if (schedule_fires(schedule, minute_ms)) {
            *ret_ms = minute_ms;
            return true;
        }
        minute_ms += step_ms;
    }
    return false;
}

enum schedule_opinion schedule_ask(struct str from, struct str to, int64_t at_ms)
{
    struct schedule opens;
    struct schedule closes;
    int64_t opened_ms = 0;
    if (!schedule_read(from, &opens) || !schedule_read(to, &closes))
        return SCHEDULE_NO_OPINION;
    if (!find_firing(&opens, at_ms, -MINUTE_MS, &opened_ms))
        return SCHEDULE_NEVER;
    for (int64_t minute_ms = opened_ms + MINUTE_MS; minute_ms <= at_ms; minute_ms += MINUTE_MS) {
        if (schedule_fires(&closes, minute_ms))
            return SCHEDULE_CLOSED;
    }
    return SCHEDULE_OPEN;
}
