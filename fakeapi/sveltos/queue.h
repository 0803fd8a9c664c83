/*
 * A level-triggered work queue on virtual time: a key stands in it once, at its earliest time.
 */
#ifndef PROMOTER_FAKEAPI_SVELTOS_QUEUE_H
#define PROMOTER_FAKEAPI_SVELTOS_QUEUE_H

#include "controller/base/map.h"
#include "controller/base/timers.h"

typedef void queue_reconcile_fn(void *ctx, struct str key);

struct queue {
    struct timers *timers; /* borrowed */
    queue_reconcile_fn *reconcile;
    void *ctx;
    struct map entries;
};

void queue_init(struct queue *queue, struct timers *timers, queue_reconcile_fn *reconcile,
                void *ctx);
void queue_release(struct queue *queue);
void queue_clear(struct queue *queue);
/* Runs the key at `at_ms` or, when it is waiting already, at the earlier of both times. */
void queue_add(struct queue *queue, struct str key, int64_t at_ms);
/* queue_add after a delay from now. */
void queue_add_after(struct queue *queue, struct str key, int64_t delay_ms);

#endif
