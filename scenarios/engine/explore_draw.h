/*
 * A whole story out of one number: fleet, promotions, world, what users do, what goes wrong and
 * when, as the text of a scenario file (scenario.h, `strict: false`).
 *
 * Swarm: of the kinds of faults, of what users do and of what the world is like each is switched
 * off in half of the stories, so that rare ones are not always drowned by the others.
 *
 * A story has two phases. Until EXPLORE_HEAL_S users and faults do what they like [safety]. Then
 * everything is put right: clusters are ready, Sveltos is up, and in most stories people approve
 * what waits for them; it must come to an end or wait for a true reason, and be at rest
 * [liveness].
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_EXPLORE_DRAW_H
#define PROMOTER_SCENARIOS_ENGINE_EXPLORE_DRAW_H

#include "controller/base/buf.h"

#define EXPLORE_SAFETY_S 10800u /* users act within so many seconds */
#define EXPLORE_HEAL_S 14400u   /* everything is put right then */

struct exploration {
    uint64_t seed;
    struct buf story;   /* a scenario file; an item of a list is one line */
    struct buf options; /* all that was chosen, for the head of a report; lines */
};

/* All choices are made here and depend on the seed alone. */
void explore_draw(uint64_t seed, struct exploration *ret_exploration);
void exploration_release(struct exploration *exploration);

#endif
