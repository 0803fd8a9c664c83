/*
 * Whether a ClusterProfile is ours, and as we want it.
 */
#ifndef PROMOTER_CORE_PROFILE_WANTED_H
#define PROMOTER_CORE_PROFILE_WANTED_H

#include "controller/core/profile.h"
#include "controller/core/promotion_decide.h"

/* Ours: an ownerReference with the promotion's uid, or the promotion's label and its
 * uid in promoter.dev/owner-uid (P10) [S6]. */
bool profile_is_ours(const struct profile *profile, const struct promotion *promotion);

/* Where the profile of a stage stands; NULL is absent. Decisions P2, P10, D17. */
enum profile_standing profile_standing(const struct profile *profile,
                                       const struct promotion *promotion,
                                       const struct stage_spec *stage);

#endif
