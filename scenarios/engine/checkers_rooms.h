/*
 * Between the files of the judge: what each invariant's check is called, and how
 * a check says what it found.
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_CHECKERS_ROOMS_H
#define PROMOTER_SCENARIOS_ENGINE_CHECKERS_ROOMS_H

#include "scenarios/engine/checkers.h"

typedef void checker_fn(const struct evidence *evidence, struct verdict *verdict);

checker_fn check_stage_order;      /* S1, checkers_order.c */
checker_fn check_delays;           /* S2, checkers_gates.c */
checker_fn check_windows;          /* S2, checkers_windows.c */
checker_fn check_approvals;        /* S3, checkers_gates.c */
checker_fn check_no_regress;       /* S7 */
checker_fn check_one_in_flight;    /* S4, checkers_writes.c */
checker_fn check_preconditions;    /* S5 */
checker_fn check_writes_matter;    /* S8 */
checker_fn check_quiet;            /* L1 */
checker_fn check_settled;          /* L1, checkers_settled.c */
checker_fn check_only_our_objects; /* S6, checkers_fields.c */
checker_fn check_only_our_fields;  /* S9 */
checker_fn check_no_losses;        /* S11, checkers_losses.c */

/* How long what was written may be unknown to the controller without its fault: two
 * latencies and a step. Facts younger than this are not held against it. */
#define TOLD_MS 500

/* Takes `object` over. */
void verdict_add(struct verdict *verdict, const char *invariant, int64_t at_ms, char *object,
                 const char *format, ...) PRINTF_LIKE(5, 6);
/* "ClusterProfile/rollout-qa", "ClusterSummary/ns/name"; owned. */
char *audit_object(const struct fakeapi_audit *audit);
bool audit_is_controllers(const struct evidence *evidence, const struct fakeapi_audit *audit);
/* Neither the controller's nor Sveltos' nor the garbage collector's. */
bool audit_is_persons(const struct evidence *evidence, const struct fakeapi_audit *audit);
bool audit_is_write(const struct fakeapi_audit *audit);
bool audit_is_kind(const struct fakeapi_audit *audit, const char *kind);
/* The write records that `stage` is left: the next one is entered, or all is complete. */
bool audit_leaves_stage(const struct fakeapi_audit *audit, struct str stage);
/* The promotion that a write is about: its own name, a profile's label, what an Event is
 * regarding; STR_NONE. */
struct str audit_promotion(const struct fakeapi_audit *audit);

#endif
