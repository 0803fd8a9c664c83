/*
 * The clock of the simulated world, from the one on the wall: as fast, faster, or only moved by
 * hand. Virtual time never goes back, and lags when the world has more to do than there is time.
 *
 *   running: now = begun_at + speed x (time on the wall since)     paused: now = begun_at
 *
 * A jump (clock_jump) is a new begun_at; the world catches up by clock_run.
 */
#ifndef PROMOTER_FAKEAPI_DAEMON_CLOCK_H
#define PROMOTER_FAKEAPI_DAEMON_CLOCK_H

#include "controller/base/timers.h"

#define CLOCK_SPEED_MAX 1000000u
/* The last instant of year 9999: what RFC 3339 can tell. */
#define CLOCK_LAST_MS INT64_C(253402300799999)

struct clock {
    struct timers *timers; /* borrowed: the world's */
    int64_t begun_ms;      /* virtual */
    int64_t begun_wall_ms; /* of the monotonic clock */
    unsigned speed;
    bool is_paused;
};

/* Begins at the timers' present time. */
void clock_init(struct clock *clock, struct timers *timers, unsigned speed, bool is_paused);
/* What it should be now. */
int64_t clock_due_ms(const struct clock *clock);
/* Runs what is due, but no longer than a slice of real time: true when all of it has run. */
bool clock_run(struct clock *clock);
/* Real time until the next timer is due, at most INT_MAX; -1: never. */
int clock_wait_ms(const struct clock *clock);
/* Moves it on to `at_ms`, which must not be before clock_due_ms. */
void clock_jump(struct clock *clock, int64_t at_ms);
/* Microseconds of the machine's clock that only goes forward. */
int64_t clock_monotonic_us(void);
/* Milliseconds since 1970, of the machine. */
int64_t clock_of_machine_ms(void);

#endif
