/*
 * Objects at rest: one immutable, counted record per version of an object, a
 * collection per served resource with its history of changes, one counter of
 * resourceVersions for all.
 *
 * Memory: what is stored, and beside it
 *   - the history: a number of events per collection and an amount of bytes over all of them; what
 *     an event keeps alive is counted (fakeapi.h names the limits);
 *   - printed texts (text_cache.h) and parts that objects share (json_seal.h);
 *   - names that are gone: as long as the history speaks of them;
 *   - prefixes of generated names: 1,024 per collection.
 */
#ifndef PROMOTER_FAKEAPI_STORE_H
#define PROMOTER_FAKEAPI_STORE_H

#include "controller/base/json.h"
#include "controller/base/map.h"

#include "fakeapi/text_cache.h"

#define STORE_KEY_BYTES_MAX 520u /* a namespace and a name of 253 bytes and what divides them */

/* One version of one object, shared by the store, its history, watches and the audit log. */
struct record {
    unsigned refs;
    uint32_t form; /* which version and schema the object is shown by (form.h) */
    uint64_t resource_version;
    const struct json *object; /* owned; members sorted, so that its text is canonical */
    size_t bytes;              /* of memory, beyond what the version before has, too */
    struct cached_text *text;  /* NULL: not printed */
};

/* Takes `object` over; it names its resourceVersion already. One reference. `bytes`: what it
 * does not share with the version before. */
struct record *record_create(struct json *object, uint64_t resource_version, size_t bytes);
struct record *record_ref(struct record *record); /* NULL is fine */
void record_unref(struct record *record);         /* NULL is fine */
/* Compact JSON, borrowed until the next text is asked for. */
struct str record_text(struct text_cache *cache, struct record *record);
/* Prints the text at once if that of the version before is kept: then it costs little. */
void record_print_after(struct text_cache *cache, struct record *record,
                        const struct record *before);

/* A name that is in use, or was and is spoken of by events. */
struct slot {
    char *name_space; /* owned; "" for cluster-scoped objects */
    char *name;       /* owned */
    struct record *current; /* NULL: no such object now */
    unsigned created_count; /* lives of the name so far, and more: see first_life */
    size_t event_count;     /* kept events of it */
};

/* One change. before NULL: came into being; after NULL: left the store. */
struct event {
    uint64_t resource_version;
    struct slot *slot;
    struct record *before;
    struct record *after;
    struct record *departed; /* see event_departed */
};

struct fakeapi_watch;

struct collection {
    struct map slots; /* "namespace/name" to slot */
    struct slot **sorted;
    size_t slot_count;
    size_t sorted_count; /* slots behind it were added since the last sorting */
    size_t slot_capacity;
    size_t gone_count;     /* slots among them that are of no use any more */
    unsigned first_life;   /* what new slots count lives from, so that no life comes twice */
    size_t object_count;
    struct event *events; /* a ring of event_capacity, a power of two */
    size_t event_capacity;
    uint64_t first_sequence; /* of the oldest event kept */
    uint64_t end_sequence;   /* of the next event */
    size_t *history_bytes;   /* borrowed: of events, and of what only they keep alive */
    uint64_t floor_version;  /* what happened up to here may be forgotten */
    struct fakeapi_watch *watches;
    struct map generated; /* prefixes of generated names, counted */
    size_t generated_first; /* what new prefixes count from */
};

/* *history_bytes goes on counting what the histories of several collections take. */
void collection_init(struct collection *collection, uint64_t floor_version,
                     size_t *history_bytes);
void collection_release(struct collection *collection);

/* NULL when the name is not in use and no kept event speaks of it. */
struct slot *collection_find(const struct collection *collection, struct str name_space,
                             struct str name);
/* What a name's next life is called; the slot may be NULL. */
unsigned collection_next_life(const struct collection *collection, const struct slot *slot);
/* The number of the next name with that prefix. */
size_t collection_count_generated(struct collection *collection, struct str prefix);
/* Finds or makes the slot. The name fits the key limit. Slots found before may go. */
struct slot *collection_slot(struct collection *collection, struct str name_space, struct str name);
/* All slots by namespace and name; borrowed until a slot is added. */
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
/* NULL when nothing is kept. */
const struct event *collection_oldest(const struct collection *collection);
void collection_forget_oldest(struct collection *collection);
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
struct record *event_departed(struct event *event);

#endif
