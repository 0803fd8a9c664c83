/*
 * The merge patches of status.
 */
#ifndef PROMOTER_CORE_STATUS_PATCH_H
#define PROMOTER_CORE_STATUS_PATCH_H

#include "controller/core/promotion_view.h"

/* The value of `status` in the patch of START, CUT_STAGES, RECORD_STAGES, SAY, ADVANCE or
 * COMPLETE; owned. */
struct json *status_patch_of(const struct promotion_sight *sight, const struct decision *decision,
                             struct ktime now);

#endif
