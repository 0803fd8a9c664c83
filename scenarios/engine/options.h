/*
 * Flags of a command line, by table: "--seed 7", "--seed=7", "-f FILE", "--" ends them.
 * What is no flag is kept in order.
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_OPTIONS_H
#define PROMOTER_SCENARIOS_ENGINE_OPTIONS_H

#include "controller/base/buf.h"
#include "controller/base/err.h"

enum option_type {
    OPTION_FLAG,     /* bool; takes no argument */
    OPTION_TEXT,     /* const char * */
    OPTION_TEXTS,    /* struct option_texts; may be given again and again */
    OPTION_SEED,     /* struct option_seed */
    OPTION_COUNT,    /* unsigned */
    OPTION_TIME,     /* int64_t ms, RFC 3339 */
    OPTION_DURATION, /* int64_t ms, not negative */
};

struct option_seed {
    bool given;
    uint64_t value;
};

#define OPTION_TEXTS_MAX 64u

struct option_texts {
    const char *items[OPTION_TEXTS_MAX];
    size_t count;
};

struct option {
    const char *name;     /* "--seed" */
    const char *brief;    /* "-f", or NULL */
    const char *argument; /* "N" in the usage; NULL for a flag */
    enum option_type type;
    size_t offset; /* of the field within the target */
    const char *purpose;
};

/* What is not a flag; borrowed from argv. */
struct operands {
    const char **items; /* owned array */
    size_t count;
};

/* Reads argv[0 ... argc-1] into `target`. ERR_TYPE with a message; the operands are then empty. */
NODISCARD enum err options_parse(int argc, char **argv, const struct option *options,
                                 size_t option_count, void *target, struct operands *ret_operands,
                                 struct errmsg *msg);
void operands_release(struct operands *operands);
/* One aligned line per option. */
void options_print(const struct option *options, size_t option_count, struct buf *out);

#endif
