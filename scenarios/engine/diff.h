/*
 * What differs between two texts, line by line, as `diff -u` prints it.
 */
#ifndef PROMOTER_SCENARIOS_ENGINE_DIFF_H
#define PROMOTER_SCENARIOS_ENGINE_DIFF_H

#include "controller/base/buf.h"

#define DIFF_CONTEXT_LINES 3u
/* Where the parts that differ have more pairs of lines than this, they are shown as removed
 * and added as a whole. */
#define DIFF_PAIRS_MAX (4u << 20)

/* Appends "--- expected", "+++ actual" and the hunks; nothing when the texts are equal. A
 * missing newline at the end makes no difference. */
void diff_unified(struct str expected, struct str actual, struct buf *out);

#endif
