/*
 * `promosim preview`: what a ClusterPromotion will do to a fleet, and when.
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_PREVIEW_H
#define PROMOTER_SCENARIOS_ENGINE_PREVIEW_H

#include "scenarios/engine/scenario.h"

#define PREVIEW_UNTIL_MS (INT64_C(720) * 3600 * 1000)
/* A deployment, where the fleet file says nothing about the world. */
#define PREVIEW_TAKES_MIN_MS 5000
#define PREVIEW_TAKES_MAX_MS 90000

struct preview {
    const char *manifest_path;
    const char *fleet_path;
    int64_t start_ms;
    int64_t until_ms; /* since the start */
    uint64_t seed;
};

/* Appends the timeline, a line for each transition, and how it ended. ERR_NONE also when the
 * promotion does not complete. Errors have a message "path:line:column: ...". */
NODISCARD enum err preview_run(const struct preview *preview, struct buf *out, struct errmsg *msg);

#endif
