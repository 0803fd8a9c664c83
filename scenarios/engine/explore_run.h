/*
 * One explored story: played, judged by S1..S9, S11, L1, L2 and H1, and told.
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_EXPLORE_RUN_H
#define PROMOTER_SCENARIOS_ENGINE_EXPLORE_RUN_H

#include "scenarios/engine/explore_draw.h"
#include "scenarios/engine/report.h"

struct explore_options {
    const struct fakeapi_catalogue *catalogue; /* borrowed */
    bool twice;        /* and the traces compared [D1] */
    bool timeline;     /* append it, also when all is well */
    struct buf *trace; /* borrowed; NULL: none is wanted */
};

/* Plays the story of `seed` and appends what is wrong: the options, each invariant with its time
 * and object, what happened last around it, what was done to it in prose, and the command that
 * replays it. Nothing is appended when all is well. *ret_hash is the run's identity. */
enum report_verdict explore_seed(uint64_t seed, const struct explore_options *options,
                                 uint64_t *ret_hash, struct buf *out);

/* Plays a story and tells which invariant is broken first, "S1"; false: none, or it is no
 * scenario. */
bool explore_story_breaks(struct str story, uint64_t seed, const struct explore_options *options,
                          char *ret_invariant, size_t bytes);

#endif
