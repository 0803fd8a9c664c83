#include <time.h> /* before base.h forbids its calls */

#include "fakeapi/daemon/clock.h"

#define SLICE_MS 20          /* HTTP waits no longer for the world */
#define TIMERS_PER_LOOK 64u  /* between two looks at the wall clock */

static int64_t read_clock_us(clockid_t which)
{
    struct timespec now;
    int failed = clock_gettime(which, &now);
    ASSERT(failed == 0);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_of_machine_ms(void)
{
    return read_clock_us(CLOCK_REALTIME) / 1000;
}

int64_t clock_monotonic_us(void)
{
    return read_clock_us(CLOCK_MONOTONIC);
}

static int64_t monotonic_ms(void)
{
    return clock_monotonic_us() / 1000;
}

void clock_init(struct clock *clock, struct timers *timers, unsigned speed, bool is_paused)
{
    *clock = (struct clock){.timers = timers,
                            .begun_ms = timers->now_ms,
                            .begun_wall_ms = monotonic_ms(),
                            .speed = speed,
                            .is_paused = is_paused};
}

int64_t clock_due_ms(const struct clock *clock)
{
    if (clock->is_paused)
        return clock->begun_ms;
    int64_t passed_ms = monotonic_ms() - clock->begun_wall_ms;
    int64_t most_ms = CLOCK_LAST_MS - clock->begun_ms;
    if (passed_ms > most_ms / (int64_t)clock->speed)
        return CLOCK_LAST_MS;
    return clock->begun_ms + passed_ms * (int64_t)clock->speed;
}

bool clock_run(struct clock *clock)
{
    int64_t due_ms = clock_due_ms(clock);
    int64_t end_ms = monotonic_ms() + SLICE_MS;
    for (unsigned count = 1; timers_next_ms(clock->timers) <= due_ms; count++) {
        (void)timers_run_next(clock->timers);
        if (count % TIMERS_PER_LOOK == 0 && monotonic_ms() >= end_ms)
            return false;
    }
    timers_move(clock->timers, due_ms);
    return true;
}

int clock_wait_ms(const struct clock *clock)
{
    int64_t next_ms = timers_next_ms(clock->timers);
    int64_t due_ms = clock_due_ms(clock);
    if (next_ms <= due_ms)
        return 0;
    if (clock->is_paused || next_ms == KTIME_NEVER)
        return -1;
    int64_t wait_ms = (next_ms - due_ms - 1) / (int64_t)clock->speed + 1;
    return wait_ms < INT_MAX ? (int)wait_ms : INT_MAX;
}

void clock_jump(struct clock *clock, int64_t at_ms)
{
    clock->begun_ms = at_ms;
    clock->begun_wall_ms = monotonic_ms();
}
