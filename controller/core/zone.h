/*
 * Time zones: what the clock on the wall shows at an instant, and when it shows that.
 * Zones are read from TZif data that the caller supplies. Instants and civil times are in
 * seconds since 1970-01-01T00:00:00 (in UTC, or on the zone's own clock); conversions hold
 * for |seconds| <= ZONE_SECONDS_MAX.
 * Source: RFC 8536 and RFC 9636 (TZif versions 1 to 4); POSIX.1-2017 section 8.3 (TZ) with
 * RFC 8536 section 3.3.1's hours of -167 to 167 in rules.
 */
#ifndef PROMOTER_CORE_ZONE_H
#define PROMOTER_CORE_ZONE_H

#include "controller/base/ktime.h"
#include "controller/core/zone_rule.h"

#define ZONE_BYTES_MAX (64u << 10) /* the largest file of tzdata 2025b has 3.5 kB */
#define ZONE_NAME_BYTES_MAX 64u    /* the longest of tzdata 2025b has 32 */
#define ZONE_SECONDS_MAX ZONE_RULE_SECONDS_MAX
/* RFC 8536 section 3.2: what an offset should be within; others are refused. */
#define ZONE_OFFSET_MIN_S (-89999)
#define ZONE_OFFSET_MAX_S 93599
#define ZONE_OFFSET_SPREAD_S (ZONE_OFFSET_MAX_S - ZONE_OFFSET_MIN_S)

/* From here on the offset holds. */
struct zone_transition {
    int64_t at_s;
    int32_t offset_s; /* local minus UTC */
};

struct zone {
    struct zone_transition *transitions; /* owned, ascending */
    size_t transition_count;
    int32_t first_offset_s; /* before the first transition */
    bool has_rule;          /* for what follows the last transition */
    struct zone_rule rule;
};

/* Where zones come from: fills `out` with the TZif data of a name such as "Europe/Berlin";
 * false when there is none. `out` is initialised by the caller with ZONE_BYTES_MAX. */
struct zone_source {
    void *ctx;
    bool (*load)(void *ctx, struct str name, struct buf *out);
};

extern const struct zone zone_utc;

/* Reads TZif data, of which nothing is kept. ERR_SYNTAX, ERR_LIMIT: the message says what is
 * wrong. Data that counts leap seconds gives the same zone as data that does not, for instants
 * here are those of the wall clock; it is refused when it says nothing about the time after it
 * expires, as the system's "right/Europe/Berlin" does. */
NODISCARD enum err zone_parse(struct str data, struct zone *ret_zone, struct errmsg *msg);
/* By name; "UTC" needs no source, and a NULL source knows nothing else. ERR_NOT_FOUND with
 * Go's words: `unknown time zone Mars/Phobos`. */
NODISCARD enum err zone_load(const struct zone_source *source, struct str name,
                             struct zone *ret_zone, struct errmsg *msg);
void zone_release(struct zone *zone); /* a zeroed one and a copy of zone_utc are fine */

/* A stretch of time around the instant in which the offset is the same; it may be one of
 * several with equal offsets. */
struct zone_segment zone_segment_at(const struct zone *zone, int64_t instant_s);
int32_t zone_offset_at(const struct zone *zone, int64_t instant_s);
/* The first two instants at which the clock shows `civil_s`: 0 where it jumps over it, 2 where
 * it shows it twice; returns their number. */
unsigned zone_instants_of(const struct zone *zone, int64_t civil_s, int64_t ret_instants_s[2]);

/* As ktime_format_rfc3339, on the zone's clock: "2025-03-10T02:30:00-04:00", "Z" when the
 * offset is zero. Seconds of an offset are cut, as Go does. */
void zone_format_rfc3339(const struct zone *zone, int64_t wall_ms,
                         char ret_text[KTIME_TEXT_BYTES]);

#endif
