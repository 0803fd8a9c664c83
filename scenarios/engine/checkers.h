/*
 * The judge: safety and quiet invariants S1..S9, S11 and L1 (S10 is about leases), looked up in
 * the audit log, the world's records of real deployments and the transport's record of
 * what was in flight; never by calling anything of the controller's.
 *
 *   checkers_order.c    S1 stage order
 *   checkers_gates.c    S2 delays, S3 approvals, S7 no regress
 *   checkers_windows.c  S2 windows
 *   checkers_settled.c  L1 an end, or a true reason to wait
 *   checkers_writes.c   S4 one in flight, S5 preconditions, S8 no idle writes, L1 quiet
 *   checkers_fields.c   S6 only our objects, S9 only our fields
 *   checkers_losses.c   S11 no cluster loses its deployment
 *
 * H1 (memory at rest) needs the run to be over: mem_live_blocks around sim_free.
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_CHECKERS_H
#define PROMOTER_SCENARIOS_ENGINE_CHECKERS_H

#include "fakeapi/sveltos/world.h"
#include "scenarios/engine/transport_sim.h"

struct violation {
    const char *invariant; /* "S1": static */
    int64_t at_ms;
    char *object; /* owned: "ClusterProfile/rollout-production" */
    char *text;   /* owned: what was expected, what was found */
};

#define VERDICT_VIOLATIONS_MAX 100u /* further ones are only counted */

struct verdict {
    struct violation *items;
    size_t count; /* of items */
    size_t capacity;
    size_t total; /* found */
};

/* All borrowed. */
struct evidence {
    const struct fakeapi *api;
    const struct world *world;                 /* NULL: nothing was ever deployed */
    const struct transport_record *exchanges;  /* S4; in order of submission */
    size_t exchange_count;
    bool by_told; /* each writer is judged by what it had been told (transport_record.h) */
    const int64_t *wakeups_ms;                 /* L1: wall times of the controller's own wake-ups */
    size_t wakeup_count;
    struct str user_agent;                     /* begins that of every replica in the audit log */
    int64_t quiet_from_ms; /* from here on it must be at rest; KTIME_NEVER: not judged */
    int64_t now_ms;
};

/* Appends what it finds, ordered by invariant, then time. `verdict` is zeroed or in use. */
void checkers_run(const struct evidence *evidence, struct verdict *verdict);
/* The invariants that one can be asked for, in order, NULL at the end: "S1" ... "L1". */
extern const char *const checker_names[];
/* One sentence about what an invariant promises; NULL: no such invariant. */
const char *checker_promise(struct str name);
/* As checkers_run, for one invariant only. False: no such invariant. */
bool checkers_run_one(struct str name, const struct evidence *evidence, struct verdict *verdict);
void verdict_release(struct verdict *verdict);
/* "S1 at +5m0.250s ClusterProfile/x: expected ..., found ..." and newline, each; `start_ms` is
 * what offsets count from. */
void verdict_print(const struct verdict *verdict, int64_t start_ms, struct buf *out);

#endif
