/*
 * Where two JSON trees differ, one line per place.
 */
#ifndef PROMOTER_TESTS_CONFORMANCE_DIFFERENCES_H
#define PROMOTER_TESTS_CONFORMANCE_DIFFERENCES_H

#include "controller/base/json.h"

/* Appends a text per difference to the array `lines`; both trees are borrowed. */
void differences_find(const struct json *want, const struct json *got, struct json *lines);

#endif
