/*
 * What `promosim run` tells people: one aligned line for each scenario, what differed and how
 * to see it again, and the sum. The only reader of a real clock in the simulator.
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_REPORT_H
#define PROMOTER_SCENARIOS_ENGINE_REPORT_H

#include "scenarios/engine/run.h"

enum report_verdict {
    REPORT_PASSED,
    REPORT_FAILED,
    REPORT_INVALID,  /* the scenario itself was wrong */
    REPORT_UNSTABLE, /* two runs of one seed differed */
    REPORT_DIED,     /* its process ended without a word */
};

struct report {
    unsigned passed;
    unsigned failed;
    unsigned invalid, unstable, died; /* of the failed */
};

/* One scenario that was played. */
struct report_entry {
    const struct scenario *scenario;
    const struct run_result *result;
    uint64_t seed;
    struct sim_crash crash;
    const char *fault;     /* of the command line; NULL: none */
    uint64_t second_hash;  /* of the second run with the same seed */
    const char *error;     /* why it could not be judged; NULL: it was */
    int64_t wall_us;       /* of the first run */
};

/* Microseconds of a clock that never goes back. */
int64_t report_wall_us(void);
/* Appends the line, its name as wide as `name_width`, and what differed. `quiet`: nothing about
 * what passed. */
enum report_verdict report_entry_print(const struct report_entry *entry, int name_width,
                                       bool quiet, struct buf *out);
void report_count(struct report *report, enum report_verdict verdict);
/* 0 all passed, 1 an expectation failed, 2 an invalid file, 3 two runs differed, 70 one died. */
int report_exit_code(const struct report *report);

#endif
