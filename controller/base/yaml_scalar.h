/*
 * Private to base: what a plain YAML 1.1 scalar means.
 */
#ifndef PROMOTER_BASE_YAML_SCALAR_H
#define PROMOTER_BASE_YAML_SCALAR_H

#include "controller/base/json.h"

/* The value of a plain scalar. ERR_TYPE: a number that JSON cannot hold; then *ret_found
 * names it. */
NODISCARD enum err yaml_scalar_resolve(struct str text, struct json **ret_value,
                                       const char **ret_found);

#endif
