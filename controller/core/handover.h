/*
 * P11: a cluster changes hands between two profiles of ours. Two cannot deploy the same
 * release, and one that stops selecting a cluster withdraws from it; so whoever holds it lets
 * go first, and leaves in place what it deployed.
 *
 * Before the current stage's profile is applied, each profile that holds clusters (their
 * summaries are there, or will come) which its own stage does not select is looked at. Of those,
 *
 *   leave    what the current stage selects; of the current stage's own profile, what another
 *            stage selects
 *   are kept all others: by name, in clusterRefs, until they leave, too, or the run is complete
 *
 * and the holder goes through
 *
 *   some leave                                  HELD      -> stopMatchingBehavior: LeavePolicies
 *   its summaries do not all say so             AWAITED (not of OneTime, nor with maxUpdate)
 *   they do                                     RELEASED  -> narrowed; deleted when none stay
 *   the summaries of those that left are there  AWAITED
 *   it is narrowed, and not the current stage's NARROWED  -> stopMatchingBehavior as before
 *
 * A narrowed selector is the old one and the new one together: it reaches no new cluster.
 */
#ifndef PROMOTER_CORE_HANDOVER_H
#define PROMOTER_CORE_HANDOVER_H

#include "controller/core/promotion_view.h"

/* Sets view.handover, view.holder_stays and sight->holder, for the first profile that comes
 * first; and view.has_kept and sight->keeper. */
void view_handover(struct promotion_sight *sight);

/* The patches of spec that narrow sight->holder, give its policy back, and withdraw what
 * sight->keeper kept; owned. */
struct json *handover_narrowed(const struct promotion_sight *sight);
struct json *handover_restored(const struct promotion_sight *sight);
struct json *handover_without_kept(void);

#endif
