/*
 * Time as an argument, and its texts.
 */
#ifndef PROMOTER_BASE_KTIME_H
#define PROMOTER_BASE_KTIME_H

#include "controller/base/buf.h"
#include "controller/base/err.h"

/* Timers use mono; status, delay and cron use wall (ms since 1970-01-01T00:00:00Z). */
struct ktime {
    int64_t mono_ms;
    int64_t wall_ms;
};

#define KTIME_NEVER INT64_MAX
#define KTIME_TEXT_BYTES 32

/* RFC 3339 as Go's time.Parse reads it for metav1.Time: fraction after '.' or ',',
 * one-digit hours, offsets up to +24:00; no lower-case t or z, no leap second. */
bool ktime_parse_rfc3339(struct str text, int64_t *ret_wall_ms);
/* "2006-01-02T15:04:05Z", fraction cut, terminated. Years 0 to 9999. */
void ktime_format_rfc3339(int64_t wall_ms, char ret_text[KTIME_TEXT_BYTES]);
/* "2006-01-02T15:04:05.000000Z" as metav1.MicroTime. */
void ktime_format_micro(int64_t wall_ms, char ret_text[KTIME_TEXT_BYTES]);
/* Up to the next whole second: a stored time that starts a wait (P13). */
int64_t ktime_ceil_second(int64_t wall_ms);
int64_t ktime_floor_second(int64_t wall_ms);

/* Go's time.ParseDuration, in nanoseconds, with its error texts, such as
 * `time: unknown unit "d" in duration "1d"`. ERR_SYNTAX. */
NODISCARD enum err duration_parse(struct str text, int64_t *ret_ns, struct errmsg *msg);
/* Go's Duration.String(): "1h30m0s", "100ms", "0s". */
void duration_print(int64_t ns, struct buf *out);
/* Milliseconds, rounded up, so that a wait never ends early. */
int64_t duration_ns_to_ms(int64_t ns);

#endif
