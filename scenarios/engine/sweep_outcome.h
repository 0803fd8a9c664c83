/*
 * What a run came to, so that two can be compared: the last state of every object,
 * what the controller effectively wrote to each, and when what happened.
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_SWEEP_OUTCOME_H
#define PROMOTER_SCENARIOS_ENGINE_SWEEP_OUTCOME_H

#include "scenarios/engine/checkers.h"
#include "scenarios/engine/sweep_mask.h"
#include "scenarios/engine/transitions.h"

struct outcome {
    struct map objects; /* masked struct json by "Kind/namespace/name", in order of creation */
    struct map events;  /* our own Events, by what they say */
    struct map writes;  /* struct outcome_writes by the same */
    struct transitions transitions;
    struct verdict verdict;
    int64_t start_ms;
};

/* Of the controller's, that changed something. */
struct outcome_writes {
    unsigned creates, updates, deletes;
};

void outcome_collect(const struct mask *mask, const struct sim *sim, struct outcome *ret_outcome);
void outcome_release(struct outcome *outcome);
/* Appends what is different in `actual`, as lines "- undisturbed" and "+ with the crash" under
 * one heading for each object. Nothing is appended when they agree. */
void outcome_compare(const struct outcome *expected, const struct outcome *actual,
                     struct buf *out);
/* The same for the last state of the objects and the invariants alone: who could not see for a
 * while has told other Events. */
void outcome_compare_end(const struct outcome *expected, const struct outcome *actual,
                         struct buf *out);

#endif
