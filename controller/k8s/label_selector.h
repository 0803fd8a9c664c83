/*
 * metav1.LabelSelector, as Sveltos evaluates it: an empty selector matches
 * nothing, an invalid one is an error.
 * Source: Kubernetes API Reference, LabelSelector.
 */
#ifndef PROMOTER_K8S_LABEL_SELECTOR_H
#define PROMOTER_K8S_LABEL_SELECTOR_H

#include "controller/base/err.h"
#include "controller/base/json.h"

/* ERR_INVALID with a sentence such as `"in" is not a valid label selector operator`.
 * NULL is the empty selector. */
NODISCARD enum err label_selector_check(const struct json *selector, struct errmsg *msg);

/* True when `labels` (an object of strings, or NULL) match. The selector has passed
 * label_selector_check; an empty one matches nothing. */
bool label_selector_matches(const struct json *selector, const struct json *labels);

#endif
