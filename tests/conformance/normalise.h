/*
 * What differs from run to run is replaced by placeholders, and what a server leaves to clock
 * and chance is put in order, so that a recorded answer and a fresh one can be compared.
 */
#ifndef PROMOTER_TESTS_CONFORMANCE_NORMALISE_H
#define PROMOTER_TESTS_CONFORMANCE_NORMALISE_H

#include <regex.h>

#include "controller/base/json.h"

#define NORMALISE_PATTERNS 8

struct normaliser {
    regex_t patterns[NORMALISE_PATTERNS]; /* in texts for people */
    regex_t age;                          /* of a table's cell */
};

void normaliser_init(struct normaliser *normaliser);
void normaliser_release(struct normaliser *normaliser);
/* A copy with uids, times, versions and random names replaced. `key` is the member that holds
 * the value (STR_NONE at the top). Without `strict` managedFields are left out. Owned. */
struct json *normalise(const struct normaliser *normaliser, const struct json *value, bool strict,
                       struct str key);

/* Sorts managedFields' entries and the causes of apply conflicts, everywhere in the tree. */
void settle(struct json *value);
/* Sorts a Status's causes, and the same list at the end of its message. */
void settle_causes(struct json *status);
/* Sorts a list by its items' texts with sorted members; equal ones keep their order. */
void settle_list(struct json *array);
/* Sorts "299 - "a", 299 - "b"" ; owned. */
struct json *settle_warnings(struct str warnings);

#endif
