/*
 * Which keys are to be looked at, and when: client-go's work queue. Every key in
 * the queue is dirty and not processing; a key added while it is processed is
 * dirty, and is queued once when it is done. Level, not edge: adding twice is
 * adding once.
 *
 * Source: client-go util/workqueue. Deviations: single-threaded; a key has at
 * most one delay on each clock, the later call wins.
 */
#ifndef PROMOTER_CORE_WORKQUEUE_H
#define PROMOTER_CORE_WORKQUEUE_H

#include "controller/base/heap.h"
#include "controller/base/ktime.h"
#include "controller/base/map.h"

struct work_item;

struct workqueue {
    struct map items;          /* key -> struct work_item: all keys ever added */
    struct work_item *first;   /* the queue */
    struct work_item *last;
    struct heap delayed_mono;
    struct heap delayed_wall;  /* kept apart: a jump of the wall clock moves these only */
};

void workqueue_init(struct workqueue *queue);
void workqueue_release(struct workqueue *queue);
void workqueue_add(struct workqueue *queue, struct str key);
/* Adds at a later time; KTIME_NEVER takes a planned delay back. */
void workqueue_add_at_mono(struct workqueue *queue, struct str key, int64_t mono_ms);
void workqueue_add_at_wall(struct workqueue *queue, struct str key, int64_t wall_ms);
/* Adds all whose time has come. */
void workqueue_add_due(struct workqueue *queue, struct ktime now);
/* Takes the first key, which is processing until workqueue_done; STR_NONE when empty.
 * Borrowed until workqueue_forget. */
struct str workqueue_take(struct workqueue *queue);
void workqueue_done(struct workqueue *queue, struct str key);
/* The key is gone for good; not while it is processing. */
void workqueue_forget(struct workqueue *queue, struct str key);
/* The mono time when something is to be done: now when keys are queued, KTIME_NEVER when idle. */
int64_t workqueue_next_mono_ms(const struct workqueue *queue, struct ktime now);

#endif
