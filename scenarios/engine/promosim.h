/*
 * The subcommands of `promosim`. Exit codes: 0 all is well, 1 an expectation failed,
 * 2 usage or an invalid file, 3 two runs of the same seed differed, 64 and above internal.
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_PROMOSIM_H
#define PROMOTER_SCENARIOS_ENGINE_PROMOSIM_H

#include "controller/base/base.h"

#define PROMOSIM_VERSION "0.1.0"

enum promosim_exit {
    PROMOSIM_OK = 0,
    PROMOSIM_FAILED = 1,
    PROMOSIM_INVALID = 2,
    PROMOSIM_UNSTABLE = 3,
    PROMOSIM_DIED = 70, /* as EX_SOFTWARE: a process of ours ended without a word */
    PROMOSIM_IO = 74, /* as EX_IOERR: a file could not be written */
};

/* argv without the program's and the subcommand's name. They print to out and errors. */
int promosim_run(int argc, char **argv, FILE *out, FILE *errors);
int promosim_preview(int argc, char **argv, FILE *out, FILE *errors);
int promosim_sweep(int argc, char **argv, FILE *out, FILE *errors);
int promosim_explore(int argc, char **argv, FILE *out, FILE *errors);
int promosim_explain(int argc, char **argv, FILE *out, FILE *errors);
int promosim_eval(int argc, char **argv, FILE *out, FILE *errors);

#endif
