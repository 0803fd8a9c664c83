/*
 * Label selectors of profiles, as Sveltos reads them. Source: facts, 9.4.
 */
#ifndef PROMOTER_FAKEAPI_SVELTOS_CLUSTER_SELECTOR_H
#define PROMOTER_FAKEAPI_SVELTOS_CLUSTER_SELECTOR_H

#include "controller/base/json.h"

/* An empty selector is valid and matches nothing. */
bool cluster_selector_is_valid(const struct json *selector);
/* Does a valid selector select an object with these labels (NULL: none)? */
bool cluster_selector_matches(const struct json *selector, const struct json *labels);

#endif
