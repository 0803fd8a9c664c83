/*
 * Which features a change of a profile makes Sveltos deploy again, and how a
 * summary can prove that it did: the annotation promoter.dev/redeploys (P7).
 */
#ifndef PROMOTER_CORE_REDEPLOYS_H
#define PROMOTER_CORE_REDEPLOYS_H

#include "controller/base/ktime.h"
#include "controller/core/profile.h"
#include "controller/core/store.h"

/* What the annotation shall say when `profile` gets the spec `wanted`: an object of
 * feature to time or "unsettled"; owned. Empty: nothing is deployed again. */
struct json *redeploys_of_change(const struct store *store, const struct profile *profile,
                                 const struct json *wanted, struct ktime now);

#endif
