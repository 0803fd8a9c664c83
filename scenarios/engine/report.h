/*
 * What `promosim run` tells people: one aligned line for each scenario, what differed and how
 * to see it again, and the sum. The only reader of a real clock in the simulator.
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_REPORT_H
#define PROMOTER_SCENARIOS_ENGINE_REPORT_H

#include "scenarios/engine/run.h"

struct report {
    FILE *out;
    bool quiet;     /* only what failed, and the sum */
    int name_width; /* of the longest name */
    unsigned passed;
    unsigned failed;
    unsigned invalid;  /* of the failed: the scenario itself was wrong */
    unsigned unstable; /* of the failed: two runs of one seed differed */
};

/* One scenario that was played. */
struct report_entry {
    const struct scenario *scenario;
    const struct run_result *result;
    uint64_t seed;
    struct sim_crash crash;
    uint64_t second_hash;  /* of the second run with the same seed */
    const char *error;     /* why it could not be judged; NULL: it was */
    int64_t wall_us;       /* of the first run */
};

/* Microseconds of a clock that never goes back. */
int64_t report_wall_us(void);
void report_entry_print(struct report *report, const struct report_entry *entry);
/* "N passed, N failed". */
void report_summary(const struct report *report);
/* 0 all passed, 1 an expectation failed, 2 an invalid file, 3 two runs differed. */
int report_exit_code(const struct report *report);

#endif
