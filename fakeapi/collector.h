/*
 * The garbage collector that a server may have within itself, over all kinds: what loses its
 * last owner is deleted, and the finalizers of foreground and orphaning deletion are served.
 * It works at the end of the request that gave it cause. An owner that was never there counts
 * as there: only a deletion gives cause.
 * Source: Kubernetes documentation, "Garbage Collection", "Owners and Dependents".
 */
#ifndef PROMOTER_FAKEAPI_COLLECTOR_H
#define PROMOTER_FAKEAPI_COLLECTOR_H

#include "fakeapi/server.h"

struct collector;

struct collector *collector_create(void);
void collector_free(struct collector *collector); /* NULL is fine */
/* What a slot held before and after a change; NULL: nothing. */
void collector_note(struct collector *collector, struct resource *resource, struct slot *slot,
                    const struct record *before, const struct record *after);
/* Does all that there is cause for. */
void collector_run(struct fakeapi *api);

#endif
