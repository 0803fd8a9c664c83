/*
 * A queue of callbacks on virtual (or real) time: the one event queue of a
 * simulation. Callbacks due at the same time run in the order they were added.
 * A callback added while one runs, for now or the past, runs in the same
 * instant but after all that were waiting for it.
 */
#ifndef PROMOTER_BASE_TIMERS_H
#define PROMOTER_BASE_TIMERS_H

#include "controller/base/heap.h"
#include "controller/base/ktime.h"

typedef void timer_fn(void *ctx);

struct timers {
    struct heap heap;
    int64_t now_ms; /* wall clock of the world; only timers_run_next and timers_move move it */
};

void timers_init(struct timers *timers, int64_t now_ms);
void timers_release(struct timers *timers);
/* Runs fn(ctx) at `at_ms` (the past means now). The id cancels it; never 0. */
uint64_t timers_add(struct timers *timers, int64_t at_ms, timer_fn *fn, void *ctx);
void timers_cancel(struct timers *timers, uint64_t id); /* 0 or already run: nothing */
/* Moves the clock on to `now_ms`, up to which all that was due has run; the past is no move. */
void timers_move(struct timers *timers, int64_t now_ms);
/* When the next callback is due; KTIME_NEVER when there is none. */
int64_t timers_next_ms(const struct timers *timers);
/* Moves the clock to the next callback's time and runs that one callback. False when none. */
bool timers_run_next(struct timers *timers);

#endif
