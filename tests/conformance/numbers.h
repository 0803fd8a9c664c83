/*
 * JSON as it was written, numbers included: a tree keeps neither 10.0 apart from 10 nor integers
 * beyond 2^53, and both matter to an API server. Such numbers travel as marked strings.
 */
#ifndef PROMOTER_TESTS_CONFORMANCE_NUMBERS_H
#define PROMOTER_TESTS_CONFORMANCE_NUMBERS_H

#include "controller/base/json.h"

/* json_parse_last_wins, with the numbers that a tree would alter as marked strings; a fraction
 * is spelt one way, so that equal ones are equal. */
NODISCARD enum err numbers_parse(struct str text, struct json **ret_value, struct errmsg *msg);
/* json_print, with marked strings as the numbers that they stand for. */
void numbers_print(const struct json *value, struct buf *out);
/* The number, marked or not; 0 for anything else. */
double numbers_value(const struct json *value);

#endif
