/*
 * What Sveltos v1.14's open build has left of its promotion controller: it adds the shared
 * finalizer, looks at each promotion every 60 s, and lets go of one that is being deleted.
 * Source: facts, 10.1, 2.7.
 *
 * Its patches replace metadata.finalizers as a whole by what its cache showed a moment before,
 * with no resourceVersion: a finalizer that somebody adds in that moment is dropped.
 */
#ifndef PROMOTER_FAKEAPI_SVELTOS_PROMOTION_STUB_H
#define PROMOTER_FAKEAPI_SVELTOS_PROMOTION_STUB_H

#include "fakeapi/sveltos/informer.h"
#include "fakeapi/sveltos/queue.h"
#include "fakeapi/sveltos/weather.h"

#define STUB_FINALIZER "config.projectsveltos.io/clusterpromotion"
#define STUB_PROMOTION_LABEL "config.projectsveltos.io/promotionname"
#define STUB_LOOKS_EVERY_MS 60000
#define STUB_RETRY_MS 10000
/* From its look into the cache to the patch at the server; drawn for each promotion. */
#define STUB_WRITE_MIN_MS 5
#define STUB_WRITE_MAX_MS 50

struct promotion_stub {
    struct client client;
    struct timers *timers;         /* borrowed */
    const struct weather *weather; /* borrowed */
    struct informer promotions;    /* keys "/NAME" */
    struct queue queue;
    struct map writes;             /* struct stub_write by key: patches on their way */
};

void promotion_stub_init(struct promotion_stub *stub, struct fakeapi *api, struct timers *timers,
                         const struct weather *weather);
void promotion_stub_release(struct promotion_stub *stub);
void promotion_stub_start(struct promotion_stub *stub);
/* As if killed: a patch on its way is never sent. */
void promotion_stub_stop(struct promotion_stub *stub);

#endif
