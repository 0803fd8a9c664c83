/*
 * Promotion windows: open from the instant at which `from` fires up to, and without, the
 * instant at which `to` fires next (D9). The latest firing of `from` counts; a `to` at the
 * same instant closes the window before, not this one.
 */
#ifndef PROMOTER_CORE_WINDOW_H
#define PROMOTER_CORE_WINDOW_H

#include "controller/core/cron.h"

struct window {
    struct cron from; /* owned */
    struct cron to;   /* owned */
};

struct window_state {
    bool is_open;
    int64_t until_ms; /* when that changes; KTIME_NEVER: closed for ever */
};

/* ERR_LIMIT, ERR_SYNTAX, ERR_NOT_FOUND: `unparseable schedule "TEXT": ` and cron_parse's words,
 * `from` first. ERR_INVALID: an expression names no date of the calendar, or is "@every", which
 * no instant anchors (B19, B21). */
NODISCARD enum err window_parse(struct str from, struct str to, const struct zone_source *source,
                                struct window *ret_window, struct errmsg *msg);
void window_release(struct window *window); /* a zeroed one is fine */

/* The state at an instant. ERR_INVALID: an expression is so rare that it does not fire within
 * the years that are searched; the message says which. Allocates nothing. */
NODISCARD enum err window_at(const struct window *window, int64_t now_ms,
                             struct window_state *ret_state, struct errmsg *msg);

#endif
