/*
 * Builds what promotion_decide judges from what the store holds, and keeps beside
 * it the objects that a write is made from.
 */
#ifndef PROMOTER_CORE_PROMOTION_VIEW_H
#define PROMOTER_CORE_PROMOTION_VIEW_H

#include "controller/base/arena.h"
#include "controller/core/profile.h"
#include "controller/core/promotion_decide.h"
#include "controller/core/store.h"
#include "controller/core/summary.h"
#include "controller/core/zone.h"

/* What the controller remembers about a promotion, for the time of its process only. */
struct promotion_memory {
    bool skip_empty_stages;
    struct str capi_onboard_annotation; /* empty: none is needed (D1) */
    const struct zone_source *zones; /* NULL: windows know UTC only */
    bool absence_verified;
    int64_t refused_until_ms;
    struct str refusal;
};

/* Everything here is borrowed from the store or allocated in the arena. */
struct promotion_sight {
    struct promotion_view view;
    const struct store *store;
    const struct promotion *promotion;
    struct str capi_onboard_annotation;
    const struct profile **profiles; /* by stage index; NULL: absent */
    const struct profile *check;     /* the current stage's pre-check deployment; NULL: absent */
    const struct profile *leftover;  /* the one that view.has_leftover speaks of */
    const struct profile *leftover_check;
    const struct profile *holder;    /* the one that view.handover speaks of */
    const struct profile *keeper;    /* the one that view.has_kept speaks of */
    const struct summary *unconfirmed; /* the one that view.unconfirmed speaks of */
};

/* The cluster that a summary is about; NULL when there is none (any more). */
const struct object *summary_cluster(const struct store *store, const struct summary *summary);

/* False when the arena's limit was crossed. */
bool promotion_view_build(const struct store *store, const struct promotion *promotion,
                          const struct promotion_memory *memory, struct ktime now,
                          struct arena *arena, struct promotion_sight *ret_sight);

#endif
