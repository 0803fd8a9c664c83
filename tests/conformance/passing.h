/*
 * The ratchet: how many steps of each conversation were answered right when the file was last
 * updated. The numbers may rise, never fall.
 */
#ifndef PROMOTER_TESTS_CONFORMANCE_PASSING_H
#define PROMOTER_TESTS_CONFORMANCE_PASSING_H

#include "controller/base/buf.h"
#include "controller/base/err.h"
#include "controller/base/map.h"

/* Counts by conversation ("apply/02-conflicts"). */
struct passing {
    struct map counts;
};

/* Reads lines of "HELD COMPARED NAME"; empty lines and those with '#' are comments. */
NODISCARD enum err passing_read(struct str text, struct passing *ret_passing, struct errmsg *msg);
void passing_release(struct passing *passing);
/* How many steps of that conversation must hold; 0 for one that is not listed. */
unsigned passing_required(const struct passing *passing, struct str name);
/* The lines of a new file. */
void passing_print_head(struct buf *out);
void passing_print(struct str name, unsigned held, unsigned compared, struct buf *out);

#endif
