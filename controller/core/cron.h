/*
 * Cron expressions: which minutes they name, the next one and the one before.
 *
 * Grammar and error texts are those of ParseStandard of robfig/cron v1.2.0, which Sveltos
 * uses; before an expression may stand "CRON_TZ=Area/City " or "TZ=Area/City ", else it
 * means UTC (D9). Differences from the ordinary: weekday 7 is an error, "?" is "*", a field
 * of "," alone names nothing, and "*" or "?" (with a step too) in either day field means that
 * both must match, else either may.
 *
 * An expression fires at every instant at which its zone's clock shows a time that it names,
 * seconds zero: never where the clock jumps over that time, twice where it shows it twice.
 * That is what robfig/cron's search arrives at, but for two of its slips: it can miss a day
 * that has no midnight, and hours around changes that are no whole hours.
 *
 * Results are found by arithmetic over months, days and minutes, in the place of steps through
 * time; where the zone's offset changes, per stretch of equal offset.
 */
#ifndef PROMOTER_CORE_CRON_H
#define PROMOTER_CORE_CRON_H

#include "controller/core/zone.h"

#define CRON_BYTES_MAX 128u      /* design: the zone's name included */
#define CRON_SEARCH_YEARS 5      /* robfig/cron's: what does not fire within never fires */

struct cron {
    struct zone zone;   /* owned */
    int64_t every_ms;   /* "@every": the rest is then meaningless; else 0 */
    uint64_t minutes;   /* bit n: minute n; so with the others */
    uint32_t hours;
    uint32_t days;      /* 1 to 31 */
    uint32_t months;    /* 1 to 12 */
    uint32_t weekdays;  /* 0 to 6, Sunday first */
    bool both_days;     /* day of month and day of week must match, else either may */
};

/* ERR_LIMIT, ERR_SYNTAX; ERR_NOT_FOUND for a zone that the source does not know. `source`
 * may be NULL: then UTC is the only zone. */
NODISCARD enum err cron_parse(struct str text, const struct zone_source *source,
                              struct cron *ret_cron, struct errmsg *msg);
void cron_release(struct cron *cron); /* a zeroed one is fine */

/* The first time later than `after_ms`. False: none before the end of the fifth year that
 * follows on the zone's clock, or of year 9999. "@every" counts from `after_ms`. */
bool cron_next(const struct cron *cron, int64_t after_ms, int64_t *ret_ms);
/* The last time not later than `until_ms`. False: none since the beginning of the fifth year
 * before; "@every" has none. */
bool cron_previous(const struct cron *cron, int64_t until_ms, int64_t *ret_ms);
/* False when no date of the calendar is named, such as "0 0 30 2 *" or ", * * * *". */
bool cron_fires(const struct cron *cron);

#endif
