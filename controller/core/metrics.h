/*
 * Where promotions stand, as gauges for Prometheus (text format 0.0.4): what explain says, for
 * alerts instead of eyes. All come from what is seen, nothing is counted up, so a restart changes
 * none of them.
 *
 *   promoter_promotion_reason{promotion,stage,state,reason}       1, of the one that holds
 *   promoter_promotion_complete{promotion}                        0 or 1 (P14)
 *   promoter_promotion_since_timestamp_seconds{promotion}         of the wait; absent: at work
 *   promoter_promotion_until_timestamp_seconds{promotion}         absent: an event ends the wait
 *   promoter_stage_entered_timestamp_seconds{promotion,stage}     absent: not entered
 *   promoter_stage_provisioned_timestamp_seconds{promotion,stage} absent: not provisioned
 *   promoter_stage_clusters{promotion,stage}                      that match and are ready
 *   promoter_stage_clusters_provisioned{promotion,stage}          of those, that have it all
 *   promoter_stage_regressed{promotion,stage}                     1: done once, now failing (D15)
 */
#ifndef PROMOTER_CORE_METRICS_H
#define PROMOTER_CORE_METRICS_H

#include "controller/base/buf.h"
#include "controller/core/explanation.h"

#define METRIC_FAMILIES 9u

/* The lines of each family, which the format wants together. */
struct metrics {
    struct buf lines[METRIC_FAMILIES];
};

void metrics_init(struct metrics *metrics);
void metrics_release(struct metrics *metrics);
void metrics_add(struct metrics *metrics, struct str promotion,
                 const struct explanation *explanation);
/* False: a family has more than METRIC_BYTES_MAX; nothing is printed. */
bool metrics_print(const struct metrics *metrics, struct buf *out);

#endif
