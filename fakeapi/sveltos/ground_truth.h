/*
 * What was really deployed where and when, whatever statuses say.
 */
#ifndef PROMOTER_FAKEAPI_SVELTOS_GROUND_TRUTH_H
#define PROMOTER_FAKEAPI_SVELTOS_GROUND_TRUTH_H

#include "fakeapi/sveltos/items.h"

struct ground_truth {
    struct world_deployment **records; /* each with its texts behind it */
    size_t count;
    size_t capacity;
    struct items items;
};

/* Copies the record. */
void ground_truth_add(struct ground_truth *truth, const struct world_deployment *deployment);
void ground_truth_release(struct ground_truth *truth);

#endif
