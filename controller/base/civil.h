/*
 * The proleptic Gregorian calendar and seconds on a local clock, without time zones.
 * "Civil seconds" count from 1970-01-01T00:00:00 as the clock on the wall shows it.
 * Source: Howard Hinnant, chrono-compatible low-level date algorithms (2013), with
 * years counted from March so that the leap day ends its year.
 */
#ifndef PROMOTER_BASE_CIVIL_H
#define PROMOTER_BASE_CIVIL_H

#include "controller/base/base.h"

#define CIVIL_MINUTE_S 60
#define CIVIL_HOUR_S 3600
#define CIVIL_DAY_S 86400

struct civil_date {
    int64_t year;
    unsigned month; /* 1 to 12 */
    unsigned day;   /* 1 to 31 */
};

/* Days since 1970-01-01; the day may be beyond the month's end. |year| < 2^32. */
int64_t civil_days(int64_t year, unsigned month, unsigned day);
/* The inverse; |days| < 2^40. */
struct civil_date civil_date_of(int64_t days);
/* 0 is Sunday, 6 Saturday. */
unsigned civil_weekday(int64_t days);
bool civil_is_leap(int64_t year);
unsigned civil_days_in_month(int64_t year, unsigned month);
/* The day that a civil second falls on. */
int64_t civil_day_of_second(int64_t civil_s);

#endif
