/*
 * A failing story made small. Faults, what users did, rules of the world, clusters, stages and
 * promotions are taken out of it, one at a time, for as long as the same invariant is still
 * broken. What is left is a scenario file, in which nothing can be missed.
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_EXPLORE_SHRINK_H
#define PROMOTER_SCENARIOS_ENGINE_EXPLORE_SHRINK_H

#include "scenarios/engine/explore_run.h"

/* Plays `story` again and again, some hundred times: seconds to minutes. Appends the smallest
 * one to `out`. False: it breaks nothing; nothing is appended. */
bool explore_shrink(struct str story, uint64_t seed, const struct explore_options *options,
                    struct buf *out);

#endif
