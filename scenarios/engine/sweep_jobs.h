/*
 * Numbered pieces of work spread over processes; what each piece prints is collected in
 * the order of the numbers, so that the output does not depend on who was faster.
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_SWEEP_JOBS_H
#define PROMOTER_SCENARIOS_ENGINE_SWEEP_JOBS_H

#include "controller/base/buf.h"

#define SWEEP_JOBS_MAX 64u
#define SWEEP_REPORT_BYTES_MAX (1u << 20)

/* Does piece `index` and appends its report to `out`; nothing when all is well. */
typedef void sweep_work(void *ctx, size_t index, struct buf *out);

/* Runs pieces 0 .. count-1 in `jobs` child processes. `ret_reports` (count texts, owned,
 * NULL for empty ones) gets a sentence for a piece during which its process died; the
 * pieces that this process still had to do are then done by another. */
void sweep_jobs_run(unsigned jobs, size_t count, sweep_work *work, void *ctx, char **ret_reports);

#endif
