/*
 * The cache of what the API server holds: projections by key, and by group.
 * Filled by the reflectors only; read by views. Objects are borrowed from it
 * until the next change.
 */
#ifndef PROMOTER_CORE_STORE_H
#define PROMOTER_CORE_STORE_H

#include "controller/base/map.h"
#include "controller/core/object.h"

struct store {
    struct map objects[KUBE_RESOURCE_COUNT]; /* "namespace/name" or "name" -> struct stored */
    struct map groups[KUBE_RESOURCE_COUNT];  /* group -> struct map of key -> struct object */
};

/* Told of each change: `before` NULL when the object is new, `after` NULL when it
 * is gone. Both are borrowed for the call. */
struct store_listener {
    void *ctx;
    void (*changed)(void *ctx, const struct object *before, const struct object *after);
};

void store_init(struct store *store);
void store_release(struct store *store);

/* Puts `object` (owned by the store from now on) as seen in list number `epoch`. An
 * older resourceVersion of the same uid than the stored one only renews the epoch. */
void store_put(struct store *store, struct object *object, uint64_t epoch,
               const struct store_listener *listener);
/* Absent is fine. */
void store_remove(struct store *store, enum kube_resource resource, struct str key,
                  const struct store_listener *listener);
/* Removes what list number `epoch` did not hold. */
void store_sweep(struct store *store, enum kube_resource resource, uint64_t epoch,
                 const struct store_listener *listener);

/* NULL when absent. */
const struct object *store_get(const struct store *store, enum kube_resource resource,
                               struct str key);
/* To note beside an object what was learned of it. */
struct object *store_find(struct store *store, enum kube_resource resource, struct str key);
/* The first object for NULL, NULL at the end; in order of arrival. */
const struct object *store_next(const struct store *store, enum kube_resource resource,
                                const struct map_entry **cursor);
/* The objects of a group (values: struct object); NULL when there are none. */
const struct map *store_group(const struct store *store, enum kube_resource resource,
                              struct str group);

/* Appends an object's key. */
void store_key(const struct meta *meta, struct buf *out);
#define STORE_KEY_BYTES_MAX 600u /* two names of 253 bytes and a slash */

#endif
