/*
 * Events go some time after their last write, without a request.
 *
 *   idle --an Event is stored--> marking --each minute--> marking
 *                                   ^      no Event left --> idle
 *
 * Each minute marks how far versions have come; what was last written before the mark of
 * EVENT_KEPT_MINUTES ago is removed. So nothing is remembered for each Event, and one is kept for
 * that long and a minute more at most.
 * Source: kube-apiserver's --event-ttl, 1h0m0s; its leases are shared within a minute, too.
 */
#ifndef PROMOTER_FAKEAPI_EVENT_EXPIRY_H
#define PROMOTER_FAKEAPI_EVENT_EXPIRY_H

#include "fakeapi/server.h"

#define EVENT_KEPT_MINUTES 60u

struct event_expiry;

struct event_expiry *event_expiry_create(struct fakeapi *api);
void event_expiry_free(struct event_expiry *expiry); /* NULL is fine */
/* An Event is in the store, which now stands at its version. NULL: Events stay. */
void event_expiry_note(struct event_expiry *expiry);

#endif
