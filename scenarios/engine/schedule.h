/*
 * A second opinion about promotion windows, for the judges: each minute is asked whether it is in
 * the five sets that an expression names. Slow and obvious; shares nothing with the controller.
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_SCHEDULE_H
#define PROMOTER_SCENARIOS_ENGINE_SCHEDULE_H

#include "controller/base/str.h"

enum schedule_opinion {
    SCHEDULE_OPEN,
    SCHEDULE_CLOSED,
    SCHEDULE_NEVER,      /* it does not open within four years */
    SCHEDULE_NO_OPINION, /* names of months, zones and "@daily" are not read here */
};

/* Of the window [from, to) at an instant, in UTC. */
enum schedule_opinion schedule_ask(struct str from, struct str to, int64_t at_ms);

#endif
