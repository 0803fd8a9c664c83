/*
 * What is told of an explored story that went wrong.
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_EXPLORE_REPORT_H
#define PROMOTER_SCENARIOS_ENGINE_EXPLORE_REPORT_H

#include "scenarios/engine/explore_run.h"

/* `trace` is that of the run. */
void explore_report(const struct exploration *exploration, const struct run_result *result,
                    struct str trace, struct buf *out);

#endif
