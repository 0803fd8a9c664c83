/*
 * The list of transitions as people read it: by time, totals known from the beginning.
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_TIMELINE_H
#define PROMOTER_SCENARIOS_ENGINE_TIMELINE_H

#include "scenarios/engine/transitions.h"

/* transitions_collect, then for the reader's sake: a stage is entered before it waits, what
 * follows a time that was rounded up (P13) does not seem to come before it, and a stage whose
 * ClusterSummaries are still to be made shows how many there will be. */
void timeline_collect(const struct fakeapi *api, struct transitions *ret_transitions);

/* One a line: offset, stage, what happened, clusters; separated by single spaces. With several
 * promotions the stage is PROMOTION/STAGE. */
void timeline_print(const struct fakeapi *api, int64_t start_ms, struct buf *out);

bool timeline_has_several_promotions(const struct transitions *transitions);
/* "staging", "-" without a stage; `with_promotion`: "rollout/staging"; appended. */
void timeline_print_stage(const struct transition *transition, bool with_promotion,
                          struct buf *out);

#endif
