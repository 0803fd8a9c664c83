/*
 * Objects at rest: one immutable, counted record per version of an object, a
 * collection per served resource with its history of changes, one counter of
 * resourceVersions for all.
 */
#ifndef PROMOTER_FAKEAPI_STORE_H
#define PROMOTER_FAKEAPI_STORE_H

#include "controller/base/json.h"
#include "controller/base/map.h"

#define STORE_KEY_BYTES_MAX 520u /* a namespace and a name of 253 bytes and what divides them */

/* One version of one object, shared by the store, its history, watches and the audit log. */
struct record {
    unsigned refs;
    uint32_t form; /* which version and schema the object is shown by (form.h) */
    uint64_t resource_version;
    const struct json *object; /* owned; members sorted, so that its text is canonical */
    char *text;          /* owned; printed when first asked for */
    size_t text_len;
};

/* Takes `object` over; it names its resourceVersion already. One reference. */
struct record *record_create(struct json *object, uint64_t resource_version);
struct record *record_ref(struct record *record); /* NULL is fine */
void record_unref(struct record *record);         /* NULL is fine */
struct str record_text(struct record *record);    /* compact JSON, borrowed from the record */

/* A name that is or was in use. Slots stay when objects go: they count the lives of a name. */
struct slot {
    char *name_space; /* owned; "" for cluster-scoped objects */
    char *name;       /* owned */
    struct record *current; /* NULL: no such object now */
    unsigned created_count;
};

/* One change. before NULL: came into being; after NULL: left the store. */
struct event {
    uint64_t resource_version;
    const struct slot *slot;
    struct record *before;
    struct record *after;
    char *departed_text; /* owned; `before` under this event's version, printed when asked for */
    size_t departed_len;
};

struct fakeapi_watch;

struct collection {
    struct map slots; /* "namespace/name" to slot */
    struct slot **sorted;
    size_t slot_count;
    size_t sorted_count; /* slots behind it were added since the last sorting */
    size_t slot_capacity;
    size_t object_count;
    struct event *events; /* a ring of event_capacity, a power of two */
    size_t event_capacity;
    uint64_t first_sequence; /* of the oldest event kept */
    uint64_t end_sequence;   /* of the next event */
    uint64_t floor_version;  /* what happened up to here may be forgotten */
    struct fakeapi_watch *watches;
    struct map generated; /* prefixes of generated names, counted */
};

void collection_init(struct collection *collection, uint64_t floor_version);
void collection_release(struct collection *collection);

/* NULL when the name was never used. */
struct slot *collection_find(const struct collection *collection, struct str name_space,
                             struct str name);
/* Finds or makes the slot. The name fits the key limit. */
struct slot *collection_slot(struct collection *collection, struct str name_space, struct str name);
/* All slots by namespace and name; borrowed until the next change of the collection. */
struct slot **collection_sorted(struct collection *collection, size_t *ret_count);
/* The index of the first sorted slot that is not before namespace/name. */
size_t collection_lower_bound(struct slot **sorted, size_t count, struct str name_space,
                              struct str name);

/* Puts `after` (a reference of the caller's is taken over; NULL: removal) in the slot and
 * appends the event; beyond `history_max` events the oldest is forgotten. */
struct event *collection_commit(struct collection *collection, struct slot *slot,
                                struct record *after, uint64_t resource_version,
                                size_t history_max);
struct event *collection_event(const struct collection *collection, uint64_t sequence);
/* The sequence of the first kept event newer than the version. */
uint64_t collection_sequence_after(const struct collection *collection, uint64_t resource_version);
void collection_compact(struct collection *collection, uint64_t resource_version);

/* Fills `undone` (an initialised map): the first event of each slot after the version, which
 * the history must reach back to. Valid until the next change. */
void collection_undo(const struct collection *collection, uint64_t resource_version,
                     struct map *undone);
/* What the slot held at the version that `undone` was filled for; NULL: nothing. Borrowed. */
struct record *collection_record_at(const struct slot *slot, const struct map *undone);

/* "before" as a watch shows it when it leaves: the old content under the event's version. */
struct str event_departed_text(struct event *event);

#endif
