/*
 * What may be odd about stages and their profiles without anything waiting for it: clusters in
 * two stages (D23), profiles of no stage (D13), finished stages that fail again (D15), fields
 * of others in profiles of ours (P2). People are told by Events.
 */
#ifndef PROMOTER_CORE_STAGE_CONDITIONS_H
#define PROMOTER_CORE_STAGE_CONDITIONS_H

#include "controller/core/promotion_view.h"

/* "ns/x (qa and prod), ns/y (qa and prod) and 3 more"; empty: no cluster is selected by two
 * stages; in the arena, STR_NONE when its limit was crossed. Costs a match for each stage and
 * cluster of the store. */
struct str stage_overlap_text(const struct promotion_sight *sight, struct arena *arena);

/* Profiles of ours that no stage wants and that are still there. */
struct withdrawal {
    struct str profiles;  /* in the arena: "a, b" */
    size_t profile_count;
    size_t cluster_count; /* that lose what they deployed: no stage selects them */
};
void withdrawal_find(const struct promotion_sight *sight, struct arena *arena,
                     struct withdrawal *ret_withdrawal);

/* Clusters on which a stage that was provisioned fails now; empty: none, or the stage is the
 * current one and still under judgement. */
struct str stage_regression(const struct promotion_sight *sight, size_t index,
                            struct arena *arena);

/* "spec.setRefs, spec.maxUpdate": what the profile of an entered stage holds beside all that we
 * want there; empty: nothing. */
struct str stage_foreign_fields(const struct promotion_sight *sight, size_t index,
                                struct arena *arena);

#endif
