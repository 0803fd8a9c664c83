/*
 * Kubernetes' garbage collector over the kinds that the world knows: deletes objects whose
 * owners are all gone, and serves the finalizers of foreground and orphaning deletion.
 * Source: Kubernetes documentation, "Garbage Collection", "Owners and Dependents".
 */
#ifndef PROMOTER_FAKEAPI_SVELTOS_GC_H
#define PROMOTER_FAKEAPI_SVELTOS_GC_H

#include "fakeapi/sveltos/groups.h"
#include "fakeapi/sveltos/informer.h"
#include "fakeapi/sveltos/queue.h"

#define GC_KIND_COUNT 4

struct gc;

struct gc_watch {
    struct gc *gc;
    struct informer informer; /* metadata only */
    struct queue queue;       /* keys of objects of this kind */
};

struct gc {
    struct client client;
    struct gc_watch watches[GC_KIND_COUNT];
    struct groups dependents; /* "KIND NAMESPACE/NAME" -> gc_watch, by the owner's uid */
};

void gc_init(struct gc *gc, struct fakeapi *api, struct timers *timers);
void gc_release(struct gc *gc);
void gc_start(struct gc *gc);

#endif
