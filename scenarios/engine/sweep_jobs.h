/*
 * Workers that all walk the same way, and branch off into a process of its own at each of
 * the numbered pieces that are theirs. What the pieces report is collected in the order of
 * their numbers, so that the output does not depend on who was faster.
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_SWEEP_JOBS_H
#define PROMOTER_SCENARIOS_ENGINE_SWEEP_JOBS_H

#include "controller/base/buf.h"

#define SWEEP_JOBS_MAX 64u
#define SWEEP_REPORT_BYTES_MAX (1u << 20)

struct sweep_worker; /* one process that walks */

/* Walks, and calls sweep_branch at each piece. Runs in a child process. */
typedef void sweep_walk(void *ctx, struct sweep_worker *worker);

/* True in a new process, which does piece `index` and ends with sweep_branch_end. False in
 * the worker itself, when that process has ended, or at once when the piece is another's. */
bool sweep_branch(struct sweep_worker *worker, size_t index);
/* An empty report: all is well. */
NORETURN void sweep_branch_end(struct sweep_worker *worker, const struct buf *report);

/* Runs `jobs` workers over the pieces 0 .. count-1. `ret_reports` (count texts, owned, NULL for
 * empty ones) gets a sentence for a piece whose process died, or that no walk came to. */
void sweep_jobs_run(unsigned jobs, size_t count, sweep_walk *walk, void *ctx, char **ret_reports);

#endif
