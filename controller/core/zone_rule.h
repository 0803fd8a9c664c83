/*
 * The rule at a TZif file's end, in POSIX TZ form, such as "CET-1CEST,M3.5.0,M10.5.0/3":
 * it holds for all time after the last listed transition.
 */
#ifndef PROMOTER_CORE_ZONE_RULE_H
#define PROMOTER_CORE_ZONE_RULE_H

#include "controller/base/err.h"
#include "controller/base/str.h"

#define ZONE_RULE_SECONDS_MAX (INT64_C(1) << 56) /* 2 thousand million years */

/* [begin_s, end_s) with one offset; INT64_MIN and INT64_MAX: without end. */
struct zone_segment {
    int64_t begin_s;
    int64_t end_s;
    int32_t offset_s;
};

enum zone_day_kind {
    ZONE_DAY_JULIAN,   /* "J60": 1 to 365, 29 February is never counted */
    ZONE_DAY_OF_YEAR,  /* "59": 0 to 365, 29 February is counted */
    ZONE_DAY_WEEKDAY,  /* "M3.5.0": month, week (5: the last), weekday (0: Sunday) */
};

/* When the clock changes, each year. */
struct zone_rule_day {
    enum zone_day_kind kind;
    unsigned day;
    unsigned month;
    unsigned week;
    unsigned weekday;
    int32_t time_s; /* after the day's midnight on the clock before the change */
};

struct zone_rule {
    int32_t standard_offset_s;
    int32_t daylight_offset_s;
    bool has_daylight; /* else the rest is meaningless */
    struct zone_rule_day daylight_begins;
    struct zone_rule_day daylight_ends;
};

/* False when the text is no such rule, or names daylight time without saying when. */
bool zone_rule_parse(struct str text, struct zone_rule *ret_rule);
struct zone_segment zone_rule_segment(const struct zone_rule *rule, int64_t instant_s);

#endif
