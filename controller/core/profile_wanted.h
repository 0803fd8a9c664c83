/*
 * What a ClusterProfile of a stage shall be, whether one is ours, and as we want it.
 */
#ifndef PROMOTER_CORE_PROFILE_WANTED_H
#define PROMOTER_CORE_PROFILE_WANTED_H

#include "controller/core/profile.h"
#include "controller/core/promotion_decide.h"

/* Ours: an ownerReference with the promotion's uid, or the promotion's label and its
 * uid in promoter.dev/owner-uid (P10) [S6]. */
bool profile_is_ours(const struct profile *profile, const struct promotion *promotion);

/* By our annotation, which every apply of ours carries. */
bool profile_has_owner_uid(const struct profile *profile, const struct promotion *promotion);

/* The spec of a stage's profile in a role, as sent: the fields of profileSpec as written,
 * the selector, the checks; owned. */
struct json *wanted_spec(const struct promotion *promotion, const struct stage_spec *stage,
                         enum profile_role role);

/* Fills stages[index].wanted[role]. False: its checks cannot be decoded; the message starts
 * with their path. */
bool wanted_profile_read(struct promotion *promotion, size_t index, enum profile_role role,
                         struct errmsg *msg);

/* What promoter.dev/configuration says of a profile of a stage to which `spec` is applied. */
void configuration_print(const struct stage_spec *stage, enum profile_role role,
                         const struct json *spec, char ret_text[CONFIGURATION_BYTES]);

/* True when others changed the spec since we applied it, or we never did. */
bool profile_was_edited(const struct profile *profile);

/* True when we applied the stage's present configuration last, and nobody changed it since. */
bool profile_holds_applied(const struct profile *profile, const struct stage_spec *stage);

/* Where a profile stands that is wanted in a role; NULL is absent. Decisions P2, P10, D17. */
enum profile_standing profile_standing(const struct profile *profile,
                                       const struct promotion *promotion,
                                       const struct stage_spec *stage, enum profile_role role);

#endif
