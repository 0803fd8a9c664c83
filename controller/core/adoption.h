/*
 * Taking over a profile that Sveltos v1.13 applied: what it holds is compared by content,
 * for no annotation of ours tells (P4), and the first apply changes nothing but whose the
 * fields are.
 *
 * Equal content: as Go's types render it, so zero values and defaults do not count; lists in
 * any order, for Sveltos' hash did not see it and v1.13 did not propagate it; the gate checks
 * that v1.13 appended under the manager `manager` left aside (B15).
 */
#ifndef PROMOTER_CORE_ADOPTION_H
#define PROMOTER_CORE_ADOPTION_H

#include "controller/core/profile.h"
#include "controller/core/promotion.h"

/* True when no annotation of ours that we can read says what was applied. */
bool profile_is_unclaimed(const struct profile *profile);

/* True when a profile's content is what a stage wants in a role. The selector is not looked at. */
bool profile_has_content(const struct profile *profile, const struct promotion *promotion,
                         const struct stage_spec *stage, enum profile_role role);

/* True when a profile selects what its stage does. */
bool profile_has_selector(const struct profile *profile, const struct stage_spec *stage);

/* True when `spec`, which asks for no health checks, leaves those in that v1.13 appended: they
 * are `manager`'s, and go only when they are taken over as an empty list first. */
bool profile_keeps_old_checks(const struct profile *profile, const struct json *spec);

/* Brings the lists of `spec` into the order that the profile has them in; a list with other
 * items stays. */
void spec_follow_order(struct json *spec, const struct profile *profile);

/* As json_equal, but two arrays may have their items in any order. */
bool json_equal_but_order(const struct json *a, const struct json *b);

#endif
