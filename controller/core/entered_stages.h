/*
 * Which configuration the entered stages have, and how many of them stay: D12, P4, P5.
 *
 * While no entered stage's profile carries our annotation, Sveltos v1.13 entered them all, and
 * its hashes prove nothing: it stored them before it applied, and even when that failed (B01).
 * Then the profiles' content tells, and it tells, too, when hashes were made by another version
 * of the schema (B38).
 */
#ifndef PROMOTER_CORE_ENTERED_STAGES_H
#define PROMOTER_CORE_ENTERED_STAGES_H

#include "controller/core/promotion_view.h"

/* Sets kept_count, configuration_recorded, configuration_deployed and unclaimed; the profiles of
 * all stages have been found. */
void view_entered_stages(struct promotion_sight *sight);

/* Sets completion_unproven: a lastPromotionTime that v1.13 wrote when it entered a stage (P14).
 * False: the arena's limit was crossed. */
bool view_old_completion(struct promotion_sight *sight, struct ktime now, struct arena *arena);

#endif
